import { expect, test } from '@jest/globals';
import { API_ERROR_CODES, USER_ERROR_CODES } from '../../src/errors.js';
import { isTest, readSources, type Source } from './sources.js';

const CODES = [...new Set([...API_ERROR_CODES, ...USER_ERROR_CODES])];

/** The codes that no test names as a text of its own. */
function untested(codes: readonly string[], sources: readonly Source[]): string[] {
  const tests = sources.filter(({ path }) => path.endsWith('.test.ts') && isTest(path) && !path.startsWith('test/rules/'));
  return codes.filter((code) => !tests.some(({ text }) => text.includes(`'${code}'`)));
}

test('every code of src/errors.ts is met in a test', async () => {
  expect(untested(CODES, await readSources())).toEqual([]);
});

test('a code that no test names is found', () => {
  const sources = [
    { path: 'test/a.test.ts', text: `expect(code).toBe('TAKEN'); // FORBIDDEN` },
    { path: 'src/errors.ts', text: `'CONFLICT'` },
  ];
  expect(untested(['TAKEN', 'FORBIDDEN', 'CONFLICT'], sources)).toEqual(['FORBIDDEN', 'CONFLICT']);
});

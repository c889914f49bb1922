import { expect, test } from '@jest/globals';
import { parseReason } from './signal-decision.js';

test.each([
  ['x', 'x'], ['  two\nlines\t', 'two\nlines'], ['e\u0301', 'é'], ['a'.repeat(500), 'a'.repeat(500)], [` ${'a'.repeat(500)} `, 'a'.repeat(500)],
  ['', undefined], [' \n ', undefined], ['a'.repeat(501), undefined], ['a\u0000b', undefined], ['a\u001bb', undefined], ['\ud800', undefined],
])('%j is kept as %j', (text, reason) => {
  expect(parseReason(text)).toBe(reason);
});

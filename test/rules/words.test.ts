import { expect, test } from '@jest/globals';
import { codeOf, isTest, readSources, type Source } from './sources.js';

/** Settings have one door. */
function checkEnvironment({ path, text }: Source): string[] {
  if (path === 'src/settings.ts' || isTest(path)) return [];
  return /\bprocess\s*\.\s*env\b|\bprocess\s*\[|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b|from\s*'(?:node:)?process'/.test(text) ? [`${path} reads the environment: settings come from src/settings.ts`] : [];
}

/** The compiler is never told to look away. */
function checkEscapes({ path, text }: Source): string[] {
  const wrong: string[] = [];
  if (/@ts-(?:ignore|expect-error|nocheck)|(?:eslint|oxlint)-disable/.test(text)) wrong.push(`${path} silences a check`);
  if (/[:<,|&(]\s*any\b\s*[[\]>,;)|&={]|\bas\s+any\b|:\s*any\s*$/m.test(codeOf(text))) wrong.push(`${path} has an any`);
  return wrong;
}

/** The code has no plans in it. */
function checkPlans({ path, text }: Source): string[] {
  return /\b(?:TODO|FIXME|XXX|HACK)\b/.test(text) ? [`${path} has a plan in a comment`] : [];
}

/** A name says what is in it. */
function checkNames({ path, text }: Source): string[] {
  const name = path.split('/').at(-1)!.replace(/\.ts$/, '');
  const wrong: string[] = [];
  if (/(?:^|[-.])(?:utils?|commons?|helpers?|misc|dto|service|manager)(?:[-.]|$)|^(?:types?|index)$/i.test(name) || /(?:Service|Manager|Dto)$/.test(name)) wrong.push(`${path}: this name says nothing`);
  if (path.split('/').slice(0, -1).some((folder) => /^(?:utils?|commons?|helpers?|types?|services?|managers?|dtos?)$/i.test(folder))) wrong.push(`${path}: this folder's name says nothing`);
  if (!/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(name)) wrong.push(`${path}: file names are lower case with dashes`);
  for (const [, declared] of codeOf(text).matchAll(/\b(?:class|interface|type)\s+(\w+(?:Service|Manager|Dto))\s*(?:[={<]|extends\b|implements\b)/g)) wrong.push(`${path} declares ${declared}`);
  return wrong;
}

// This folder holds the planted violations.
const sources = (await readSources()).filter(({ path }) => !path.startsWith('test/rules/'));

test.each([
  ['the environment is read in the settings only', checkEnvironment],
  ['no check is silenced and nothing is any', checkEscapes],
  ['there are no plans in comments', checkPlans],
  ['names of files, folders and classes say what is in them', checkNames],
])('%s', (_, check) => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.flatMap(check)).toEqual([]);
});

test.each([
  ['gateway/a.ts', 'const port = process.env.PORT;'],
  ['gateway/a.ts', `const port = process['env'].PORT;`],
  ['gateway/a.ts', 'const { env } = process;'],
  ['gateway/a.ts', `import { env } from 'node:process';`],
])('planted in %s, %j is caught as reading the environment', (path, text) => {
  expect(checkEnvironment({ path, text })).toHaveLength(1);
});

test.each([
  ['const a: any = 1;'], ['const a = b as any;'], ['function f(a: any, b: string) {}'], ['const a: any[] = [];'], ['const a = new Map<string, any>();'], ['type A = string | any;'],
  ['let a: any'], ['// @ts-ignore'], ['// @ts-expect-error: later'], ['/* eslint-disable */'], ['// oxlint-disable-next-line'],
])('planted, %j is caught as an escape', (text) => {
  expect(checkEscapes({ path: 'src/a.ts', text })).toHaveLength(1);
});

test.each([[`const a = 'as any';`], ['/** At any time. */'], ['// of any: kind'], ['const any = 1;'], ['any(1);']])('%j is no escape', (text) => {
  expect(checkEscapes({ path: 'src/a.ts', text })).toEqual([]);
});

test.each([['// TODO later'], ['/* FIXME */']])('planted, %j is caught as a plan', (text) => {
  expect(checkPlans({ path: 'src/a.ts', text })).toHaveLength(1);
});

test.each([
  ['src/utils.ts', ''], ['src/date-utils.ts', ''], ['src/common.ts', ''], ['src/helpers.ts', ''], ['src/types.ts', ''], ['src/index.ts', ''], ['src/FirmService.ts', ''], ['src/firm-service.ts', ''],
  ['src/firm.dto.ts', ''], ['src/helpers/day.ts', ''], ['src/a.ts', 'export class FirmManager {}'], ['src/a.ts', 'export interface FirmDto {}'],
])('planted, the name %s %s is caught', (path, text) => {
  expect(checkNames({ path, text }).length).toBeGreaterThan(0);
});

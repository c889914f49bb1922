import { expect, test } from '@jest/globals';
import { nameError } from './log.js';

test.each([
  ['an id', 'no firm 019a0b1c-2d3e-7f40-8a5b-6c7d8e9f0a1b', 'no firm …'],
  ['a blind key', `key ${'a1'.repeat(32)} twice`, 'key … twice'],
  ['an address', 'nobody is camille@example.test', 'nobody is …'],
  ['a registration', 'SIREN 732829320 is known', 'SIREN … is known'],
  ['what a driver adds', 'duplicate key value violates unique constraint "mark_pkey"\n - detail: Key (subject)=(12) already exists.', 'duplicate key value violates unique constraint "mark_pkey"'],
  ['a name of the program', 'new row violates check constraint "customer_not_empty"', 'new row violates check constraint "customer_not_empty"'],
  ['an opaque id', 'conversation nBGfkL8Pz2Rk0x_Yq1-abQ', 'conversation …'],
  // As long as an opaque id.
  ['the name of a table', 'no permission for sharing_exclusion_list', 'no permission for sharing_exclusion_list'],
])('%s in an error reads so in a log', (_, message, said) => {
  expect(nameError(new Error(message))).toMatchObject({ type: 'Error', message: said });
});

test('an error keeps its kind and its place in the program, and loses what it says of a row', () => {
  const error = Object.assign(new Error('refused'), { code: '23514', table: 'cell', constraint: 'planted', detail: 'Failing row contains (1).', where: 'PL/pgSQL', cause: new Error('of 732829320') });
  const said = nameError(error) as Record<string, string>;
  expect(said).toMatchObject({ code: '23514', table: 'cell', constraint: 'planted', stack: expect.stringContaining('log.test') });
  expect(JSON.stringify(said)).not.toMatch(/Failing|PL\/pgSQL|732829320/);
});

test('what is no error is said without names too', () => {
  expect(nameError('of 732829320')).toBe('of …');
  expect(nameError(undefined)).toBe(undefined);
});

import { expect, test } from '@jest/globals';
import { readOperatorArguments } from './read-operator-arguments.js';

const WORD = ['--by', 'Claire', '--note', 'checked'];

test.each([
  ['firm list', { name: 'firm list', unverified: false }],
  ['firm list --unverified', { name: 'firm list', unverified: true }],
  ['alarms', { name: 'alarms' }],
  ['matching-key status', { name: 'matching-key status' }],
  ['releases verify', { name: 'releases verify', head: undefined }],
  [`releases verify ${'a1'.repeat(32)}`, { name: 'releases verify', head: 'a1'.repeat(32) }],
  ['report list', { name: 'report list', handled: false }],
  ['report list --handled', { name: 'report list', handled: true }],
  ['audit verify', { name: 'audit verify', head: undefined }],
])('%s is read', (given, command) => {
  expect(readOperatorArguments(given.split(' '))).toEqual(command);
});

test('who and why belong to every change', () => {
  expect(readOperatorArguments(['firm', 'verify', 'a', ...WORD])).toEqual({ name: 'firm verify', firmId: 'a', word: { by: 'Claire', why: 'checked' } });
  expect(readOperatorArguments(['firm', 'link', 'a', 'b', '--by', 'Claire', '--why', 'one group'])).toEqual({ name: 'firm link', firmId: 'a', otherFirmId: 'b', word: { by: 'Claire', why: 'one group' } });
  expect(readOperatorArguments(['report', 'export', 'r', ...WORD])).toEqual({ name: 'report export', reportId: 'r', word: { by: 'Claire', why: 'checked' } });
  expect(readOperatorArguments(['report', 'handle', 'r', ...WORD])).toEqual({ name: 'report handle', reportId: 'r', word: { by: 'Claire', why: 'checked' } });
  expect(readOperatorArguments(['matching-key', 'rotate', ...WORD])).toEqual({ name: 'matching-key rotate', word: { by: 'Claire', why: 'checked' } });
});

test.each([
  [['firm'], 'There is no command "firm".'],
  [['firm', 'burn', 'a'], 'There is no command "firm burn".'],
  [['firm', 'verify', ...WORD], 'firm verify takes the id of one firm.'],
  [['firm', 'link', 'a', ...WORD], 'firm link takes the ids of two firms.'],
  [['firm', 'verify', 'a', '--note', 'x'], 'Say --by whom.'],
  [['firm', 'verify', 'a', '--by', 'Claire'], 'Say why, in --note or --why.'],
  [['firm', 'verify', 'a', '--by', ' ', '--note', 'x'], 'Say --by whom.'],
  [['releases', 'verify', 'x'], 'releases verify takes one hash of 64 digits, or nothing.'],
  [['audit', 'verify', 'x'], 'audit verify takes one hash of 64 digits, or nothing.'],
  [['report', 'export', ...WORD], 'report export takes the id of one report.'],
  [['report', 'export', 'r', '--by', 'Claire'], 'Say why, in --note or --why.'],
  [['report', 'list', 'r'], 'report list takes nothing more.'],
  [['alarms', 'now'], 'alarms takes nothing more.'],
  [['firm', 'list', '--all'], "Unknown option '--all'."],
])('%j is refused', (given, message) => {
  expect(() => readOperatorArguments(given)).toThrow(message);
});

test.each([[[]], [['--help']], [['firm', 'verify', '-h']]])('%j asks for help', (given) => {
  expect(readOperatorArguments(given)).toBeUndefined();
});

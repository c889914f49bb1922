import { expect, test } from '@jest/globals';
import { Refusal } from '../../../src/errors.js';
import { parseLimit } from './limit-amount.js';
import { parseNote, parseReason } from './reason.js';

function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return `${error.code} ${error.path.join('.')}`;
    throw error;
  }
}

test.each<[string, string, unknown]>([
  ['0', 'EUR', 0n],
  ['1250.50', 'EUR', 125_050n],
  ['1.5', 'JPY', 'INVALID limit.amount'],
  ['1.005', 'EUR', 'INVALID limit.amount'],
  ['-0.01', 'EUR', 'INVALID limit.amount'],
  ['10000000000.00', 'EUR', 10n ** 12n],
  ['10000000000.01', 'EUR', 'INVALID limit.amount'],
  ['999999999999999999', 'EUR', 'INVALID limit.amount'],
])('a limit of %s %s', (amount, currency, expected) => {
  const got = outcome(() => parseLimit({ amount, currency }, ['limit']).minor);
  expect(got).toEqual(expected);
});

test.each<[string, string | null, unknown, unknown]>([
  ['a sentence', ' New contract \n', 'New contract', 'New contract'],
  ['nothing', null, null, 'REQUIRED reason'],
  ['spaces', '  \t', null, 'REQUIRED reason'],
  ['2,000 characters', 'x'.repeat(2000), 'x'.repeat(2000), 'x'.repeat(2000)],
  ['2,001 characters', 'x'.repeat(2001), 'INVALID reason', 'INVALID reason'],
  ['a NUL', 'a\0b', 'INVALID reason', 'INVALID reason'],
  ['half a character', 'a\ud800', 'INVALID reason', 'INVALID reason'],
])('%s as a note and as a reason', (_, text, note, reason) => {
  expect(outcome(() => parseNote(text, ['reason']))).toEqual(note);
  expect(outcome(() => parseReason(text ?? '', ['reason']))).toEqual(reason);
});

import { expect, test } from '@jest/globals';
import { parseAmount } from './parse-amount.js';

test.each([
  ['1234.56', 'EUR', 123_456n],
  ['1234', 'EUR', 123_400n],
  ['0.00', 'EUR', 0n],
  ['1.500', 'EUR', 150n], // zeros behind the last digit are no digits
  ['1.005', 'EUR', 'AMOUNT_TOO_PRECISE'],
  ['1.005', 'KWD', 1_005n],
  ['100', 'JPY', 100n],
  ['100.5', 'JPY', 'AMOUNT_TOO_PRECISE'],
  ['1234,56', 'EUR', 123_456n],
  ['1 234,5', 'EUR', 123_450n],
  ['1\u00a0234\u202f567,89', 'EUR', 123_456_789n],
  ['1,234', 'EUR', 'AMOUNT_UNREADABLE'], // a thousand, or one and a bit: not guessed
  ['1,234.56', 'EUR', 'AMOUNT_UNREADABLE'],
  ['1.234,56', 'EUR', 'AMOUNT_UNREADABLE'],
  ['12 34', 'EUR', 'AMOUNT_UNREADABLE'], // spaces group thousands or nothing
  ['-1.00', 'EUR', 'AMOUNT_NEGATIVE'],
  ['-1.005', 'EUR', 'AMOUNT_NEGATIVE'],
  ['-0.00', 'EUR', 0n],
  ['+5', 'EUR', 500n],
  ['10000000000000.00', 'EUR', 10n ** 15n], // the largest
  ['10000000000000.01', 'EUR', 'AMOUNT_TOO_LARGE'],
  ['9'.repeat(30), 'EUR', 'AMOUNT_TOO_LARGE'],
  ['1e5', 'EUR', 'AMOUNT_UNREADABLE'],
  ['€5', 'EUR', 'AMOUNT_UNREADABLE'],
  ['(5.00)', 'EUR', 'AMOUNT_UNREADABLE'],
  ['٥', 'EUR', 'AMOUNT_UNREADABLE'],
])('%s %s is %s', (text, currency, expected) => {
  expect(parseAmount(text, currency)).toBe(expected);
});

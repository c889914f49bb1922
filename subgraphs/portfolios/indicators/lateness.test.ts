import { expect, test } from '@jest/globals';
import { averageDaysBeyondTerms, lateShare } from './lateness.js';

const settled = (...invoices: [amount: number, days: number][]): Parameters<typeof lateShare>[0] => ({
  invoiceCount: invoices.length,
  lateCount: invoices.filter(([, days]) => days > 0).length,
  amountMinor: invoices.reduce((sum, [amount]) => sum + BigInt(amount), 0n),
  amountDaysMinor: invoices.reduce((sum, [amount, days]) => sum + BigInt(amount * days), 0n),
});

test.each<[string, [number, number][], number | null, number | null]>([
  ['10 at 5 days, 100 at 10', [[10, 5], [100, 10]], 9.545455, 1],
  // On the due date is not late, and early counts below zero.
  ['one on the due date, one early', [[100, 0], [100, -10]], -5, 0],
  ['one day late of three', [[1, 1], [1, 0], [1, 0]], 0.333333, 0.333333],
  ['none', [], null, null],
])('%s', (_, invoices, days, share) => {
  expect(averageDaysBeyondTerms(settled(...invoices))).toBe(days);
  expect(lateShare(settled(...invoices))).toBe(share);
});

import { expect, test } from '@jest/globals';
import { bucketsOf } from './aging.js';
import { averageDaysBeyondTerms, lateShare, reportedDaysBeyondTerms } from './lateness.js';

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

test.each<[string, number[], bigint[], number | null]>([
  ['60 k current, 20 k, 10 k, 6 k, 4 k', [30, 60, 90], [60_000n, 20_000n, 10_000n, 6_000n, 4_000n], 16.2],
  // Above 90 days it makes no difference how finely it is cut.
  ['the same in the usual buckets', [30, 60, 90, 180], [60_000n, 20_000n, 10_000n, 6_000n, 3_000n, 1_000n], 16.2],
  ['nothing past due', [30, 60, 90], [5n], 0],
  ['nothing open', [30, 60, 90], [], null],
])('days beyond terms as reported: %s', (_, bounds, open, days) => {
  expect(reportedDaysBeyondTerms(bucketsOf(open.map((minor, place) => ({ place, minor, invoiceCount: 1 })), bounds))).toBe(days);
});

import { expect, test } from '@jest/globals';
import { sumDisputes, type ResolvedIn } from './resolution.js';

const in_ = (days: number | null, count = 1, amountMinor = 100n): ResolvedIn => ({ days, count, amountMinor });

test.each<[string, readonly ResolvedIn[], readonly [number, number, bigint, number | null, number | null]]>([
  ['none', [], [0, 0, 0n, null, null]],
  ['open ones only', [in_(null, 3, 500n)], [3, 0, 500n, null, null]],
  ['resolved on the day it was opened', [in_(0)], [1, 1, 100n, 0, 0]],
  ['an odd number: the middle one', [in_(30), in_(2), in_(4)], [3, 3, 300n, 12, 4]],
  // An even number: the mean of the two in the middle.
  ['an even number', [in_(10), in_(1), in_(4), in_(5)], [4, 4, 400n, 5, 4.5]],
  ['many of a kind', [in_(10, 3), in_(20, 1)], [4, 4, 200n, 12.5, 10]],
  ['open ones count, but not in the days', [in_(3), in_(4), in_(null, 8, 1n)], [10, 2, 201n, 3.5, 3.5]],
  ['a third is rounded once', [in_(1), in_(1), in_(2)], [3, 3, 300n, 1.333333, 1]],
])('%s', (_, parts, [count, resolvedCount, amountMinor, averageDays, medianDays]) => {
  expect(sumDisputes(parts)).toEqual({ count, resolvedCount, amountMinor, averageDays, medianDays });
});

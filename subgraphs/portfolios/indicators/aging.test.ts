import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { areBounds, balanceOf, bucketsOf, firstDaysPastDue } from './aging.js';

test('buckets name their first and last day past due', () => {
  expect(bucketsOf([], [30, 60]).map(({ fromDay, toDay }) => [fromDay, toDay])).toEqual([[null, 0], [1, 30], [31, 60], [61, null]]);
  expect(bucketsOf([], []).map(({ fromDay, toDay }) => [fromDay, toDay])).toEqual([[null, 0], [1, null]]);
});

test('a bucket begins the day after the bound before it', () => {
  expect(firstDaysPastDue([30, 60, 90, 180])).toEqual([1, 31, 61, 91, 181]);
  expect(firstDaysPastDue([])).toEqual([1]);
});

test('buckets and both halves of the balance add up to what is open', () => {
  const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 20 }).map((drawn) => drawn.toSorted((one, other) => one - other));
  const ranges = bounds.chain((cuts) => fc.tuple(fc.constant(cuts), fc.uniqueArray(fc.record({ place: fc.integer({ min: 0, max: cuts.length + 1 }), minor: fc.bigInt({ min: 1n, max: 10n ** 15n }), invoiceCount: fc.nat() }), { selector: ({ place }) => place })));
  fc.assert(
    fc.property(ranges, ([cuts, open]) => {
      const buckets = bucketsOf(open, cuts);
      const total = open.reduce((sum, { minor }) => sum + minor, 0n);
      const balance = balanceOf(buckets);
      expect(buckets.reduce((sum, { minor }) => sum + minor, 0n)).toBe(total);
      expect(balance.outstandingMinor).toBe(total);
      expect(balance.notDueMinor + balance.overdueMinor).toBe(total);
      expect(balance.notDueMinor).toBe(open.find(({ place }) => place === 0)?.minor ?? 0n);
      expect(balance.invoiceCount).toBe(open.reduce((sum, { invoiceCount }) => sum + invoiceCount, 0));
    }),
  );
});

test.each([
  [[], true],
  [[30, 60, 90, 180], true],
  [[0, 30], false],
  [[30, 30], false],
  [[60, 30], false],
  [[-5], false],
  [Array.from({ length: 21 }, (_, index) => index + 1), false],
])('%j can cut buckets: %p', (bounds, can) => {
  expect(areBounds(bounds)).toBe(can);
});

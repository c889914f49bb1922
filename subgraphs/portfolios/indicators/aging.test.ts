import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ageOpenItems, areBounds, balanceOf, type OpenOnDueDay } from './aging.js';

const asOf = Temporal.PlainDate.from('2026-06-30');
const due = (daysPastDue: number, openMinor = 1n): OpenOnDueDay => ({ dueDate: asOf.subtract({ days: daysPastDue }), openMinor, invoiceCount: 1 });

test.each([
  // Due on the day itself is not due; a bound belongs to the bucket it ends.
  [-400, 0],
  [-1, 0],
  [0, 0],
  [1, 1],
  [30, 1],
  [31, 2],
  [60, 2],
  [61, 3],
  [90, 3],
  [91, 4],
  [180, 4],
  [181, 5],
  [5000, 5],
])('%i days past due falls into bucket %i', (daysPastDue, place) => {
  const counts = ageOpenItems([due(daysPastDue)], asOf, [30, 60, 90, 180]).map((bucket) => bucket.invoiceCount);
  expect(counts).toEqual([0, 1, 2, 3, 4, 5].map((index) => (index === place ? 1 : 0)));
});

test('buckets name their first and last day past due', () => {
  expect(ageOpenItems([], asOf, [30, 60]).map(({ fromDay, toDay }) => [fromDay, toDay])).toEqual([[null, 0], [1, 30], [31, 60], [61, null]]);
  expect(ageOpenItems([], asOf, []).map(({ fromDay, toDay }) => [fromDay, toDay])).toEqual([[null, 0], [1, null]]);
});

test('buckets add up to the outstanding, whatever is open and wherever they are cut', () => {
  const days = fc.array(fc.record({ daysPastDue: fc.integer({ min: -500, max: 500 }), open: fc.bigInt({ min: 1n, max: 10n ** 15n }) }));
  const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 20 }).map((drawn) => drawn.toSorted((one, other) => one - other));
  fc.assert(
    fc.property(days, bounds, (drawn, cuts) => {
      const items = drawn.map(({ daysPastDue, open }) => due(daysPastDue, open));
      const total = items.reduce((sum, item) => sum + item.openMinor, 0n);
      const buckets = ageOpenItems(items, asOf, cuts);
      const balance = balanceOf(items, asOf);
      expect(buckets.reduce((sum, bucket) => sum + bucket.minor, 0n)).toBe(total);
      expect(buckets.reduce((sum, bucket) => sum + bucket.invoiceCount, 0)).toBe(items.length);
      expect(balance.outstandingMinor).toBe(total);
      expect(balance.notDueMinor).toBe(buckets[0]!.minor);
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

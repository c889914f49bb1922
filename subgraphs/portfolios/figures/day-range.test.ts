import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { joinFirstDays, widenRanges } from './day-range.js';

const NARROW = [1, 11, 31, 61];

test.each([
  // Not due, then 1–10, 11–30, 31–60 and beyond, of an amount that tells which.
  [[1, 11, 31, 61], [[0, '1', '1'], [1, '20', '1'], [2, '300', '1'], [3, '4000', '1'], [4, '50000', '1']]],
  [[1, 31], [[0, '1', '1'], [1, '320', '2'], [2, '54000', '2']]],
  [[1], [[0, '1', '1'], [1, '54320', '4']]],
  [[], [[0, '54321', '5']]],
])('ranges that begin with %j are made of narrower ones', (wide, expected) => {
  const rows = ['1', '20', '300', '4000', '50000'].map((two, place) => ({ one: String(place), two, three: '1' }));
  expect(widenRanges(rows, NARROW, wide)).toEqual(expected.map(([one, two, three]) => ({ one: String(one), two, three })));
});

test('a range without a row is nothing', () => {
  expect(widenRanges([{ one: '3', two: '7', three: '2' }], NARROW, [1, 31])).toEqual([{ one: '2', two: '7', three: '2' }]);
  expect(widenRanges([], NARROW, [1, 31])).toEqual([]);
});

test('counted in common ranges or in its own, a list finds the same', () => {
  const firstDays = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }).map((days) => days.toSorted((one, other) => one - other));
  const placeOf = (pastDue: number, days: readonly number[]): string => String(days.filter((first) => first <= pastDue).length);
  fc.assert(
    fc.property(fc.array(firstDays, { minLength: 1, maxLength: 4 }), fc.array(fc.tuple(fc.integer({ min: -20, max: 90 }), fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }))), (lists, invoices) => {
      const common = joinFirstDays(lists);
      const rows = invoices.map(([pastDue, minor]) => ({ one: placeOf(pastDue, common), two: String(minor), three: '1' }));
      for (const own of lists) {
        const expected = new Map<string, bigint>();
        for (const [pastDue, minor] of invoices) expected.set(placeOf(pastDue, own), (expected.get(placeOf(pastDue, own)) ?? 0n) + minor);
        expect(new Map(widenRanges(rows, common, own).map(({ one, two }) => [one, BigInt(two)]))).toEqual(expected);
      }
    }),
  );
});

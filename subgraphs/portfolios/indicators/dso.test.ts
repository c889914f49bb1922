import { expect, test } from '@jest/globals';
import { countbackDso, dso, salesSlices } from './dso.js';

test.each<[string, bigint, bigint, number, number | null]>([
  ['472 ÷ 2,870.4 × 365', 47_200n, 287_040n, 365, 60.019509],
  ['30,000 ÷ 60,000 × 90', 30_000n, 60_000n, 90, 45],
  ['20,000 ÷ 45,000 × 90', 20_000n, 45_000n, 90, 40],
  ['1.2 M ÷ 10 M × 365', 1_200_000n, 10_000_000n, 365, 43.8],
  ['best possible: 0.8 M ÷ 10 M × 365', 800_000n, 10_000_000n, 365, 29.2],
  ['delinquent: 0.4 M ÷ 10 M × 365', 400_000n, 10_000_000n, 365, 14.6],
  ['nothing outstanding', 0n, 10n, 90, 0],
  ['no sales', 10n, 0n, 90, null],
  ['more credited than sold', 10n, -5n, 90, null],
])('%s', (_, outstanding, sales, days, expected) => {
  expect(dso(outstanding, sales, days)).toBe(expected);
});

const months = (...sales: bigint[]): { salesMinor: bigint; days: number }[] => sales.map((salesMinor) => ({ salesMinor, days: 30 }));

test.each<[string, bigint, { salesMinor: bigint; days: number }[], number | null]>([
  ['212,000 against 100,000, 80,000, 70,000', 212_000n, months(100_000n, 80_000n, 70_000n), 73.714286],
  // The whole of the last month is that month's days, not the start of the next.
  ['exactly two months', 180_000n, months(100_000n, 80_000n, 70_000n), 60],
  ['a month without sales counts its days', 150_000n, months(100_000n, 0n, 100_000n), 75],
  ['a month that credits more than it sells adds to what is left', 110_000n, months(100_000n, -10_000n, 40_000n), 75],
  ['sales run out', 250_001n, months(100_000n, 80_000n, 70_000n), null],
  ['nothing outstanding', 0n, months(100_000n), 0],
  ['no sales', 0n, [], null],
])('countback: %s', (_, outstanding, slices, expected) => {
  expect(countbackDso(outstanding, slices)).toBe(expected);
});

test('the first slice ends on the day, the others are whole months, and the oldest month with sales is the last', () => {
  const sold = [
    { monthStart: Temporal.PlainDate.from('2026-03-01'), salesMinor: 5n },
    { monthStart: Temporal.PlainDate.from('2026-01-01'), salesMinor: 7n },
  ];
  expect([...salesSlices(sold, Temporal.PlainDate.from('2026-03-15'))]).toEqual([
    { salesMinor: 5n, days: 15 },
    { salesMinor: 0n, days: 28 },
    { salesMinor: 7n, days: 31 },
  ]);
  expect([...salesSlices([], Temporal.PlainDate.from('2026-03-15'))]).toEqual([]);
});

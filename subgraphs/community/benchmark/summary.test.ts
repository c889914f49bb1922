import { expect, test } from '@jest/globals';
import { METRICS, type Metric } from '../../../src/values/metric.js';
import type { Cell } from './cell.js';
import { POLICY_V1 } from './policy.js';
import { summarise } from './summary.js';

const NO_QUARTILES = { direction: null, lowerQuartile: null, upperQuartile: null } as const;
const band = (from: number, to: number): Cell => ({ tier: 'T1', from, to, direction: null });
const figure = (value: number, roundedTo: number, tier: 'T2' | 'T3' = 'T2'): Cell => ({ tier, value, roundedTo, ...NO_QUARTILES });
const one = (metric: Metric, cell: Cell, own: number) => summarise(metric, [{ customerId: 'a', cell, own }], POLICY_V1);

test.each<[Metric, Cell, number, number | undefined, boolean]>([
  // Within the rounding there is no gap.
  ['DAYS_BEYOND_TERMS', figure(20, 10), 25, undefined, false],
  ['DAYS_BEYOND_TERMS', figure(20, 10), 26, 6, false],
  ['DAYS_BEYOND_TERMS', figure(20, 10), 5, -15, true],
  ['DAYS_BEYOND_TERMS', figure(20, 10), 6, -14, false],
  // 10 days late is the least that is shown as late.
  ['DAYS_BEYOND_TERMS', figure(10, 5, 'T3'), 0, -10, true],
  ['DAYS_BEYOND_TERMS', figure(5, 5, 'T3'), 0, -5, false],
  // Early payment counts as 0 days, as it does in the mean.
  ['DAYS_BEYOND_TERMS', figure(10, 5, 'T3'), -40, -10, true],
  ['DAYS_BEYOND_TERMS', band(30, 60), 0, -30, true],
  ['DAYS_BEYOND_TERMS', band(0, 30), 0, undefined, false],
  ['DAYS_BEYOND_TERMS', band(0, 30), 42, 12, false],
  ['LATE_SHARE', figure(0.375, 0.25), 0.05, -0.2, true],
  ['LATE_SHARE', figure(0.375, 0.25), 0.2, -0.05, false],
  ['LATE_SHARE', figure(0.175, 0.15), 0.05, -0.05, false],
  ['LATE_SHARE', band(0.25, 1), 0.1, -0.15, true],
  ['LATE_SHARE', figure(0.05, 0.1), 0.9, 0.8, false],
  ['PAYMENT_TERMS', figure(30, 30), 45, 30, false],
  ['PAYMENT_TERMS', figure(60, 15, 'T3'), 30, -30, false],
  ['DSO', figure(50, 10), 200, 100, false],
  // Paid on time cannot be told from DSO.
  ['DSO', figure(50, 10), 0, -50, false],
])('%s: shown %j, own %d: a gap of %p; a hidden slow payer: %p', (metric, cell, own, gap, hidden) => {
  const { gaps, hiddenSlowPayers } = one(metric, cell, own);
  expect(gaps.map((found) => Math.round(found.gap * 1000) / 1000)).toEqual(gap === undefined ? [] : [gap]);
  expect(hiddenSlowPayers).toHaveLength(hidden ? 1 : 0);
});

test('the sign of a gap is the position, for every metric, tier and figure', () => {
  for (const metric of METRICS) {
    const unit = metric === 'LATE_SHARE' ? 0.01 : 1;
    const cells = metric === 'LATE_SHARE' ? [band(0, 0.25), band(0.25, 1), figure(0.05, 0.1), figure(0.175, 0.15), figure(0.375, 0.25), figure(0.75, 0.5)]
      : metric === 'PAYMENT_TERMS' ? [band(30, 60), figure(30, 30), figure(60, 30), figure(45, 15, 'T3'), figure(90, 15, 'T3')]
      : [band(0, 30), band(30, 60), band(120, 150), figure(0, 10), figure(40, 10), figure(45, 5, 'T3')];
    for (const cell of cells) {
      for (let own = 0; own <= (metric === 'LATE_SHARE' ? 100 : 200); own += 1) {
        const { gaps: [found], paidLater, paidSimilar, paidSooner } = one(metric, cell, own * unit);
        expect(paidLater + paidSimilar + paidSooner).toBe(1);
        expect(found === undefined).toBe(paidSimilar === 1);
        // At the very end of a band the figure belongs to the next one.
        if (found) expect(Math.sign(found.gap) * (found.position === 'ABOVE' ? 1 : -1)).toBeGreaterThanOrEqual(0);
      }
    }
  }
});

test('the largest gap comes first, equals by their id', () => {
  const { gaps, paidLater, paidSimilar, paidSooner } = summarise('DSO', [
    { customerId: 'c', cell: figure(50, 10), own: 80 },
    { customerId: 'b', cell: figure(50, 10), own: 20 },
    { customerId: 'd', cell: figure(50, 10), own: 50 },
    { customerId: 'a', cell: figure(50, 10), own: 90 },
  ], POLICY_V1);
  expect(gaps.map(({ customerId }) => customerId)).toEqual(['a', 'b', 'c']);
  expect([paidLater, paidSimilar, paidSooner]).toEqual([2, 1, 1]);
});

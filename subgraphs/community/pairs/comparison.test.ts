import { expect, test } from '@jest/globals';
import type { Metric } from '../../../src/values/metric.js';
import { POLICY_V1 } from '../benchmark/policy.js';
import { comparedQuarter, compareFigures, turned } from './comparison.js';

test.each<[Metric, number, number, string]>([
  ['DSO', 30, 45, 'SIMILAR'],
  ['DSO', 30, 45.001, 'BELOW'],
  ['DSO', 45, 30, 'SIMILAR'],
  ['DSO', 45.001, 30, 'ABOVE'],
  // Both count as 150.
  ['DSO', 300, 150, 'SIMILAR'],
  ['DAYS_BEYOND_TERMS', -40, 15, 'SIMILAR'],
  ['PAYMENT_TERMS', 30, 60, 'BELOW'],
  ['LATE_SHARE', 0.25, 0, 'SIMILAR'],
  ['LATE_SHARE', 0.26, 0, 'ABOVE'],
  ['LATE_SHARE', 0, 1, 'BELOW'],
])('%s of %d against %d is %s, and the other one reads the opposite', (metric, yours, theirs, word) => {
  expect(compareFigures(metric, yours, theirs, POLICY_V1)).toBe(word);
  expect(turned(compareFigures(metric, theirs, yours, POLICY_V1))).toBe(word);
});

test.each<[Metric, string, string, string, string]>([
  // Thirty days after its end a quarter can be compared, not a day before.
  ['DSO', '2026-07-29', '2026-Q1', '2026-01-01', '2026-03-31'],
  ['DSO', '2026-07-30', '2026-Q2', '2026-04-01', '2026-06-30'],
  ['LATE_SHARE', '2026-10-29', '2026-Q2', '2026-04-01', '2026-06-30'],
  ['DAYS_BEYOND_TERMS', '2027-01-30', '2026-Q4', '2026-10-01', '2026-12-31'],
  // Terms after ninety.
  ['PAYMENT_TERMS', '2026-09-27', '2026-Q1', '2026-01-01', '2026-03-31'],
  ['PAYMENT_TERMS', '2026-09-28', '2026-Q2', '2026-04-01', '2026-06-30'],
  ['PAYMENT_TERMS', '2027-03-30', '2026-Q3', '2026-07-01', '2026-09-30'],
  ['PAYMENT_TERMS', '2027-03-31', '2026-Q4', '2026-10-01', '2026-12-31'],
])('on %s · %s: %s', (metric, today, quarter, start, end) => {
  const found = comparedQuarter(metric, Temporal.PlainDate.from(today), POLICY_V1);
  expect([found.quarter, found.month, String(found.periodStart), String(found.periodEnd)]).toEqual([quarter, end.slice(0, 7), start, end]);
});

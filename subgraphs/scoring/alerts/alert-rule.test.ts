import { expect, test } from '@jest/globals';
import { Refusal } from '../../../src/errors.js';
import type { AlertDirection, AlertMetric } from './alert-metric.js';
import { ruleTerms } from './alert-rule.js';

test.each<[string, AlertMetric, AlertDirection, number | null, number | null, string]>([
  ['neither', 'DSO', 'BOTH', null, null, 'REQUIRED input.delta'],
  ['a delta of zero', 'DSO', 'BOTH', 0, null, 'INVALID input.delta'],
  ['a delta below zero', 'DSO', 'BOTH', -1, null, 'INVALID input.delta'],
  ['a delta that is no number', 'DSO', 'BOTH', NaN, null, 'INVALID input.delta'],
  ['a delta without an end', 'DSO', 'BOTH', Infinity, null, 'INVALID input.delta'],
  // It rounds to nothing: every figure would be a move by so much.
  ['a delta behind the sixth decimal', 'DSO', 'BOTH', 0.0000004, null, 'INVALID input.delta'],
  ['half a band', 'RISK_BAND', 'BOTH', 0.5, null, 'INVALID input.delta'],
  ['five bands', 'RISK_BAND', 'BOTH', 5, null, 'INVALID input.delta'],
  ['more points than there are', 'RISK_SCORE', 'BOTH', 1000.5, null, 'INVALID input.delta'],
  ['more behaviour than there is', 'PAYMENT_BEHAVIOUR', 'BOTH', 101, null, 'INVALID input.delta'],
  ['more money than there is', 'OVERDUE', 'BOTH', 1e14, null, 'INVALID input.delta'],
  ['a threshold that is no number', 'DSO', 'BOTH', null, NaN, 'INVALID input.threshold'],
  ['a threshold without an end', 'BENCHMARK', 'BOTH', null, -Infinity, 'INVALID input.threshold'],
  ['a threshold beyond all money', 'OVERDUE', 'UP', null, 1e14, 'INVALID input.threshold'],
  ['a band between two', 'RISK_BAND', 'BOTH', null, 2.5, 'INVALID input.threshold'],
  ['a band below E', 'RISK_BAND', 'DOWN', null, 0, 'INVALID input.threshold'],
  ['a band above A', 'RISK_BAND', 'UP', null, 6, 'INVALID input.threshold'],
  ['a rise to E', 'RISK_BAND', 'UP', null, 1, 'INVALID input.threshold'],
  ['a fall to A', 'RISK_BAND', 'DOWN', null, 5, 'INVALID input.threshold'],
  ['both ways over E', 'RISK_BAND', 'BOTH', null, 1, 'INVALID input.threshold'],
  ['a score below zero', 'RISK_SCORE', 'DOWN', null, -1, 'INVALID input.threshold'],
  ['a rise to a score of zero', 'RISK_SCORE', 'UP', null, 0, 'INVALID input.threshold'],
  ['a fall to the best score', 'RISK_SCORE', 'DOWN', null, 1000, 'INVALID input.threshold'],
  ['a score above a thousand', 'RISK_SCORE', 'UP', null, 1001, 'INVALID input.threshold'],
  ['a behaviour above a hundred', 'PAYMENT_BEHAVIOUR', 'UP', null, 100.5, 'INVALID input.threshold'],
  ['less overdue than nothing', 'OVERDUE', 'DOWN', null, -1, 'INVALID input.threshold'],
  ['a rise to nothing overdue', 'OVERDUE', 'UP', null, 0, 'INVALID input.threshold'],
  ['a DSO below zero', 'DSO', 'DOWN', null, -0.5, 'INVALID input.threshold'],
  ['a utilisation below zero', 'CREDIT_UTILISATION', 'DOWN', null, -0.1, 'INVALID input.threshold'],
  ['a good delta with a bad threshold', 'RISK_BAND', 'DOWN', 1, 7, 'INVALID input.threshold'],
])('%s is refused', (_, metric, direction, delta, threshold, refused) => {
  let refusal: unknown;
  try {
    ruleTerms({ metric, direction, delta, threshold });
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(Refusal);
  const { code, path } = refusal as Refusal;
  expect(`${code} ${path.join('.')}`).toBe(refused);
});

test.each<[AlertMetric, AlertDirection, number | null, number | null]>([
  ['RISK_SCORE', 'DOWN', null, 0],
  ['RISK_SCORE', 'UP', 1000, 1000],
  ['RISK_BAND', 'DOWN', 4, 1],
  ['RISK_BAND', 'UP', null, 5],
  ['RISK_BAND', 'BOTH', 1, 3],
  ['PAYMENT_BEHAVIOUR', 'BOTH', 2.5, 50],
  // Nothing overdue any more.
  ['OVERDUE', 'DOWN', null, 0],
  ['OVERDUE', 'BOTH', 1000, 1e13],
  ['DSO', 'UP', 0.5, 60],
  ['CREDIT_UTILISATION', 'BOTH', 0.1, 1.2],
  // Paid before the due date.
  ['BENCHMARK', 'BOTH', 2, -5],
])('%s %s by %p over %p is kept as it is', (metric, direction, delta, threshold) => {
  expect(ruleTerms({ metric, direction, delta, threshold })).toEqual({ metric, direction, delta, threshold });
});

test('what lies behind the sixth decimal is rounded', () => {
  expect(ruleTerms({ metric: 'DSO', direction: 'UP', delta: 0.1 + 0.2, threshold: 1 / 3 })).toMatchObject({ delta: 0.3, threshold: 0.333333 });
});

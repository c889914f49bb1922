import { expect, test } from '@jest/globals';
import type { Metric } from '../../../src/values/metric.js';
import { inputOf, roundTo } from './input.js';
import { POLICY_V1 as policy } from './policy.js';

test.each<readonly [Metric, number, number | undefined, number]>([
  ['DSO', 42.5, undefined, 42.5],
  ['DSO', -20, undefined, 0], // paid before it was due
  ['DSO', 400, undefined, 150],
  ['DSO', 60, 50, 60], // ten days are allowed
  ['DSO', 61, 50, 60],
  ['DSO', 0, 50, 40],
  ['DSO', 400, 145, 150], // the bound and the movement both hold
  ['PAYMENT_TERMS', 90, 30, 40],
  ['LATE_SHARE', 1, 0, 1], // no movement bound: four classes hide it
  ['LATE_SHARE', 1.2, undefined, 1],
])('%s of %d after %p counts as %d', (metric, figure, previous, input) => {
  expect(inputOf(metric, figure, previous, policy)).toBe(input);
});

test.each([[44.9, 10, 40], [45, 10, 50], [42.4, 5, 40], [42.5, 5, 45], [0, 5, 0]])('%d rounded to %d is %d', (value, step, rounded) => {
  expect(roundTo(value, step)).toBe(rounded);
});

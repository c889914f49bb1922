import { expect, test } from '@jest/globals';
import type { Metric } from '../../../src/values/metric.js';
import type { Cell } from './cell.js';
import { POLICY_V1 as policy } from './policy.js';
import type { Position } from '../../../src/values/position.js';
import { positionOf } from './position.js';

const band = (from: number, to: number): Cell => ({ tier: 'T1', from, to, direction: null });
const figure = (tier: 'T2' | 'T3', value: number, roundedTo: number): Cell => ({ tier, value, roundedTo, direction: null, lowerQuartile: null, upperQuartile: null });

test.each<readonly [Metric, Cell, number, Position]>([
  ['DSO', band(30, 60), 29.9, 'BELOW'],
  ['DSO', band(30, 60), 30, 'SIMILAR'],
  ['DSO', band(30, 60), 60, 'ABOVE'], // the end belongs to the next band
  ['DSO', band(120, 150), 400, 'SIMILAR'], // it counts as 150
  ['DSO', figure('T2', 40, 10), 34.9, 'BELOW'],
  ['DSO', figure('T2', 40, 10), 35, 'SIMILAR'],
  ['DSO', figure('T2', 40, 10), 45, 'SIMILAR'],
  ['DSO', figure('T2', 40, 10), 45.1, 'ABOVE'],
  ['DAYS_BEYOND_TERMS', figure('T3', 0, 5), -30, 'SIMILAR'], // it counts as 0
  ['LATE_SHARE', band(0.25, 1), 0.25, 'BELOW'],
  ['LATE_SHARE', figure('T2', 0.175, 0.15), 0.25, 'SIMILAR'],
  ['LATE_SHARE', figure('T2', 0.175, 0.15), 0.1, 'BELOW'],
  ['LATE_SHARE', figure('T2', 0.175, 0.15), 0.26, 'ABOVE'],
  ['PAYMENT_TERMS', figure('T2', 30, 30), 10, 'SIMILAR'],
  ['PAYMENT_TERMS', figure('T2', 30, 30), 31, 'ABOVE'],
  ['PAYMENT_TERMS', figure('T3', 45, 15), 30, 'BELOW'],
  ['PAYMENT_TERMS', figure('T3', 90, 15), 120, 'SIMILAR'],
])('%s against %j: %d is %s', (metric, cell, own, position) => {
  expect(positionOf(metric, cell, own, policy)).toBe(position);
});

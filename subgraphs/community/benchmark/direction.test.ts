import { expect, test } from '@jest/globals';
import type { Metric } from '../../../src/values/metric.js';
import type { Trend } from '../../../src/values/trend.js';
import { directionOf } from './direction.js';
import { POLICY_V1 as policy } from './policy.js';

type Row = readonly [string, Metric, readonly (readonly [before: number | undefined, now: number])[], Trend | null];

test.each<Row>([
  ['all moved five days, which is within the dead zone', 'DSO', [[40, 45], [40, 45], [40, 45], [40, 45]], 'STABLE'],
  ['all moved ten days', 'DSO', [[40, 50], [40, 50], [40, 50], [40, 50]], 'WORSENING'],
  ['all pay sooner', 'DSO', [[50, 40], [50, 40], [50, 40], [50, 40]], 'IMPROVING'],
  ['two of three moved, which is two thirds', 'DSO', [[40, 60], [40, 60], [40, 40], [40, 60], [40, 60], [40, 40]], 'WORSENING'],
  ['less than two thirds agree', 'DSO', [[40, 60], [40, 60], [40, 60], [40, 40], [40, 40], [40, 60], [40, 40]], null],
  ['one moved far and the mean with it', 'DSO', [[10, 150], [40, 40], [40, 40], [40, 40]], 'STABLE'],
  ['who has no earlier figure agrees with nobody', 'DSO', [[undefined, 60], [undefined, 60], [40, 60], [40, 60]], null],
  ['nobody has an earlier figure', 'DSO', [[undefined, 60], [undefined, 60]], null],
  ['shares moved by five points', 'LATE_SHARE', [[0.1, 0.15], [0.1, 0.15], [0.3, 0.35]], 'STABLE'],
  ['shares moved by ten points', 'LATE_SHARE', [[0.1, 0.2], [0.2, 0.3], [0.7, 0.8]], 'WORSENING'],
])('%s', (_name, metric, moves, direction) => {
  expect(directionOf(metric, moves.map(([before, now]) => ({ before, now })), policy)).toBe(direction);
});

import { expect, test } from '@jest/globals';
import type { Trend } from '../../../src/values/trend.js';
import { signalPoints } from './signal-points.js';

test.each<[Trend, number, number]>([
  ['WORSENING', 1, -40], ['WORSENING', 0.5, -20], ['WORSENING', 0, 0], ['WORSENING', 0.33, -13],
  // Half a point is none.
  ['WORSENING', 0.0125, 0], ['WORSENING', 0.0376, -2],
  ['IMPROVING', 1, 20], ['IMPROVING', 0.5, 10], ['IMPROVING', 0.024, 0], ['STABLE', 1, 0],
])('%s with the weight %d gives %d points', (direction, weight, points) => {
  expect(signalPoints(direction, weight)).toBe(points);
});

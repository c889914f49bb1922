import { expect, test } from '@jest/globals';
import { Chance } from './chance.js';
import { pairedExcess, rate, type Pair } from './confidence.js';

test.each([
  // Nothing differs: the interval still has a width.
  [[[50, 0, 0, 50]], 0, 1.92],
  // All succeed with, none without.
  [[[0, 100, 0, 0]], 100, 100],
  [[[20, 15, 5, 60]], 10, 18.66],
])('of pairs %j the excess is %d points, at most %d', ([counts], excess, bound) => {
  const [both, onlyWith, onlyWithout, neither] = counts as [number, number, number, number];
  const of = (count: number, pair: Pair): Pair[] => Array.from({ length: count }, () => pair);
  const estimate = pairedExcess([...of(both, { with: true, without: true }), ...of(onlyWith, { with: true, without: false }), ...of(onlyWithout, { with: false, without: true }), ...of(neither, { with: false, without: false })]);
  expect(estimate.excess).toBeCloseTo(excess, 6);
  expect(estimate.bound).toBeCloseTo(bound, 1);
});

test('the bound lies above the truth in 97 or 98 of 100 samples', () => {
  const samples = 2000;
  let above = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    const chance = Chance.from(3, sample);
    const pairs = Array.from({ length: 200 }, (): Pair => {
      const luck = chance.uniform();
      return { with: luck < 0.35, without: luck < 0.2 || luck > 0.9 };
    });
    // 35 points with, 30 without.
    if (pairedExcess(pairs).bound >= 5) above += 1;
  }
  expect(above / samples).toBeGreaterThan(0.965);
  expect(above / samples).toBeLessThan(0.99);
});

test('what never happened in a hundred trials happens at most in 3.7 of 100', () => {
  expect(rate(0, 100).bound).toBeCloseTo(3.7, 1);
});

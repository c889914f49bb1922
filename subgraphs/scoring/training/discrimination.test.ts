import { expect, test } from '@jest/globals';
import { areaUnderCurve, bootstrap, delong, delongDifference } from './discrimination.js';

// The bad at 0.9, 0.8 and 0.4, the good at 0.7, 0.3, 0.2 and 0.1: of 12 pairs one is the wrong way round.
const risk = [0.9, 0.7, 0.8, 0.3, 0.4, 0.2, 0.1];
const bad = [true, false, true, false, true, false, false];

test.each<[string, number[], number]>([
  ['one pair of twelve the wrong way round', risk, 11 / 12],
  ['upside down', risk.map((value) => -value), 1 / 12],
  ['all the same', risk.map(() => 1), 0.5],
  ['a tie counts half', [0.9, 0.7, 0.8, 0.3, 0.7, 0.2, 0.1], 11.5 / 12],
])('the area: %s', (_, values, area) => {
  expect(areaUnderCurve(values, bad)).toBeCloseTo(area, 12);
});

test('the interval after DeLong is the one worked out by hand', () => {
  // Placements 1, 1, 3/4 and 2/3, 1, 1, 1: variances 1/48 of three and 1/36 of four, together 1/72.
  const half = 1.959963984540054 * Math.sqrt(1 / 72);
  const { value, low, high } = delong({ risk, bad });
  expect([value, low, high].map((bound) => bound.toFixed(9))).toEqual([11 / 12, 11 / 12 - half, 11 / 12 + half].map((bound) => bound.toFixed(9)));
});

test('the lead over oneself is none, without any width', () => {
  expect(delongDifference(risk, risk.map((value) => 2 * value), bad)).toEqual({ value: 0, low: 0, high: 0 });
});

test('the bootstrap draws whole groups: the same seed gives the same, and one group has no width', () => {
  const apart = { bad, group: risk.map(String) };
  const once = bootstrap([risk, risk.map((value) => -value)], apart, 7, 300);
  expect(bootstrap([risk, risk.map((value) => -value)], apart, 7, 300)).toEqual(once);
  expect(once.areas[0]!.value).toBeCloseTo(11 / 12, 12);
  expect(once.leads[0]!.value).toBeCloseTo(10 / 12, 12);
  expect(once.areas[0]!.low).toBeLessThan(once.areas[0]!.high);
  const together = bootstrap([risk], { bad, group: risk.map(() => 'one') }, 7, 50);
  expect(together.areas[0]!.low).toBe(together.areas[0]!.high);
});

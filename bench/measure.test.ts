import { expect, test } from '@jest/globals';
import { logSlope, ratiosOf, runInRounds, spreadOf } from './measure.js';
import { isMet, showReport } from './report.js';

test.each([
  [[3, 1, 2], { median: 2, least: 1, most: 3 }],
  // Of an even number, half-way between the two in the middle.
  [[4, 1, 2, 3], { median: 2.5, least: 1, most: 4 }],
  [[7], { median: 7, least: 7, most: 7 }],
])('the spread of %j', (values, expected) => {
  expect(spreadOf(values)).toEqual(expected);
});

test.each([
  ['does not grow', [[10, 3], [100, 3], [1000, 3]], 0],
  ['grows in proportion', [[10, 1], [100, 10], [1000, 100]], 1],
  ['grows with the square', [[2, 4], [3, 9], [5, 25]], 2],
] as const)('the slope of what %s', (_, points, expected) => {
  expect(logSlope(points)).toBeCloseTo(expected, 12);
});

test('a ratio is taken round by round', () => {
  const runs = (...milliseconds: number[]): { milliseconds: number }[] => milliseconds.map((each) => ({ milliseconds: each }));
  expect(ratiosOf(runs(10, 20, 90), runs(10, 10, 30), ({ milliseconds }) => milliseconds)).toEqual({ median: 2, least: 1, most: 3 });
});

test('contenders run in turns after a warm-up that does not count, and each begins a round', async () => {
  const ran: string[] = [];
  const contender = (name: string) => ({ name, run: async (round: number) => ({ milliseconds: (ran.push(`${name}${round}`), round) }) });
  const samples = await runInRounds([contender('a'), contender('b')], 2, () => undefined);
  expect(ran).toEqual(['a-1', 'b-1', 'b0', 'a0', 'a1', 'b1']);
  expect(samples.get('a')).toEqual([{ milliseconds: 0 }, { milliseconds: 1 }]);
});

test('a missed target stays in the report', () => {
  const comparison = { what: 'p50', measured: { median: 19.9, least: 10, most: 30 }, target: { atLeast: 20 } };
  expect(isMet(comparison)).toBe(false);
  expect(isMet({ ...comparison, target: { atMost: 20 } })).toBe(true);
  expect(showReport({ name: 'dashboard', about: 'About.', comparisons: [comparison], details: [] })).toContain('| p50 | 19.9 (10 – 30) | ≥ 20 | missed |');
});

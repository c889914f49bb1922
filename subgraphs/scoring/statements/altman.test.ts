import { expect, test } from '@jest/globals';
import { altmanZ } from './altman.js';

/** The worked example: working capital .20, retained earnings .15 and EBIT .12 of the assets, equity 400 to liabilities 600. */
const EXAMPLE = { totalAssets: 1000n, currentAssets: 500n, currentLiabilities: 300n, retainedEarnings: 150n, ebit: 120n, equity: 400n, totalLiabilities: 600n };

test('(.20, .15, .12, 400/600) gives 3.3074', () => {
  expect(altmanZ(EXAMPLE, 12)).toEqual({ value: 3.3074, zone: 'SAFE' });
});

test.each<[string, Partial<typeof EXAMPLE>, number, ReturnType<typeof altmanZ>]>([
  ['half a year earns half of a year', { ebit: 60n }, 6, { value: 3.3074, zone: 'SAFE' }],
  ['a year and a half', { ebit: 180n }, 18, { value: 3.3074, zone: 'SAFE' }],
  ['no assets', { totalAssets: 0n }, 12, null],
  ['no liabilities', { totalLiabilities: 0n }, 12, null],
  // -6.56 × 0.1 − 3.26 × 0.2 − 6.72 × 0.1 − 1.05 × 100/1100 = −2.0754545…
  ['losses', { currentAssets: 200n, retainedEarnings: -200n, ebit: -100n, equity: -100n, totalLiabilities: 1100n }, 12, { value: -2.075455, zone: 'DISTRESS' }],
])('%s', (_, change, months, z) => {
  expect(altmanZ({ ...EXAMPLE, ...change }, months)).toEqual(z);
});

test.each([
  // Nothing but equity: 1.05 × equity ÷ liabilities.
  [26_000n, 10_500n, 2.6, 'GREY'],
  [26_001n, 10_500n, 2.6001, 'SAFE'],
  [11_000n, 10_500n, 1.1, 'GREY'],
  [10_999n, 10_500n, 1.0999, 'DISTRESS'],
])('equity of %d to liabilities of %d is %d: %s', (equity, totalLiabilities, value, zone) => {
  expect(altmanZ({ totalAssets: 1n, currentAssets: 0n, currentLiabilities: 0n, retainedEarnings: 0n, ebit: 0n, equity, totalLiabilities }, 12)).toEqual({ value, zone });
});

import { expect, test } from '@jest/globals';
import { findFault, type Figures } from './figures.js';

/** A sound statement, in cents. */
const SOUND: Figures = {
  totalAssets: 100_000n, currentAssets: 60_000n, totalLiabilities: 60_000n, currentLiabilities: 40_000n, equity: 40_000n, retainedEarnings: 15_000n,
  sales: 200_000n, ebit: 12_000n, netIncome: 8_000n,
  inventory: 20_000n, receivables: 40_000n, operatingCosts: 188_000n, depreciation: 4_000n, interestExpense: 900n, marketValue: 90_000n,
};

const NOTHING: Figures = {
  totalAssets: 0n, currentAssets: 0n, totalLiabilities: 0n, currentLiabilities: 0n, equity: 0n, retainedEarnings: 0n, sales: 0n, ebit: 0n, netIncome: 0n,
  inventory: null, receivables: null, operatingCosts: null, depreciation: null, interestExpense: null, marketValue: null,
};

test.each<[string, Partial<Figures>]>([
  ['as it is', {}],
  ['without what is not known', { inventory: null, receivables: null, operatingCosts: null, depreciation: null, interestExpense: null, marketValue: null }],
  ['a loss, and more debts than assets', { equity: -10_000n, totalLiabilities: 110_000n, retainedEarnings: -50_000n, ebit: -7_000n, netIncome: -9_000n }],
  // 0.1 % of 1,000.00 is one unit.
  ['off by 0.1 % of the assets', { equity: 40_100n }],
  ['off by 0.1 % the other way', { equity: 39_900n }],
  ['parts that are all of their whole', { currentAssets: 100_000n, currentLiabilities: 60_000n, depreciation: 188_000n }],
  ['parts that are off by 0.1 % of the assets', { receivables: 40_100n }],
])('a statement is sound: %s', (_, change) => {
  expect(findFault({ ...SOUND, ...change })).toBeUndefined();
});

test.each<[string, Partial<Figures>, string]>([
  ['off by one cent more than 0.1 %', { equity: 40_101n }, 'totalAssets'],
  ['off by one cent more the other way', { equity: 39_899n }, 'totalAssets'],
  ['sales below zero', { sales: -1n }, 'sales'],
  ['assets below zero', { totalAssets: -1n }, 'totalAssets'],
  ['stock below zero', { inventory: -1n }, 'inventory'],
  ['a market value below zero', { marketValue: -1n }, 'marketValue'],
  ['more current assets than assets', { currentAssets: 100_001n }, 'currentAssets'],
  ['more stock than current assets', { inventory: 60_001n, receivables: null }, 'inventory'],
  ['more receivables than current assets', { inventory: null, receivables: 60_001n }, 'receivables'],
  ['more current liabilities than liabilities', { currentLiabilities: 60_001n }, 'currentLiabilities'],
  ['more depreciation than costs', { depreciation: 188_001n }, 'depreciation'],
  ['stock and receivables that are more than the current assets together', { receivables: 40_101n }, 'currentAssets'],
])('a statement is refused: %s', (_, change, figure) => {
  expect(findFault({ ...SOUND, ...change })?.figure).toBe(figure);
});

test('a statement of nothing is sound, and of a few cents it balances to the cent', () => {
  expect(findFault(NOTHING)).toBeUndefined();
  expect(findFault({ ...NOTHING, totalAssets: 10n, equity: 9n })).toBeUndefined();
  expect(findFault({ ...NOTHING, totalAssets: 10n, equity: 8n })?.figure).toBe('totalAssets');
});

import { expect, test } from '@jest/globals';
import type { Figures } from './figures.js';
import { ratiosOf, type DatedStatement } from './ratios.js';

const FIGURES: Figures = {
  totalAssets: 1000n, currentAssets: 500n, totalLiabilities: 600n, currentLiabilities: 300n, equity: 400n, retainedEarnings: 150n, sales: 2000n, ebit: 120n, netIncome: 80n,
  inventory: 200n, receivables: 250n, operatingCosts: 1880n, depreciation: 40n, interestExpense: 30n, marketValue: null,
};

function statement(periodEnd: string, change: Partial<Figures> = {}, rest: Partial<DatedStatement> = {}): DatedStatement {
  return { periodEnd: Temporal.PlainDate.from(periodEnd), months: 12, currency: 'EUR', figures: { ...FIGURES, ...change }, ...rest };
}

test('without a statement there is no ratio', () => {
  expect(ratiosOf([])).toBeUndefined();
});

test('one statement gives the ratios of its year, and none of a change', () => {
  expect(ratiosOf([statement('2025-12-31')])).toMatchObject({
    workingCapitalToAssets: 0.2, retainedEarningsToAssets: 0.15, ebitToAssets: 0.12, salesToAssets: 2, netIncomeToAssets: 0.08, currentRatio: 500 / 300, quickRatio: 1,
    inventoryDays: 36.5, receivableDays: 45.625, interestCover: 4, marketToLiabilities: null, salesGrowth: null, assetGrowth: null, yearsOfLoss: null,
  });
});

test('half a year is taken for a year, a balance sheet stays as it is', () => {
  const half = statement('2025-12-31', { sales: 1000n, ebit: 60n, netIncome: 40n, operatingCosts: 940n, depreciation: 20n, interestExpense: 15n }, { months: 6 });
  expect(ratiosOf([half])).toEqual(ratiosOf([statement('2025-12-31')]));
});

test.each<[string, DatedStatement[], number | null]>([
  ['the year before', [statement('2025-12-31'), statement('2024-12-31', { sales: 1600n })], 1.25],
  // Fourteen months to the day, and a day more.
  ['a moved end of the year', [statement('2025-12-31'), statement('2024-10-31', { sales: 1600n })], 1.25],
  ['too long ago', [statement('2025-12-31'), statement('2024-10-30', { sales: 1600n })], null],
  ['ten months to the day', [statement('2025-12-31'), statement('2025-02-28', { sales: 1600n })], 1.25],
  ['an interim statement between them', [statement('2025-12-31'), statement('2025-06-30', { sales: 1n }), statement('2024-12-31', { sales: 1600n })], 1.25],
  ['another currency', [statement('2025-12-31'), statement('2024-12-31', { sales: 1600n }, { currency: 'USD' })], null],
])('growth of the sales against %s', (_, statements, growth) => {
  expect(ratiosOf(statements)?.['salesGrowth']).toBe(growth);
});

test('years of loss are counted over three years that follow each other', () => {
  const loss = { netIncome: -1n };
  expect(ratiosOf([statement('2025-12-31', loss), statement('2024-12-31', loss), statement('2023-12-31', loss), statement('2022-12-31', loss)])?.['yearsOfLoss']).toBe(3);
  expect(ratiosOf([statement('2025-12-31', loss), statement('2024-12-31'), statement('2022-12-31', loss)])?.['yearsOfLoss']).toBe(1);
});

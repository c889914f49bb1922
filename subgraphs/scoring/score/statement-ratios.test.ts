import { expect, test } from '@jest/globals';
import { statementRatios, type StatementLines } from './statement-ratios.js';

const lines: StatementLines = {
  totalAssets: 1000, currentAssets: 500, inventory: 100, receivables: 200, totalLiabilities: 600, currentLiabilities: 300, retainedEarnings: 150, sales: 2000, costs: 1900,
  ebit: 120, depreciation: 40, interest: 30, netIncome: 60, marketValue: 900,
};

test('the ratios of a statement, by hand', () => {
  const ratios = statementRatios(lines, { ...lines, sales: 1600, netIncome: -20, totalAssets: 800, totalLiabilities: 400, marketValue: 1200 });
  expect(ratios).toMatchObject({
    workingCapitalToAssets: 0.2, retainedEarningsToAssets: 0.15, ebitToAssets: 0.12, equityToLiabilities: 400 / 600, salesToAssets: 2, netIncomeToAssets: 0.06, currentRatio: 500 / 300,
    quickRatio: 400 / 300, cashRatio: 200 / 300, cashFlowToLiabilities: 100 / 600, operatingMargin: 0.06, netMargin: 0.03, currentLiabilitiesToAssets: 0.3, inventoryDays: 18.25,
    receivableDays: 36.5, interestCover: 4, costsToSales: 0.95, equityToFixedAssets: 0.8, salesGrowth: 1.25, assetGrowth: 1.25, netIncomeChange: 1, yearsOfLoss: 1,
    marketToLiabilities: 1.5, netIncomeToMarketAssets: 0.04, marketValueChange: 0.75,
  });
  expect(ratios.liabilitiesChange).toBeCloseTo(0.1, 12);
});

test('without a year before nothing has changed that is known, and what is not given is not known', () => {
  const { salesGrowth, assetGrowth, netIncomeChange, liabilitiesChange, yearsOfLoss, marketValueChange } = statementRatios(lines);
  expect([salesGrowth, assetGrowth, netIncomeChange, liabilitiesChange, yearsOfLoss, marketValueChange]).toEqual([null, null, null, null, null, null]);
  expect(statementRatios({ ...lines, marketValue: null, interest: null })).toMatchObject({ marketToLiabilities: null, interestCover: null, netIncomeToAssets: 0.06 });
});

test('nothing is divided by nothing, or by less', () => {
  expect(statementRatios({ ...lines, totalLiabilities: 0, sales: -5, currentLiabilities: 0 })).toMatchObject({ equityToLiabilities: null, netMargin: null, currentRatio: null });
});

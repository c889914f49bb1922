/**
 * Lines of a firm's yearly statement, all in one currency and one unit; null is not known. `ebit` is the result before
 * interest and tax (résultat d'exploitation), `costs` all operating costs, `depreciation` what of them was not paid.
 */
export interface StatementLines {
  readonly totalAssets: number | null;
  readonly currentAssets: number | null;
  readonly inventory: number | null;
  readonly receivables: number | null;
  readonly totalLiabilities: number | null;
  readonly currentLiabilities: number | null;
  readonly retainedEarnings: number | null;
  readonly sales: number | null;
  readonly costs: number | null;
  readonly ebit: number | null;
  readonly depreciation: number | null;
  readonly interest: number | null;
  readonly netIncome: number | null;
  /** Of all shares on the day of the balance sheet; listed firms only. */
  readonly marketValue: number | null;
}

/** Ratios of a statement by their code; null is not known. They are the observations of the statement cards. */
export type StatementRatios = Readonly<Record<StatementRatio, number | null>>;

export type StatementRatio =
  | 'workingCapitalToAssets' | 'retainedEarningsToAssets' | 'ebitToAssets' | 'equityToLiabilities' | 'salesToAssets' | 'netIncomeToAssets'
  | 'currentRatio' | 'quickRatio' | 'cashRatio' | 'cashFlowToLiabilities' | 'operatingMargin' | 'netMargin' | 'currentLiabilitiesToAssets' | 'currentLiabilityDays'
  | 'ebitdaMargin' | 'ebitdaToLiabilities' | 'ebitToCurrentLiabilities' | 'threeYearEbitToAssets'
  | 'inventoryDays' | 'receivableDays' | 'interestCover' | 'costsToSales' | 'costsToLiabilities' | 'equityToFixedAssets'
  | 'salesGrowth' | 'assetGrowth' | 'netIncomeChange' | 'liabilitiesChange' | 'yearsOfLoss'
  | 'marketToLiabilities' | 'netIncomeToMarketAssets' | 'cashToMarketAssets' | 'marketValueChange';

/**
 * The ratios of a statement, and what changed since the one of the year before where that is given. A ratio whose
 * denominator is not positive is not known.
 */
export function statementRatios(now: StatementLines, before: StatementLines | null = null, earlier: readonly StatementLines[] = []): StatementRatios {
  const equity = minus(now.totalAssets, now.totalLiabilities);
  const workingCapital = minus(now.currentAssets, now.currentLiabilities);
  const quick = minus(now.currentAssets, now.inventory);
  const cash = minus(quick, now.receivables);
  const ebitda = plus(now.ebit, now.depreciation);
  const marketAssets = plus(now.marketValue, now.totalLiabilities);
  return {
    workingCapitalToAssets: per(workingCapital, now.totalAssets),
    retainedEarningsToAssets: per(now.retainedEarnings, now.totalAssets),
    ebitToAssets: per(now.ebit, now.totalAssets),
    equityToLiabilities: per(equity, now.totalLiabilities),
    salesToAssets: per(now.sales, now.totalAssets),
    netIncomeToAssets: per(now.netIncome, now.totalAssets),
    currentRatio: per(now.currentAssets, now.currentLiabilities),
    quickRatio: per(quick, now.currentLiabilities),
    cashRatio: per(cash, now.currentLiabilities),
    cashFlowToLiabilities: per(plus(now.netIncome, now.depreciation), now.totalLiabilities),
    ebitdaMargin: per(ebitda, now.sales),
    ebitdaToLiabilities: per(ebitda, now.totalLiabilities),
    ebitToCurrentLiabilities: per(now.ebit, now.currentLiabilities),
    threeYearEbitToAssets: before && per(threeYearEbit([now, before, ...earlier]), now.totalAssets),
    operatingMargin: per(now.ebit, now.sales),
    netMargin: per(now.netIncome, now.sales),
    currentLiabilitiesToAssets: per(now.currentLiabilities, now.totalAssets),
    currentLiabilityDays: daysOf(now.currentLiabilities, now.sales),
    inventoryDays: daysOf(now.inventory, now.sales),
    receivableDays: daysOf(now.receivables, now.sales),
    interestCover: per(now.ebit, now.interest),
    costsToSales: per(now.costs, now.sales),
    costsToLiabilities: per(now.costs, now.totalLiabilities),
    equityToFixedAssets: per(equity, minus(now.totalAssets, now.currentAssets)),
    salesGrowth: before && per(now.sales, before.sales),
    assetGrowth: before && per(now.totalAssets, before.totalAssets),
    netIncomeChange: before && netIncomeChange(now.netIncome, before.netIncome),
    liabilitiesChange: before && minus(per(now.totalLiabilities, now.totalAssets), per(before.totalLiabilities, before.totalAssets)),
    yearsOfLoss: before && yearsOfLoss([now, before, ...earlier]),
    marketToLiabilities: per(now.marketValue, now.totalLiabilities),
    netIncomeToMarketAssets: per(now.netIncome, marketAssets),
    cashToMarketAssets: per(cash, marketAssets),
    marketValueChange: before && per(now.marketValue, before.marketValue),
  };
}

/** Of the last three years, those with a loss; null where fewer than two are known. */
function yearsOfLoss(years: readonly StatementLines[]): number | null {
  const known = years.slice(0, 3).flatMap(({ netIncome }) => (netIncome === null ? [] : [netIncome]));
  return known.length < 2 ? null : known.filter((income) => income < 0).length;
}

/** What the last three years earned together; null where one of them is not known. */
function threeYearEbit(years: readonly StatementLines[]): number | null {
  return years.length < 3 ? null : years.slice(0, 3).reduce<number | null>((sum, { ebit }) => plus(sum, ebit), 0);
}

/** The change of the net income between -1 and 1: by how much it moved, of what both years moved together. */
function netIncomeChange(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : per(now - before, Math.abs(now) + Math.abs(before));
}

function daysOf(stock: number | null, flow: number | null): number | null {
  const ratio = per(stock, flow);
  return ratio === null ? null : ratio * 365;
}

function per(numerator: number | null, denominator: number | null): number | null {
  return numerator === null || denominator === null || denominator <= 0 ? null : numerator / denominator;
}

function plus(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}

function minus(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one - other;
}

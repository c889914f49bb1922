import { statementRatios, type StatementLines, type StatementRatios } from '../score/statement-ratios.js';
import type { Figures } from './figures.js';

/** A statement of one period of a customer. */
export interface DatedStatement {
  readonly periodEnd: Temporal.PlainDate;
  readonly months: number;
  readonly currency: string;
  readonly figures: Figures;
}

/** Months from one balance sheet to the next by which they are held to be of two years that follow each other. */
const LEAST_GAP_MONTHS = 10;
export const MOST_GAP_MONTHS = 14;

/** As many years as a ratio looks at. */
export const MOST_YEARS = 3;

/**
 * The ratios by which a score looks at a customer's statements, the newest first; nothing without a statement. What changed over a
 * year is told where the years follow each other in one currency, else it is not known.
 */
export function ratiosOf(statements: readonly DatedStatement[]): StatementRatios | undefined {
  const [now, before, ...earlier] = yearsOf(statements).map(linesOf);
  return now && statementRatios(now, before ?? null, earlier);
}

function yearsOf(statements: readonly DatedStatement[]): readonly DatedStatement[] {
  const years = statements.slice(0, 1);
  for (const statement of statements.slice(1)) {
    const next = years.at(-1)!;
    if (years.length === MOST_YEARS || Temporal.PlainDate.compare(statement.periodEnd, next.periodEnd.subtract({ months: MOST_GAP_MONTHS })) < 0) break;
    if (Temporal.PlainDate.compare(statement.periodEnd, next.periodEnd.subtract({ months: LEAST_GAP_MONTHS })) > 0) continue;
    if (statement.currency !== next.currency) break;
    years.push(statement);
  }
  return years;
}

/** What is earned, spent or sold in a period of other than twelve months is taken for a year in proportion. */
function linesOf({ months, figures }: DatedStatement): StatementLines {
  const stock = (amount: bigint | null): number | null => (amount === null ? null : Number(amount));
  const flow = (amount: bigint | null): number | null => (amount === null ? null : (Number(amount) * 12) / months);
  return {
    totalAssets: stock(figures.totalAssets), currentAssets: stock(figures.currentAssets), inventory: stock(figures.inventory), receivables: stock(figures.receivables),
    totalLiabilities: stock(figures.totalLiabilities), currentLiabilities: stock(figures.currentLiabilities), retainedEarnings: stock(figures.retainedEarnings),
    marketValue: stock(figures.marketValue),
    sales: flow(figures.sales), costs: flow(figures.operatingCosts), ebit: flow(figures.ebit), depreciation: flow(figures.depreciation),
    interest: flow(figures.interestExpense), netIncome: flow(figures.netIncome),
  };
}

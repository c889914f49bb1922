import type { Dice } from './dice.js';

/** A company's statement of one year, in whole euros. */
export interface DemoStatement {
  readonly periodEnd: Temporal.PlainDate;
  readonly figures: Readonly<Record<(typeof FIGURES)[number], number>>;
}

const FIGURES = [
  'totalAssets', 'currentAssets', 'totalLiabilities', 'currentLiabilities', 'equity', 'retainedEarnings', 'sales', 'ebit', 'netIncome',
  'inventory', 'receivables', 'operatingCosts', 'depreciation', 'interestExpense',
] as const;

/** What an analyst asks for: the result of three years is one of the ratios. */
const YEARS = 3;

/** A company's statements of the last three calendar years, the newest first. Each of them balances; how sound it is, is drawn. */
export function makeStatements(dice: Dice, today: Temporal.PlainDate): readonly DemoStatement[] {
  const soundness = dice.share();
  const size = dice.between(400_000, 6_000_000);
  return Array.from({ length: YEARS }, (_, index) => {
    const growth = (1 + (soundness - 0.4) * 0.15) ** -index;
    return { periodEnd: Temporal.PlainDate.from({ year: today.year - 1 - index, month: 12, day: 31 }), figures: makeFigures(dice, soundness, size * growth) };
  });
}

function makeFigures(dice: Dice, soundness: number, size: number): DemoStatement['figures'] {
  const thousands = (amount: number): number => Math.round(amount / 1000) * 1000;
  const totalAssets = thousands(size);
  const equity = thousands(totalAssets * (soundness * 0.55 + dice.between(-0.04, 0.08)));
  const totalLiabilities = totalAssets - equity;
  const currentAssets = thousands(totalAssets * dice.between(0.5, 0.75));
  const sales = thousands(totalAssets * dice.between(1.1, 1.8));
  const ebit = thousands(sales * (soundness * 0.13 + dice.between(-0.05, 0.01)));
  const interestExpense = thousands(totalLiabilities * 0.03);
  return {
    totalAssets, currentAssets, totalLiabilities, currentLiabilities: thousands(totalLiabilities * dice.between(0.55, 0.8)), equity,
    retainedEarnings: thousands(equity * dice.between(0.5, 0.8)), sales, ebit, netIncome: thousands((ebit - interestExpense) * (ebit > interestExpense ? 0.75 : 1)),
    inventory: thousands(currentAssets * dice.between(0.1, 0.3)), receivables: thousands(currentAssets * dice.between(0.3, 0.5)),
    operatingCosts: sales - ebit, depreciation: thousands(sales * 0.03), interestExpense,
  };
}

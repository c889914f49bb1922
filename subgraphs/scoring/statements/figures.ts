/** What every financial statement says. */
export const REQUIRED_FIGURES = ['totalAssets', 'currentAssets', 'totalLiabilities', 'currentLiabilities', 'equity', 'retainedEarnings', 'sales', 'ebit', 'netIncome'] as const;

/** What a statement may say besides; `null` is not known, which is not the same as zero. */
export const OPTIONAL_FIGURES = ['inventory', 'receivables', 'operatingCosts', 'depreciation', 'interestExpense', 'marketValue'] as const;

export const FIGURES = [...REQUIRED_FIGURES, ...OPTIONAL_FIGURES] as const;
export type FigureName = (typeof FIGURES)[number];

/** The figures of one statement, in minor units of its currency. */
export type Figures = Readonly<Record<(typeof REQUIRED_FIGURES)[number], bigint> & Record<(typeof OPTIONAL_FIGURES)[number], bigint | null>>;

/** A loss, and what losses have eaten up, are below zero; nothing else is. */
const MAY_BE_NEGATIVE: ReadonlySet<FigureName> = new Set(['equity', 'retainedEarnings', 'ebit', 'netIncome']);

/** Rounding keeps an order, so a part is never more than its whole, however a statement is rounded. */
const PARTS: readonly (readonly [part: FigureName, whole: FigureName])[] = [
  ['currentAssets', 'totalAssets'],
  ['inventory', 'currentAssets'],
  ['receivables', 'currentAssets'],
  ['currentLiabilities', 'totalLiabilities'],
  ['depreciation', 'operatingCosts'],
];

/** One part in this many of the assets: what statements that are given in thousands or millions lose by rounding. */
const ROUNDING_PARTS = 1000n;

/** What is wrong with a statement, and the figure that says so. */
export interface Fault {
  readonly figure: FigureName;
  readonly why: string;
}

/**
 * The first thing that is wrong with these figures. Assets must be liabilities and equity to within one minor unit or 0.1 %
 * of the assets, whichever is more; only results and equity are below zero; no part is more than its whole.
 */
export function findFault(figures: Figures): Fault | undefined {
  const below = FIGURES.find((name) => !MAY_BE_NEGATIVE.has(name) && (figures[name] ?? 0n) < 0n);
  if (below) return { figure: below, why: 'This is never below zero.' };
  const rounding = roundingOf(figures);
  const gap = figures.totalAssets - figures.totalLiabilities - figures.equity;
  if (gap > rounding || -gap > rounding) return { figure: 'totalAssets', why: 'It does not balance: total assets are total liabilities and equity together, to within 0.1 %.' };
  for (const [part, whole] of PARTS) {
    const [of, all] = [figures[part], figures[whole]];
    if (of !== null && all !== null && of > all) return { figure: part, why: `This is more than ${whole}, of which it is a part.` };
  }
  // A sum of rounded figures may be a little off, as a balance may.
  if ((figures.inventory ?? 0n) + (figures.receivables ?? 0n) > figures.currentAssets + rounding) return { figure: 'currentAssets', why: 'This is less than inventory and receivables together.' };
  return undefined;
}

function roundingOf({ totalAssets }: Figures): bigint {
  const share = totalAssets / ROUNDING_PARTS;
  return share > 1n ? share : 1n;
}

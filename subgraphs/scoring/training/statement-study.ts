import type { TrainedCard } from '../score/trained-card.js';
import type { StatementLines, StatementRatio, StatementRatios } from '../score/statement-ratios.js';
import { placeOf } from './chance.js';
import { areaUnderCurve } from './discrimination.js';
import { crossFitted, fitScorecard, probabilityOf, type Candidate, type Sample } from './fit.js';
import { judge, type Baseline, type Verdict } from './judge.js';

/** The last year of a listed firm's window, with what changed over the years of the window before it. */
export interface UsFirm {
  readonly company: string;
  readonly year: number;
  /** The windows that end with this year, e.g. `5_test`: 3, 4 or 5 years long, of the part to learn from, to choose by, or to be held to. */
  readonly windows: readonly string[];
  readonly failed: boolean;
  readonly lines: StatementLines;
  readonly ratios: StatementRatios;
}

/** A Polish firm's year: 64 ratios as they were published; null is missing. */
export interface PolishFirm {
  /** Rows of one firm have one: its working capital and its total assets, which no two firms share to the last digit. */
  readonly company: string;
  readonly failed: boolean;
  /** Attr1 is at 0. */
  readonly attributes: readonly (number | null)[];
  readonly ratios: Readonly<Partial<Record<StatementRatio, number | null>>>;
}

/** What each ratio is held to mean, before any data: more of it is safer, or less. */
const SAFER: Readonly<Record<StatementRatio, Candidate['safer']>> = {
  workingCapitalToAssets: 'higher', retainedEarningsToAssets: 'higher', ebitToAssets: 'higher', equityToLiabilities: 'higher', salesToAssets: 'higher',
  netIncomeToAssets: 'higher', currentRatio: 'higher', quickRatio: 'higher', cashRatio: 'higher', cashFlowToLiabilities: 'higher', operatingMargin: 'higher', netMargin: 'higher',
  currentLiabilitiesToAssets: 'lower', currentLiabilityDays: 'lower', inventoryDays: 'lower', receivableDays: 'lower', ebitdaMargin: 'higher', ebitdaToLiabilities: 'higher', ebitToCurrentLiabilities: 'higher', threeYearEbitToAssets: 'higher', interestCover: 'higher', costsToSales: 'lower',
  costsToLiabilities: 'higher', equityToFixedAssets: 'higher', salesGrowth: 'higher', assetGrowth: 'higher', netIncomeChange: 'higher', liabilitiesChange: 'lower', yearsOfLoss: 'lower',
  marketToLiabilities: 'higher', netIncomeToMarketAssets: 'higher', cashToMarketAssets: 'higher', marketValueChange: 'higher',
};

const MARKET: readonly StatementRatio[] = ['marketToLiabilities', 'netIncomeToMarketAssets', 'cashToMarketAssets', 'marketValueChange'];
const ALL = Object.entries(SAFER).map(([code, safer]) => ({ code: code as StatementRatio, safer }));

export const LISTED_CANDIDATES: readonly Candidate[] = ALL;
export const UNLISTED_CANDIDATES: readonly Candidate[] = ALL.filter(({ code }) => !MARKET.includes(code));

/** The share of the Polish firms that the card is held to. */
const HELD_SHARE = 0.4;
const SEED = 20_261_123;

/** Listed firms: those to learn from, whose windows end before the ones that the card is held to, and those, by the length of the window. */
export interface UsSplit {
  readonly learn: readonly UsFirm[];
  readonly held: ReadonlyMap<string, readonly UsFirm[]>;
}

/** Splits by the published windows; a company that is in a test window is in no other part. */
export function splitUsFirms(firms: readonly UsFirm[]): UsSplit {
  const isTest = (window: string): boolean => window.endsWith('_test');
  const heldCompanies = new Set(firms.filter(({ windows }) => windows.some(isTest)).map(({ company }) => company));
  const windows = [...new Set(firms.flatMap((firm) => firm.windows))].filter(isTest).toSorted();
  return {
    learn: firms.filter(({ company }) => !heldCompanies.has(company)),
    held: new Map(windows.map((window) => [window, firms.filter((firm) => firm.windows.includes(window))])),
  };
}

export interface PolishSplit {
  readonly learn: readonly PolishFirm[];
  readonly held: readonly PolishFirm[];
}

/** Splits by company: the data have no years. */
export function splitPolishFirms(firms: readonly PolishFirm[]): PolishSplit {
  const isHeld = ({ company }: PolishFirm): boolean => placeOf(company, SEED) < HELD_SHARE;
  return { learn: firms.filter((firm) => !isHeld(firm)), held: firms.filter(isHeld) };
}

export function usSample({ ratios, failed, company }: UsFirm): Sample {
  return { observed: ratios, bad: failed, group: company };
}

export function polishSample({ ratios, failed, company }: PolishFirm): Sample {
  return { observed: ratios, bad: failed, group: company };
}

export function fitListed(version: string, { learn }: UsSplit): TrainedCard {
  return fitScorecard(version, learn.map(usSample), LISTED_CANDIDATES, SEED);
}

export function fitUnlisted(version: string, { learn }: PolishSplit): TrainedCard {
  return fitScorecard(version, learn.map(polishSample), UNLISTED_CANDIDATES, SEED);
}

/** The card of listed firms on the last years of the test windows. */
export function judgeListed(card: TrainedCard, { held }: UsSplit): Verdict[] {
  return [...held].map(([window, firms]) => judge(`US listed firms, windows of ${window.split('_')[0]!} years`, firms.map((firm) => probabilityOf(card, usSample(firm))), firms.map(usSample), [
    { name: 'Altman Z', risk: firms.map(altmanZ) },
    { name: 'Altman Z″', risk: firms.map(altmanZ2) },
    bestSingle(firms.map(({ ratios }) => Object.entries(ratios)), firms.map(({ failed }) => failed)),
  ], SEED));
}

/** The card of unlisted firms on the Polish firms held back, and, to see how it travels, on the listed ones. */
export function judgeUnlisted(card: TrainedCard, polish: PolishSplit, us: UsSplit): Verdict[] {
  const firms = polish.held;
  return [
    judge('Polish firms, year 1', firms.map((firm) => probabilityOf(card, polishSample(firm))), firms.map(polishSample), polishBaselines(firms), SEED),
    ...[...us.held].map(([window, listed]) => judge(`The same card on US listed firms, windows of ${window.split('_')[0]!} years`, listed.map((firm) => probabilityOf(card, usSample(firm))), listed.map(usSample), [{ name: 'Altman Z″', risk: listed.map(altmanZ2) }], SEED)),
  ];
}

/** The method, not the card: five cards, each on the fifth of all Polish firms that it has not seen. */
export function judgeUnlistedMethod({ learn, held }: PolishSplit): Verdict {
  const firms = [...learn, ...held];
  const samples = firms.map(polishSample);
  const said = crossFitted(samples, () => true, () => true, UNLISTED_CANDIDATES, SEED);
  return judge('All Polish firms, each judged by a card that has not seen it', said.map(Number), samples, polishBaselines(firms), SEED);
}

function polishBaselines(firms: readonly PolishFirm[]): Baseline[] {
  return [
    { name: 'Altman Z′', risk: firms.map(({ attributes }) => altmanZ1(attributes)) },
    { name: 'Altman Z″', risk: firms.map(({ ratios }) => z2Of(ratios)) },
    { name: 'net income ÷ assets', risk: firms.map(({ attributes: [ratio] }) => (ratio === null || ratio === undefined ? null : -ratio)) },
    bestSingle(firms.map(({ attributes }) => attributes.map((value, index) => [`Attr${index + 1}`, value] as const)), firms.map(({ failed }) => failed)),
  ];
}

/** Altman (1968), listed manufacturers, as risk. */
function altmanZ({ ratios: of }: UsFirm): number | null {
  return sum([[1.2, of.workingCapitalToAssets], [1.4, of.retainedEarningsToAssets], [3.3, of.ebitToAssets], [0.6, of.marketToLiabilities], [1, of.salesToAssets]]);
}

function altmanZ2({ ratios }: UsFirm): number | null {
  return z2Of(ratios);
}

/** Altman's Z′ (1983), unlisted manufacturers, from the published attributes, as risk. */
function altmanZ1(attributes: readonly (number | null)[]): number | null {
  return sum([[0.717, attributes[2]], [0.847, attributes[5]], [3.107, attributes[6]], [0.42, attributes[7]], [0.998, attributes[8]]]);
}

/** Altman's Z″ (1995), other than manufacturers, as risk (INDICATORS.md, "Default risk and credit limit"). */
function z2Of(of: Readonly<Partial<Record<StatementRatio, number | null>>>): number | null {
  return sum([[6.56, of.workingCapitalToAssets], [3.26, of.retainedEarningsToAssets], [6.72, of.ebitToAssets], [1.05, of.equityToLiabilities]]);
}

/** Risk: the less of the sum the worse; not known where one part is not. */
function sum(parts: readonly (readonly [weight: number, ratio: number | null | undefined])[]): number | null {
  let total = 0;
  for (const [weight, ratio] of parts) {
    if (ratio === null || ratio === undefined) return null;
    total -= weight * ratio;
  }
  return total;
}

/** The single ratio, in the better of both directions, that does best on these very rows: chosen in its own favour. */
function bestSingle(rows: readonly (readonly (readonly [name: string, value: number | null | undefined])[])[], bad: readonly boolean[]): Baseline {
  const all = rows[0]!.flatMap(([name], column) => [1, -1].map((sign) => {
    const values = rows.map((row) => row[column]![1] ?? null);
    const known = values.filter((value) => value !== null).toSorted((one, other) => one - other);
    const median = known[Math.floor(known.length / 2)] ?? 0;
    const risk = values.map((value) => sign * (value ?? median));
    return { name: `best single ratio of all, chosen on these rows (${sign < 0 ? 'less' : 'more'} ${name} is worse)`, shownOnly: true, risk, area: areaUnderCurve(risk, bad) };
  }));
  return all.reduce((best, one) => (one.area > best.area ? one : best));
}

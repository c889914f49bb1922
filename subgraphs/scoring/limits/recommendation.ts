import { add, compare, roundToWhole, ZERO, type Fraction } from '../../../src/values/fraction.js';
import type { Label } from '../score/scorecard.js';

/** Days of a year of interest, as the formula has it. */
const YEAR_OF_360 = 360n;
/** Days of a calendar year of sales. */
const YEAR_OF_365 = 365;
/** The least days that a relation counts as: the first order of a week ago is no habit to be taken times fifty. */
const LEAST_OBSERVED_DAYS = 90;
/** A limit may be so many times what the customer ever owed at once and paid. */
const TIMES_PAID = 2n;
/** The share of the firm's own yearly sales that one customer may owe at once, in hundredths. */
const CONCENTRATION_PERCENT = 10n;

/** What a band of risk allows: shares of the customer's own figures in hundredths, and days of its sales. */
interface Grade {
  readonly tangibleNetWorthPercent: bigint;
  readonly turnoverPermille: bigint;
  /** Null: no cap. */
  readonly salesDays: bigint | null;
}

const GRADES = {
  A: { tangibleNetWorthPercent: 35n, turnoverPermille: 50n, salesDays: 120n },
  B: { tangibleNetWorthPercent: 25n, turnoverPermille: 35n, salesDays: 90n },
  C: { tangibleNetWorthPercent: 15n, turnoverPermille: 20n, salesDays: 60n },
  D: { tangibleNetWorthPercent: 5n, turnoverPermille: 10n, salesDays: 30n },
  E: { tangibleNetWorthPercent: 0n, turnoverPermille: 0n, salesDays: 0n },
} as const satisfies Readonly<Record<string, Grade>>;
export type Band = keyof typeof GRADES;

/** Where no band is known: the shares of the middle one, and no cap of the band's own. */
const UNKNOWN_GRADE: Grade = { ...GRADES.C, salesDays: null };

export const CAP_RULES = ['tangibleNetWorth', 'turnover', 'riskBand', 'paidBefore', 'concentration'] as const;
export type CapRule = (typeof CAP_RULES)[number];

export const CAP_LABELS: Readonly<Record<CapRule, Label>> = {
  tangibleNetWorth: { en: 'A share of its tangible net worth', fr: 'Une part de ses fonds propres tangibles' },
  turnover: { en: 'A share of its turnover', fr: "Une part de son chiffre d'affaires" },
  riskBand: { en: 'The days of sales that its risk band allows', fr: 'Les jours de ventes que permet sa classe de risque' },
  paidBefore: { en: 'Twice the most that it has owed at once and paid', fr: "Le double du plus fort encours qu'il a déjà payé" },
  concentration: { en: "A tenth of your firm's own yearly sales", fr: 'Un dixième de vos propres ventes annuelles' },
};

/** What is known of a customer on the day of a recommendation, in one currency; amounts in minor units of it. */
export interface LimitFacts {
  /** Invoiced in the last 12 months, taxes included. */
  readonly salesMinor: bigint;
  /** Days from the customer's first invoice to the day, that day included. */
  readonly observedDays: number;
  /** Days from the issue to the due date of those invoices, amount-weighted. */
  readonly termsDays: Fraction;
  /** Days beyond terms, amount-weighted, below zero when it pays early; null when nothing was settled or is overdue. */
  readonly delayDays: Fraction | null;
  /** The most that it owed at once of what it has paid; null when it has paid nothing yet. */
  readonly highestPaidMinor: bigint | null;
  readonly band: Band | null;
  /** Of the newest financial statement in this currency; null when there is none, or it does not say. */
  readonly tangibleNetWorthMinor: bigint | null;
  readonly turnoverMinor: bigint | null;
  /** What the firm invoiced to all its customers in the last 12 months; null when they are too few to spread over. */
  readonly portfolioSalesMinor: bigint | null;
}

export interface Cap {
  readonly rule: CapRule;
  readonly amountMinor: bigint;
}

export interface Recommendation {
  readonly amountMinor: bigint;
  readonly needMinor: bigint;
  readonly caps: readonly Cap[];
  /** What the amount is: the need, or the cap that cut it. */
  readonly binding: 'need' | CapRule;
  /** The sales of a year that the need is made of. */
  readonly forecastMinor: bigint;
}

/**
 * The credit limit that a customer deserves. INDICATORS.md, "Credit limit": need = forecast sales incl. tax × (terms + delay) ÷ 360;
 * the recommendation is the least of the need and the caps, and `binding` says which: the first of them, where several are equal.
 * TNW 80,000 and turnover 700,000 cap a need of 50,000 at 28,000.
 *
 * Exact inside. The need, the forecast and each cap are rounded half-even to whole minor units; the amount is one of them.
 */
export function recommendLimit(facts: LimitFacts): Recommendation {
  const forecast = forecastOf(facts);
  const days = add(atLeastZero(facts.termsDays), atLeastZero(facts.delayDays ?? ZERO));
  const needMinor = roundToWhole({ numerator: forecast.numerator * days.numerator, denominator: forecast.denominator * days.denominator * YEAR_OF_360 });
  const caps = [...capsOf(facts, forecast)];
  let amountMinor = needMinor;
  let binding: Recommendation['binding'] = 'need';
  for (const cap of caps) if (cap.amountMinor < amountMinor) [amountMinor, binding] = [cap.amountMinor, cap.rule];
  return { amountMinor, needMinor, caps, binding, forecastMinor: roundToWhole(forecast) };
}

/** The sales of a year: those of the last 12 months, or of a shorter relation, taken for a year; at least 90 days count as observed. */
function forecastOf({ salesMinor, observedDays }: LimitFacts): Fraction {
  if (observedDays >= YEAR_OF_365) return { numerator: salesMinor, denominator: 1n };
  return { numerator: salesMinor * BigInt(YEAR_OF_365), denominator: BigInt(Math.max(observedDays, LEAST_OBSERVED_DAYS)) };
}

function* capsOf(facts: LimitFacts, forecast: Fraction): Generator<Cap> {
  const grade: Grade = facts.band ? GRADES[facts.band] : UNKNOWN_GRADE;
  const cap = (rule: CapRule, numerator: bigint, denominator: bigint): Cap => ({ rule, amountMinor: numerator <= 0n ? 0n : roundToWhole({ numerator, denominator }) });
  if (facts.tangibleNetWorthMinor !== null) yield cap('tangibleNetWorth', facts.tangibleNetWorthMinor * grade.tangibleNetWorthPercent, 100n);
  if (facts.turnoverMinor !== null) yield cap('turnover', facts.turnoverMinor * grade.turnoverPermille, 1000n);
  if (grade.salesDays !== null) yield cap('riskBand', forecast.numerator * grade.salesDays, forecast.denominator * YEAR_OF_360);
  if (facts.highestPaidMinor !== null) yield cap('paidBefore', facts.highestPaidMinor * TIMES_PAID, 1n);
  if (facts.portfolioSalesMinor !== null) yield cap('concentration', facts.portfolioSalesMinor * CONCENTRATION_PERCENT, 100n);
}

function atLeastZero(days: Fraction): Fraction {
  return compare(days, ZERO) < 0n ? ZERO : days;
}

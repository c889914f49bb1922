/**
 * The rates of late penalties by half-year. INDICATORS.md, "Payment terms and French law": a half-year has the rate that is
 * in force on its first day. A half-year that is missing here is one whose rate is not known: nothing is made up for it.
 *
 * `ecb`: interest rate of the main refinancing operations of the European Central Bank on 1 January or 1 July (Eurosystem,
 * "Key ECB interest rates"). `legal`: taux de l'intérêt légal for debts between professionals, by the yearly decree up to
 * 2014, since then by the half-yearly arrêté (C. mon. fin. L313-2, D313-1-A). Both in hundredths of a percent.
 */
interface HalfYearRate {
  readonly ecb: number;
  readonly legal: number;
}

const HALF_YEARS: Readonly<Record<string, HalfYearRate>> = {
  '2010-01': { ecb: 100, legal: 65 }, '2010-07': { ecb: 100, legal: 65 },
  '2011-01': { ecb: 100, legal: 38 }, '2011-07': { ecb: 125, legal: 38 },
  '2012-01': { ecb: 100, legal: 71 }, '2012-07': { ecb: 100, legal: 71 },
  '2013-01': { ecb: 75, legal: 4 }, '2013-07': { ecb: 50, legal: 4 },
  '2014-01': { ecb: 25, legal: 4 }, '2014-07': { ecb: 15, legal: 4 },
  '2015-01': { ecb: 5, legal: 93 }, '2015-07': { ecb: 5, legal: 99 },
  '2016-01': { ecb: 5, legal: 101 }, '2016-07': { ecb: 0, legal: 93 },
  '2017-01': { ecb: 0, legal: 90 }, '2017-07': { ecb: 0, legal: 90 },
  '2018-01': { ecb: 0, legal: 89 }, '2018-07': { ecb: 0, legal: 88 },
  '2019-01': { ecb: 0, legal: 86 }, '2019-07': { ecb: 0, legal: 87 },
  '2020-01': { ecb: 0, legal: 87 }, '2020-07': { ecb: 0, legal: 84 },
  '2021-01': { ecb: 0, legal: 79 }, '2021-07': { ecb: 0, legal: 76 },
  '2022-01': { ecb: 0, legal: 76 }, '2022-07': { ecb: 0, legal: 77 },
  '2023-01': { ecb: 250, legal: 206 }, '2023-07': { ecb: 400, legal: 422 },
  '2024-01': { ecb: 450, legal: 507 }, '2024-07': { ecb: 425, legal: 492 },
  '2025-01': { ecb: 315, legal: 371 }, '2025-07': { ecb: 215, legal: 276 },
  '2026-01': { ecb: 215, legal: 262 },
};

/** What the law adds to the rate of the ECB. */
const ADDED = 1000;

/** A rate that terms of sale agree on may not be below so many times the legal rate. */
const LEGAL_FLOOR_FACTOR = 3;

export const PENALTY_BASES = ['ECB_PLUS_10', 'AGREED', 'LEGAL_FLOOR'] as const;
export type PenaltyBasis = (typeof PENALTY_BASES)[number];

export interface PenaltyRate {
  /** A year's, in hundredths of a percent: 1425 is 14.25 %. */
  readonly hundredths: bigint;
  readonly basis: PenaltyBasis;
}

/** The first day of the half-year that a day lies in. */
export function startOfHalfYear(day: Temporal.PlainDate): Temporal.PlainDate {
  return day.with({ month: day.month < 7 ? 1 : 7, day: 1 });
}

/**
 * The rate of late penalties on a day; `null` where it is not known. Without an agreed rate it is the ECB's plus 10 points.
 * An agreed one holds unless it is below three times the legal rate, which then takes its place: C. com. L441-10 sets
 * this floor to agreements only, not to its own default rate.
 */
export function penaltyRate(day: Temporal.PlainDate, agreedHundredths: bigint | null): PenaltyRate | null {
  const rate = HALF_YEARS[startOfHalfYear(day).toString().slice(0, 7)];
  if (!rate) return null;
  if (agreedHundredths === null) return { hundredths: BigInt(rate.ecb + ADDED), basis: 'ECB_PLUS_10' };
  const floor = BigInt(rate.legal * LEGAL_FLOOR_FACTOR);
  return agreedHundredths < floor ? { hundredths: floor, basis: 'LEGAL_FLOOR' } : { hundredths: agreedHundredths, basis: 'AGREED' };
}

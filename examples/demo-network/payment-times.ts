import type { Dice } from './dice.js';

/**
 * How firms really pay, in the few figures that the demo network is drawn from.
 *
 * United Kingdom: 114,758 reports of large firms under the statutory duty to report on payment practices, 2017–2026;
 * aggregates by Edwards (2026), CC BY 4.0, on data of the Department for Business and Trade under the Open Government
 * Licence v3.0. France: Observatoire des délais de paiement, annual report 2019 (Banque de France), figures of 2018.
 */

interface Quantiles {
  readonly p10: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly p90: number;
}

/** Days from the agreed day to the payment, by paying firm (7,490 reports that state both). Two thirds pay late. */
export const DAYS_BEYOND_TERMS: Quantiles = { p10: -16, q1: -4, median: 10, q3: 25, p90: 39 };

/** Nobody of the demo lies further out than this on average; the source ends at its tenths. */
const EARLIEST_HABIT = -20;
const LATEST_HABIT = 60;

/** Customers' days of sales outstanding by the seller's line of business, France 2018. All firms together: 44. */
const CUSTOMER_DAYS_BY_SECTOR = { trade: 25, information: 78, services: 75 } as const;
export type Sector = keyof typeof CUSTOMER_DAYS_BY_SECTOR;

/** Draws a firm's habit: the days beyond terms at which it pays on average. Straight lines between the quantiles. */
export function drawHabit(dice: Dice): number {
  const { p10, q1, median, q3, p90 } = DAYS_BEYOND_TERMS;
  const points: readonly (readonly [number, number])[] = [[0, EARLIEST_HABIT], [0.1, p10], [0.25, q1], [0.5, median], [0.75, q3], [0.9, p90], [1, LATEST_HABIT]];
  const share = dice.share();
  for (let index = 1; index < points.length; index += 1) {
    const [from, low] = points[index - 1]!;
    const [to, high] = points[index]!;
    if (share <= to) return low + ((share - from) / (to - from)) * (high - low);
  }
  return LATEST_HABIT;
}

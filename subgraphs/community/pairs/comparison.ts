import type { Metric } from '../../../src/values/metric.js';
import { endOfMonth, monthOf } from '../../../src/values/day.js';
import { quarterOf } from '../benchmark/epoch.js';
import { clipDays } from '../benchmark/input.js';
import { familyOf, type DisclosurePolicy } from '../benchmark/policy.js';
import type { Position } from '../../../src/values/position.js';

/**
 * How one firm's figure lies against that of a firm that agreed to compare: below, similar or above, nothing finer. Days
 * count clipped, as they count everywhere.
 *
 * Claim: one of three words for each metric and quarter, from two figures that were frozen before either firm could know
 * the word; the two firms get opposite words.
 * Why: a comparison of two is a disclosure: ±15 days takes a guess from 29 % to 49 %. Asked again with a figure that moved,
 * it would be a search for the other one's. A share is similar within a quarter of the whole: the width of the first class
 * that T1 shows, so that a pair tells no more of a share than a band does.
 * Argument, and what is not claimed: disclosure.proof.md, "Pairs".
 */
export function compareFigures(metric: Metric, yours: number, theirs: number, policy: DisclosurePolicy): Position {
  const inDays = metric !== 'LATE_SHARE';
  const difference = inDays ? clipDays(yours, policy) - clipDays(theirs, policy) : yours - theirs;
  const similar = inDays ? policy.pair.similarDays : policy.pair.similarShare;
  if (difference < -similar) return 'BELOW';
  return difference > similar ? 'ABOVE' : 'SIMILAR';
}

/** The same word as the other firm reads it. */
export function turned(position: Position): Position {
  return position === 'BELOW' ? 'ABOVE' : position === 'ABOVE' ? 'BELOW' : 'SIMILAR';
}

/** A calendar quarter whose figures may be compared. */
export interface ComparedQuarter {
  /** `2026-Q3`. */
  readonly quarter: string;
  /** Its last month, under which its figures were told. */
  readonly month: string;
  readonly periodStart: Temporal.PlainDate;
  readonly periodEnd: Temporal.PlainDate;
}

/** The latest calendar quarter that is as old as the metric's own epochs are when they are published. */
export function comparedQuarter(metric: Metric, today: Temporal.PlainDate, policy: DisclosurePolicy): ComparedQuarter {
  const aged = today.subtract({ days: policy.publishedAfterDays[familyOf(metric)] });
  // The quarter that `aged` lies in has ended only on its own last day.
  const ofAged = endOfMonth(aged.with({ day: 1 }).add({ months: 2 - ((aged.month - 1) % 3) }));
  const periodEnd = ofAged.equals(aged) ? ofAged : endOfMonth(ofAged.with({ day: 1 }).subtract({ months: 3 }));
  return { quarter: quarterOf(periodEnd), month: monthOf(periodEnd), periodStart: periodEnd.with({ day: 1 }).subtract({ months: 2 }), periodEnd };
}

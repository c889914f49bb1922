import type { Metric } from '../../../src/values/metric.js';
import type { Trend } from '../../../src/values/trend.js';
import { directionOf, type Change } from './direction.js';
import { classBounds, classOf, modalClass, shareClass } from './figure-class.js';
import { clipDays, clipShare, roundTo } from './input.js';
import type { DisclosurePolicy } from './policy.js';
import { tierOf, type Tier } from './tier.js';

/** What three or four others let us say: a wide band. */
export interface Band {
  readonly tier: 'T1';
  readonly from: number;
  readonly to: number;
  readonly direction: Trend | null;
}

/** What five or more others let us say. Quartiles of days only, and only from ten. */
export interface Figure {
  readonly tier: 'T2' | 'T3';
  readonly value: number;
  readonly roundedTo: number;
  readonly direction: Trend | null;
  readonly lowerQuartile: number | null;
  readonly upperQuartile: number | null;
}

export type Cell = Band | Figure;

/**
 * What may be published of one customer and one metric, from the inputs of a panel. `undefined` when nothing may.
 *
 * Claim: the cell depends on nobody's amount, weights everybody alike, holds neither a count nor an extreme, and is the
 * same for every member.
 * Why: weights by volume expose the largest firm; a median of few is somebody's value; a statistic "without you" lets two
 * who compare theirs take the difference. Argument, and what is not claimed: disclosure.proof.md.
 */
export function discloseCell(metric: Metric, panel: readonly Change[], policy: DisclosurePolicy): Cell | undefined {
  const tier = tierOf(panel.length, policy);
  return tier && cellAt(tier, metric, panel, policy);
}

/** The same at a tier that is given: the panel's own, or a lower one. A mean is shown as if it lay `shift` higher, and of classes with as many votes the highest if there is any (edge-shift.ts). */
export function cellAt(tier: Tier, metric: Metric, panel: readonly Change[], policy: DisclosurePolicy, shift = 0): Cell {
  const inputs = panel.map(({ now }) => now);
  const direction = directionOf(metric, panel, policy);
  if (metric === 'LATE_SHARE') {
    const share = clipShare(mean(inSizeOrder(inputs)) + shift);
    if (tier === 'T1') return { tier, ...classBounds(classOf(share, policy.lateShareBands), policy.lateShareBands), direction };
    return { tier, ...shareClass(classOf(share, policy.lateShareClasses), policy.lateShareClasses), direction, lowerQuartile: null, upperQuartile: null };
  }
  const bucketed = inSizeOrder(inputs.map((input) => roundTo(input, policy.bucketDays[tier])));
  if (tier === 'T1') return { tier, ...bandOf(clipDays(mean(bucketed) + shift, policy), policy), direction };
  if (metric === 'PAYMENT_TERMS') {
    const classes = policy.termsClasses[tier];
    // The inputs themselves: 32 days in a bucket of five would be 30, and the wrong class.
    return { tier, value: classes[modalClass(inputs, classes, shift > 0 ? 'HIGHEST' : 'LOWEST')]!, roundedTo: policy.termsRoundedTo[tier], direction, lowerQuartile: null, upperQuartile: null };
  }
  return {
    tier,
    value: roundTo(clipDays(mean(bucketed) + shift, policy), policy.shownDays[tier]),
    roundedTo: policy.shownDays[tier],
    direction,
    lowerQuartile: tier === 'T3' ? roundTo(quantile(bucketed, 0.25), policy.quartileDays) : null,
    upperQuartile: tier === 'T3' ? roundTo(quantile(bucketed, 0.75), policy.quartileDays) : null,
  };
}

/** The 30-day band that a figure in days lies in; the highest figure that counts belongs to the last band. */
export function bandOf(days: number, policy: DisclosurePolicy): { readonly from: number; readonly to: number } {
  const width = policy.shownDays.T1;
  const from = Math.min(Math.floor(days / width) * width, policy.clipDays.highest - width);
  return { from, to: from + width };
}

/** Values come from a set: in one order they have one sum, fractions included. */
function inSizeOrder(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The quantile between the two values around it, weighted by nearness (Hyndman and Fan, type 7). */
function quantile(sorted: Float64Array, part: number): number {
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}

import type { Metric } from '../../../src/values/metric.js';
import type { Cell } from './cell.js';
import { roundTo } from './input.js';
import type { DisclosurePolicy } from './policy.js';
import type { Tier } from './tier.js';

/** A cell as it was shown. */
export interface Shown {
  readonly cell: Cell;
  /** By how much at most, in days or of a share, its mean was shifted before it was rounded (edge-shift.ts); 0: it was not. */
  readonly shiftedBy: number;
}

/** The least and the most that the inputs of a panel may add up to, given what was shown. */
export interface SumBounds {
  readonly least: number;
  readonly most: number;
}

/**
 * What a cell says of the sum of the inputs, in days as they count in its mean (clipped and bucketed), to whoever knows how many they are:
 * both ends can be the sum. A shifted mean may lie anywhere it may have been shifted from. `undefined` where a cell says nothing of a sum.
 */
export function sumOfDays(metric: Metric, { cell, shiftedBy }: Shown, contributors: number, policy: DisclosurePolicy): SumBounds | undefined {
  if (metric === 'LATE_SHARE' || (metric === 'PAYMENT_TERMS' && cell.tier !== 'T1')) return undefined;
  const bucket = policy.bucketDays[cell.tier];
  const highest = contributors * policy.clipDays.highest;
  const [from, to] = cell.tier === 'T1' ? [cell.from, cell.to] : [cell.value - cell.roundedTo / 2, cell.value + cell.roundedTo / 2];
  // A sum of buckets is a multiple of the bucket. The upper end belongs to the next mean, but for the last: there is none.
  const most = to >= policy.clipDays.highest ? highest : Math.min(highest, Math.ceil((contributors * (to + shiftedBy)) / bucket) * bucket - bucket);
  // No shift reaches the whole of the policy's days upwards.
  const lower = (contributors * (from - shiftedBy)) / bucket;
  const least = from <= policy.clipDays.lowest ? 0 : Math.max(0, (shiftedBy > 0 ? Math.floor(lower) + 1 : Math.ceil(lower)) * bucket);
  return { least, most };
}

/** The same of shares: the class that was shown, times the contributors. */
export function sumOfShares({ cell, shiftedBy }: Shown, contributors: number): SumBounds {
  const [from, to] = cell.tier === 'T1' ? [cell.from, cell.to] : [cell.value - cell.roundedTo / 2, cell.value + cell.roundedTo / 2];
  return { least: Math.max(0, from - shiftedBy) * contributors, most: Math.min(1, to + shiftedBy) * contributors };
}

/** What an input in days counts as in the mean of a tier. */
export function bucketOf(input: number, tier: Tier, policy: DisclosurePolicy): number {
  return roundTo(input, policy.bucketDays[tier]);
}

import type { Metric } from '../../../src/values/metric.js';
import type { Cell } from './cell.js';
import { classBounds, classOf } from './figure-class.js';
import { roundTo } from './input.js';
import type { DisclosurePolicy } from './policy.js';
import type { Tier } from './tier.js';

/** A cell as it was shown. */
export interface Shown {
  readonly cell: Cell;
  /** By how many days at most its mean was shifted before it was rounded (edge-shift.ts); 0: it was not. */
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

/** The same of a share: its class, times the contributors. The lower end belongs to the class below. */
export function sumOfShares(tier: Tier, inputs: readonly number[], policy: DisclosurePolicy): SumBounds {
  const bounds = tier === 'T1' ? policy.lateShareBands : policy.lateShareClasses;
  const { from, to } = classBounds(classOf(inputs.reduce((sum, input) => sum + input, 0) / inputs.length, bounds), bounds);
  return { least: from * inputs.length, most: to * inputs.length };
}

/** What an input in days counts as in the mean of a tier. */
export function bucketOf(input: number, tier: Tier, policy: DisclosurePolicy): number {
  return roundTo(input, policy.bucketDays[tier]);
}

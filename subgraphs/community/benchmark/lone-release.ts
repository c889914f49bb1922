import type { Metric } from '../../../src/values/metric.js';
import type { Cell } from './cell.js';
import type { DisclosurePolicy } from './policy.js';
import { bucketOf, sumOfDays, sumOfShares, type SumBounds } from './shown-sum.js';

/** So that no fraction of a share tips a comparison. */
const HAIR = 1e-9;

/**
 * Whether a cell leaves every member room enough by itself, before any history: for each two members that put together what they
 * know, each other one may lie anywhere in an interval of at least the tier's width.
 *
 * Claim: that holds with what the decision itself tells, for whatever is shown. Whoever sees the cell knows that this function
 * said yes, and yes leaves the interval as wide.
 * Why: the plain rule (look at the interval that the figure leaves) does not survive being known: of a mean of 10 days of six,
 * with 60 of the sum my own, the yes would say that nobody else has anything. The rules below refuse whole neighbourhoods, so that
 * on which side of a boundary a group lies is no news of one member. Argument and exhaustive check: disclosure.proof.md,
 * "Release gate".
 */
export function leavesRoomAlone(metric: Metric, cell: Cell, inputs: readonly number[], policy: DisclosurePolicy): boolean {
  const contributors = inputs.length;
  if (metric === 'LATE_SHARE') return leavesPairsRoom(inputs, 1, sumOfShares(cell.tier, inputs, policy), policy.gate.widthShare[cell.tier]);
  if (metric === 'PAYMENT_TERMS' && cell.tier !== 'T1') return isCarriedByOthers(cell.value === policy.termsClasses[cell.tier][0], contributors);
  const buckets = inputs.map((input) => bucketOf(input, cell.tier, policy));
  const sum = sumOfDays(metric, cell, contributors, policy)!;
  const { highest } = policy.clipDays;
  return cell.tier === 'T1' ? leavesPairsRoom(buckets, highest, sum, policy.gate.widthDays.T1) : hasBody(buckets, highest, sum, policy);
}

/**
 * Bands and classes: what the shown sum leaves beyond the two largest is at least the width, and beyond the largest twice that:
 * once for another member to be somewhere, once for whoever would then be second. The same below the upper bound.
 */
function leavesPairsRoom(inputs: readonly number[], highest: number, { least, most }: SumBounds, width: number): boolean {
  const sorted = inputs.toSorted((a, b) => b - a);
  const [first, second] = [sorted[0]!, sorted[1]!];
  const [last, lastButOne] = [highest - sorted.at(-1)!, highest - sorted.at(-2)!];
  const mostBelow = highest * inputs.length - least;
  return most - first - second >= width - HAIR && most - first >= 2 * width - HAIR && mostBelow - last - lastButOne >= width - HAIR && mostBelow - last >= 2 * width - HAIR;
}

/** Means: the group has enough together without its two largest, without its largest, and under the shown mean; the same below the upper bound. */
function hasBody(buckets: readonly number[], highest: number, { least, most }: SumBounds, policy: DisclosurePolicy): boolean {
  const { withoutTwo, withoutOne, possible } = policy.gate.figureDays;
  return [
    { each: buckets, possibly: most },
    { each: buckets.map((bucket) => highest - bucket), possibly: highest * buckets.length - least },
  ].every(({ each, possibly }) => {
    const sorted = each.toSorted((a, b) => b - a);
    const sum = each.reduce((total, one) => total + one, 0);
    return sum - sorted[0]! - sorted[1]! >= withoutTwo && sum - sorted[0]! >= withoutOne && possibly >= possible;
  });
}

/**
 * Classes of terms: the others alone, without two members and any third, could be the reason for the class that is shown. Depends on
 * nobody's input: a lower class wins with half of the votes, a higher one needs more than half to be safe of it.
 */
function isCarriedByOthers(lowestClass: boolean, contributors: number): boolean {
  return contributors - 3 >= (lowestClass ? Math.ceil(contributors / 2) : Math.floor(contributors / 2) + 1);
}

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
  return cell.tier === 'T1' ? leavesPairsRoom(buckets, highest, sum, policy.gate.widthDays.T1) : hasBody(buckets, highest, sum, policy) && (cell.tier === 'T2' || isSpread(buckets, policy.gate.widthDays.T3));
}

/**
 * Bands and classes: what the shown sum leaves beyond the two largest is at least the width, and beyond the largest twice that:
 * once for another member to be somewhere, once for whoever would then be second. The same below the upper bound.
 */
function leavesPairsRoom(inputs: readonly number[], highest: number, { least, most }: SumBounds, width: number): boolean {
  return [below(inputs, most), above(inputs, highest, least)].every(({ possible, first, second }) =>
    possible - first - second >= width - HAIR && possible - first >= 2 * width - HAIR);
}

/** Means: the group has enough together without its two largest, without its largest, and under the shown mean; the same below the upper bound. */
function hasBody(buckets: readonly number[], highest: number, { least, most }: SumBounds, policy: DisclosurePolicy): boolean {
  const { withoutTwo, withoutOne, possible: fewest } = policy.gate.figureDays;
  return [below(buckets, most), above(buckets, highest, least)].every(({ sum, possible, first, second }) =>
    sum - first - second >= withoutTwo && sum - first >= withoutOne && possible >= fewest);
}

/**
 * Whatever two are left out, the others lie the width apart: any two of them may have changed places, and nothing that can be published
 * would tell, quartiles included. Quartiles of a group that is closer say where all of it is.
 */
function isSpread(buckets: readonly number[], width: number): boolean {
  const sorted = Float64Array.from(buckets).sort();
  return [0, 1, 2].every((left) => sorted.at(left - 3)! - sorted[left]! >= width);
}

/** A group from one bound: its sum, the most that could be, given what is shown, and its two largest. */
interface Side {
  readonly sum: number;
  readonly possible: number;
  readonly first: number;
  readonly second: number;
}

function below(inputs: readonly number[], most: number): Side {
  let [sum, first, second] = [0, 0, 0];
  for (const input of inputs) {
    sum += input;
    if (input > first) [first, second] = [input, first];
    else if (input > second) second = input;
  }
  return { sum, possible: most, first, second };
}

function above(inputs: readonly number[], highest: number, least: number): Side {
  return below(inputs.map((input) => highest - input), highest * inputs.length - least);
}

/**
 * Classes of terms: the others alone, without two members and any third, could be the reason for the class that is shown. Depends on
 * nobody's input: a lower class wins with half of the votes, a higher one needs more than half to be safe of it.
 */
function isCarriedByOthers(lowestClass: boolean, contributors: number): boolean {
  return contributors - 3 >= (lowestClass ? Math.ceil(contributors / 2) : Math.floor(contributors / 2) + 1);
}

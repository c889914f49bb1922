import type { Metric } from '../../../src/values/metric.js';
import type { DisclosurePolicy } from './policy.js';
import { bucketOf, sumOfDays, sumOfShares, type Shown, type SumBounds } from './shown-sum.js';

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
export function leavesRoomAlone(metric: Metric, shown: Shown, inputs: readonly number[], policy: DisclosurePolicy): boolean {
  const { cell } = shown;
  const contributors = inputs.length;
  if (metric === 'LATE_SHARE') return leavesPairsRoom(inputs, 1, sumOfShares(shown, contributors), policy.gate.widthShare[cell.tier]);
  // A vote of six and more: without any three, the rest could still be the reason for it, for nobody knows which way a tie goes.
  if (metric === 'PAYMENT_TERMS' && cell.tier !== 'T1') return true;
  const { highest } = policy.clipDays;
  const buckets = inputs.map((input) => bucketOf(input, cell.tier, policy));
  if (cell.tier === 'T1') return leavesPairsRoom(buckets, highest, sumOfDays(metric, shown, contributors, policy)!, policy.gate.widthDays.T1);
  return hasBody(buckets, highest, policy) && (cell.tier === 'T2' || isSpread(buckets, policy.gate.widthDays.T3));
}

/**
 * Bands and classes: what the shown sum leaves beyond the two largest is at least the width, and beyond the largest twice that:
 * once for another member to be somewhere, once for whoever would then be second. The same below the upper bound.
 */
function leavesPairsRoom(inputs: readonly number[], highest: number, { least, most }: SumBounds, width: number): boolean {
  const { fromLowest, fromHighest } = sidesOf(inputs, highest);
  return hasRoom(fromLowest, most, width) && hasRoom(fromHighest, highest * inputs.length - least, width);
}

function hasRoom({ first, second }: Side, possible: number, width: number): boolean {
  return possible - first - second >= width - HAIR && possible - first >= 2 * width - HAIR;
}

/** Means: the group has enough together without its two largest, and without its largest; the same below the upper bound. */
function hasBody(buckets: readonly number[], highest: number, policy: DisclosurePolicy): boolean {
  const { withoutTwo, withoutOne } = policy.gate.figureDays;
  const { fromLowest, fromHighest } = sidesOf(buckets, highest);
  return [fromLowest, fromHighest].every(({ sum, first, second }) => sum - first - second >= withoutTwo && sum - first >= withoutOne);
}

/**
 * Whatever two are left out, the others lie the width apart: any two of them may have changed places, and nothing that can be published
 * would tell, quartiles included. Quartiles of a group that is closer say where all of it is.
 */
function isSpread(buckets: readonly number[], width: number): boolean {
  const sorted = Float64Array.from(buckets).sort();
  return [0, 1, 2].every((left) => sorted.at(left - 3)! - sorted[left]! >= width);
}

/** A group as it lies from one bound: its sum, and its two largest. */
interface Side {
  readonly sum: number;
  readonly first: number;
  readonly second: number;
}

function sidesOf(inputs: readonly number[], highest: number): { readonly fromLowest: Side; readonly fromHighest: Side } {
  return { fromLowest: sideOf(inputs), fromHighest: sideOf(inputs.map((input) => highest - input)) };
}

function sideOf(inputs: readonly number[]): Side {
  let [sum, first, second] = [0, 0, 0];
  for (const input of inputs) {
    sum += input;
    if (input > first) [first, second] = [input, first];
    else if (input > second) second = input;
  }
  return { sum, first, second };
}

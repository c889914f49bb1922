import { createHash } from 'node:crypto';
import type { Metric } from '../../../src/values/metric.js';
import type { Release } from './history-room.js';
import type { DisclosurePolicy } from './policy.js';

/** What the members of a panel count with. */
type Inputs = Release['inputs'];

/**
 * How far the mean of a panel is shifted before it is rounded: the same at all times for one customer, metric and panel, and
 * from −1 to 1 times `most` by their common digest. `subject` is the customer's key, which no member ever sees.
 *
 * Claim: whoever moves its own figures to find where the rounding tips learns the others' sum no better than the shift lets it, however
 * often the mean crosses the edge.
 * Why: where the others stay as they are, each crossing gives their sum to a few days, and rules on single cells do not see it: every
 * one of them was wide enough. What belongs to the customer does not average out; and a panel with one member less has another
 * shift, so the difference of two says little of that member. Statistical offices know the method as cell keys. Argument:
 * disclosure.proof.md, "Shifted edges".
 */
export function edgeShift(subject: string, metric: Metric, most: number, inputs: Inputs): number {
  if (most === 0) return 0;
  const key = JSON.stringify([subject, metric, most, ...inputs.map(({ firmId }) => firmId).toSorted()]);
  const drawn = createHash('sha256').update(key).digest().readUInt32BE() / 2 ** 31 - 1;
  return drawn * most;
}

/**
 * Whether in one of these releases any two members had together moved so much further than two others would have, since each was first
 * counted, that they may have been looking for an edge.
 */
export function isSwept(metric: Metric, releases: readonly Inputs[], policy: DisclosurePolicy): boolean {
  const { sweptDays, sweptShare } = policy.edgeShift;
  const first = new Map<string, number>();
  return releases.some((inputs) => {
    const moved = inputs.map(({ firmId, input }) => {
      const since = first.get(firmId) ?? input;
      first.set(firmId, since);
      return input - since;
    });
    return farthestTwo(moved.sort((one, other) => one - other)) >= (metric === 'LATE_SHARE' ? sweptShare : sweptDays);
  });
}

/** How much further the two that moved most have moved, one way or the other, than two of the rest on average. */
function farthestTwo(moved: readonly number[]): number {
  const total = moved.reduce((sum, days) => sum + days, 0);
  return Math.max(...[moved.slice(-2), moved.slice(0, 2)].map((two) => {
    const theirs = two.reduce((sum, days) => sum + days, 0);
    return Math.abs(theirs - (2 * (total - theirs)) / (moved.length - 2));
  }));
}

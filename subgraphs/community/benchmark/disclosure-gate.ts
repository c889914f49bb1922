import type { Metric } from '../../../src/values/metric.js';
import { cellAt, type Cell } from './cell.js';
import type { Change } from './direction.js';
import { edgeShift, firstSwept } from './edge-shift.js';
import { leavesRoomThroughout, type Release } from './history-room.js';
import { leavesRoomAlone } from './lone-release.js';
import type { DisclosurePolicy } from './policy.js';
import { sumOfDays } from './shown-sum.js';
import { tierOf, tiersDownFrom } from './tier.js';

/** What one member of the panel brings to the cell that is to be published. */
export interface Contribution extends Change {
  readonly firmId: string;
}

/**
 * The cell that may be published of a panel: at its own tier, else as a band, else none.
 *
 * Claim: for every viewer and every two members who put everything they know together (the policy, the panels, their own inputs of
 * all epochs, everything published of this cell), each other member may lie anywhere in an interval of 30, 20 or 10 days
 * (T1, T2, T3), in this epoch and in every earlier one.
 * Why: tiers count heads, and heads do not help where the figures leave no room: a group that is all at 0 is known from its mean, and
 * means that climb as fast as anybody may tell where everybody is. Argument, cost and what is not claimed: disclosure.proof.md,
 * "Release gate".
 */
export function releasableCell(subject: string, metric: Metric, panel: readonly Contribution[], month: string, published: readonly Release[], policy: DisclosurePolicy): Cell | undefined {
  const tier = tierOf(panel.length, policy);
  if (!tier) return undefined;
  const inputs = panel.map(({ firmId, now }) => ({ firmId, input: now }));
  const isSwept = firstSwept([...published.map((release) => release.inputs), inputs], policy) !== -1;
  for (const each of tiersDownFrom(tier)) {
    const shift = isSwept ? edgeShift(subject, metric, each, inputs, policy) : 0;
    const cell = cellAt(each, metric, panel, policy, shift);
    if (!leavesRoomAlone(metric, cell, panel.map(({ now }) => now), policy, isSwept ? policy.edgeShift.days[each] : 0)) continue;
    if (!looksBack(panel.length, policy)) {
      if (leavesManyRoom(metric, cell, panel.length, policy)) return cell;
      continue;
    }
    if (leavesRoomThroughout(metric, [...published, { month, cell, inputs }], policy)) return cell;
  }
  return undefined;
}

/** Whether what was published of a panel of so many before has a say in what may be: above, the figure that is shown decides alone. */
export function looksBack(contributors: number, policy: DisclosurePolicy): boolean {
  return contributors <= policy.gate.exactUpTo;
}

/**
 * Whether a mean of many leaves everybody room over all epochs: it must lie so far below the upper bound that the members whom two do
 * not know could all have been at their own mean, and any one of them by the width above it all the while.
 *
 * Claim: a question to the shown figure and the number of contributors alone, so the answer is no news; one epoch at a time.
 * Why: going through every pair costs the square of the members. Of many, the rest can always make up for one: argument in
 * disclosure.proof.md, "Many contributors".
 */
function leavesManyRoom(metric: Metric, cell: Cell, contributors: number, policy: DisclosurePolicy): boolean {
  const sum = sumOfDays(metric, cell, contributors, policy);
  return !sum || sum.most / (contributors - 2) <= policy.clipDays.highest - policy.gate.widthDays[cell.tier];
}

import type { Metric } from '../../../src/values/metric.js';
import { cellAt, type Cell } from './cell.js';
import type { Change } from './direction.js';
import { edgeShift, isSwept } from './edge-shift.js';
import { leavesRoomThroughout, type Release } from './history-room.js';
import { leavesRoomAlone } from './lone-release.js';
import type { DisclosurePolicy } from './policy.js';
import { sumOfDays, type Shown } from './shown-sum.js';
import { tierOf, tiersDownFrom, type Tier } from './tier.js';

/** What one member of the panel brings to the cell that is to be published. */
export interface Contribution extends Change {
  readonly firmId: string;
}

/**
 * The cell that may be published of a panel: at its own tier, else as a band, else as one with its edges shifted, else none.
 *
 * Claim: for every viewer and every two members who put everything they know together (the policy, the panels, their own inputs of
 * all epochs, everything published of this cell), each other member may lie anywhere in an interval of 30, 20 or 10 days
 * (T1, T2, T3), in this epoch and in every earlier one.
 * Why: tiers count heads, and heads do not help where the figures leave no room: a group that is all at 0 is known from its mean, and
 * means that climb as fast as anybody may tell where everybody is. Argument, cost and what is not claimed: disclosure.proof.md,
 * "Release gate".
 */
export function releasableCell(subject: string, metric: Metric, panel: readonly Contribution[], month: string, published: readonly Release[], policy: DisclosurePolicy): Shown | undefined {
  const tier = tierOf(panel.length, policy);
  if (!tier) return undefined;
  const numbers = panel.map(({ now }) => now);
  const inputs = panel.map(({ firmId, now }) => ({ firmId, input: now }));
  for (const { tier: each, shiftedBy } of waysToShow(tier, metric, inputs, published, policy)) {
    const cell = cellAt(each, metric, panel, policy, edgeShift(subject, metric, isVote(metric, each) ? 1 : shiftedBy, inputs));
    if (!leavesRoomAlone(metric, { cell, shiftedBy }, numbers, policy)) continue;
    if (each === 'T1' && shiftedBy === 0 && mayShiftBands(metric, panel.length, policy) && !leavesRoomBeside(metric, panel, numbers, policy)) continue;
    const leavesRoom = looksBack(panel.length, policy) ? leavesRoomThroughout(metric, [...published, { month, cell, shiftedBy, inputs }], policy) : leavesManyRoom(metric, cell, panel.length, policy);
    if (leavesRoom) return { cell, shiftedBy };
  }
  return undefined;
}

/** Whether a band that says too much is shown with its edges shifted: a band of days, of few enough to be looked back on. */
function mayShiftBands(metric: Metric, contributors: number, policy: DisclosurePolicy): boolean {
  return metric !== 'LATE_SHARE' && looksBack(contributors, policy);
}

/**
 * Whether a band could be shown from either side of an edge that a shift may move past the mean. Were only those groups shifted whose own
 * band says too much, a shifted band would say that the group is one of them, and on which side of the edge it lies.
 */
function leavesRoomBeside(metric: Metric, panel: readonly Contribution[], numbers: readonly number[], policy: DisclosurePolicy): boolean {
  const { besideDays } = policy.edgeShift;
  return [-besideDays, besideDays].every((shift) => leavesRoomAlone(metric, { cell: cellAt('T1', metric, panel, policy, shift), shiftedBy: 0 }, numbers, policy));
}

/**
 * How a panel may be shown, the best way first: at its own tier, as a band, as a band with its edges shifted. Once two members have swept
 * their ledgers, with shifted edges only.
 */
function waysToShow(tier: Tier, metric: Metric, inputs: Release['inputs'], published: readonly Release[], policy: DisclosurePolicy): readonly { readonly tier: Tier; readonly shiftedBy: number }[] {
  const tiers = tiersDownFrom(tier);
  const plain = tiers.map((each) => ({ tier: each, shiftedBy: 0 }));
  if (!looksBack(inputs.length, policy)) return plain;
  if (isSwept(metric, [...published.map((release) => release.inputs), inputs], policy)) return tiers.map((each) => ({ tier: each, shiftedBy: shiftOf(metric, each, policy) }));
  return mayShiftBands(metric, inputs.length, policy) ? [...plain, { tier: 'T1', shiftedBy: policy.edgeShift.besideDays }] : plain;
}

/** A class of terms is no mean: nothing of it is shifted, but who knows two votes must not know which way a tie goes. */
function isVote(metric: Metric, tier: Tier): boolean {
  return metric === 'PAYMENT_TERMS' && tier !== 'T1';
}

/** By how much at most a mean is shifted where two have swept. */
function shiftOf(metric: Metric, tier: Tier, { edgeShift: { days, share } }: DisclosurePolicy): number {
  if (isVote(metric, tier)) return 0;
  return metric === 'LATE_SHARE' ? share[tier] : days[tier];
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
  const sum = sumOfDays(metric, { cell, shiftedBy: 0 }, contributors, policy);
  return !sum || sum.most / (contributors - 2) <= policy.clipDays.highest - policy.gate.widthDays[cell.tier];
}

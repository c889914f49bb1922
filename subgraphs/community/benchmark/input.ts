import type { Metric } from '../../../src/values/metric.js';
import type { DisclosurePolicy } from './policy.js';

/**
 * What a told figure counts as: clipped to the policy's bounds and held to the movement allowed since `previous`, this
 * contributor's input in the epoch before. In days, or a share for LATE_SHARE.
 *
 * Claim: whatever a contributor does to its own ledger, its input stays within the bounds and moves at most ten days from
 * one epoch to the next.
 * Why: one extreme figure would mark whoever has it, and a contributor that dithers its own ledger could otherwise place
 * the mean at an edge of the rounding and read off which side the rest of the group lies on.
 * A share has no movement bound: it is shown in four classes only. Argument: disclosure.proof.md, "Inputs".
 */
export function inputOf(metric: Metric, figure: number, previous: number | undefined, policy: DisclosurePolicy): number {
  if (metric === 'LATE_SHARE') return clipShare(figure);
  const clipped = clipDays(figure, policy);
  return previous === undefined ? clipped : clip(clipped, previous - policy.movementDays, previous + policy.movementDays);
}

/** A figure in days, at most as extreme as the policy lets it count. */
export function clipDays(days: number, policy: DisclosurePolicy): number {
  return clip(days, policy.clipDays.lowest, policy.clipDays.highest);
}

/** A share from 0 to 1. */
export function clipShare(share: number): number {
  return clip(share, 0, 1);
}

/** The nearest multiple of `step`; a half goes up. */
export function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step;
}

function clip(value: number, lowest: number, highest: number): number {
  return Math.min(Math.max(value, lowest), highest);
}

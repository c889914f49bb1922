import type { DisclosurePolicy } from './policy.js';

/** How much a cell may show. T0, fewer than three others, shows nothing and has no name here. */
const TIERS = ['T1', 'T2', 'T3'] as const;
export type Tier = (typeof TIERS)[number];

/**
 * The tier of a panel of `contributors`: it follows the number of others, which is one less for each of them. `undefined`
 * when nothing may be shown.
 *
 * Claim: every member gets the same tier, so the same bytes; somebody who reads from outside the panel gets no more than
 * those inside it.
 * Why: with two others, a viewer who knows its own figure and one more has the third. Different tiers for different
 * viewers of one cell would be two statistics of the same people. Argument: disclosure.proof.md, "Tiers".
 */
export function tierOf(contributors: number, policy: DisclosurePolicy): Tier | undefined {
  const others = contributors - 1;
  return TIERS.findLast((tier) => others >= policy.fewestOthers[tier]);
}

/**
 * The tiers that a panel may be shown at, the first that passes the release gate first: its own, then T1. A mean that is refused to
 * the nearest five days is not shown to the nearest ten: that it was refused would narrow it to less (disclosure.proof.md,
 * "Release gate").
 */
export function tiersDownFrom(tier: Tier): readonly Tier[] {
  return tier === 'T1' ? [tier] : [tier, 'T1'];
}

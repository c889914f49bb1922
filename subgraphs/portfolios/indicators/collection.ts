import { ratio } from './ratio.js';

/** A stretch of a ledger, in minor units: what was open at its start, sold in it, and open and not due at its end. */
export interface Stretch {
  readonly openedWithMinor: bigint;
  readonly salesMinor: bigint;
  readonly outstandingMinor: bigint;
  readonly notDueMinor: bigint;
}

/**
 * Collection effectiveness in percent: of what could be collected, how much was. `null` when nothing could be.
 * INDICATORS.md, "Days sales outstanding".
 */
export function collectionEffectiveness({ openedWithMinor, salesMinor, outstandingMinor, notDueMinor }: Stretch): number | null {
  return ratio((openedWithMinor + salesMinor - outstandingMinor) * 100n, openedWithMinor + salesMinor - notDueMinor);
}

import type { Money } from '../../../src/values/money.js';

/** Up to which amount somebody may approve; null: any amount of any currency. */
export type Bound = Money | null;

/**
 * Whether a limit is within a bound; an amount equal to it is. Nothing is converted: a limit in another currency cannot be measured
 * against the bound, and is not within it. A limit of zero gives nobody credit, so it is within every bound.
 */
export function isWithin(bound: Bound, limit: Money): boolean {
  if (bound === null || limit.minor === 0n) return true;
  return limit.currency === bound.currency && limit.minor <= bound.minor;
}

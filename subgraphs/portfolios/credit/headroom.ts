import { ratio } from '../indicators/ratio.js';

/** What stands against a credit limit, in minor units of the limit's currency. */
export interface Exposure {
  /** Open invoices. */
  readonly outstandingMinor: bigint;
  /** Orders accepted and not released yet. */
  readonly ordersMinor: bigint;
}

/** What is owed and what accepted orders will add to it. Payments that no invoice has taken are not taken off. INDICATORS.md, "Credit limit". */
export function exposureOf({ outstandingMinor, ordersMinor }: Exposure): bigint {
  return outstandingMinor + ordersMinor;
}

/** Limit − outstanding − orders not released: what may still be sold. Below zero when the limit is exceeded. */
export function headroom(limitMinor: bigint, exposure: Exposure): bigint {
  return limitMinor - exposureOf(exposure);
}

/** Exposure ÷ limit, above 1 when the limit is exceeded; `null` for a limit of zero, of which nothing can be used. */
export function utilisation(limitMinor: bigint, exposure: Exposure): number | null {
  return ratio(exposureOf(exposure), limitMinor);
}

import { ratio } from './ratio.js';

/** The invoices settled in a window, summed. */
export interface Settled {
  readonly invoiceCount: number;
  /** Settled more than 0 days beyond terms. */
  readonly lateCount: number;
  readonly amountMinor: bigint;
  /** Σ amount × days beyond terms; early invoices count below zero. */
  readonly amountDaysMinor: bigint;
}

/** Σ amount × days beyond terms ÷ Σ amount; `null` when nothing was settled. INDICATORS.md, "Lateness". */
export function averageDaysBeyondTerms({ amountDaysMinor, amountMinor }: Settled): number | null {
  return ratio(amountDaysMinor, amountMinor);
}

/** Number settled late ÷ number settled; `null` when nothing was settled. INDICATORS.md, "Lateness". */
export function lateShare({ lateCount, invoiceCount }: Settled): number | null {
  return ratio(BigInt(lateCount), BigInt(invoiceCount));
}

import type { Bucket } from './aging.js';
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

/** The days that stand for what is not due, 1-30, 31-60 and 61-90 days past due; for more it is 105. */
const REPORTED_DAYS = [0n, 15n, 45n, 75n];
const MOST_REPORTED_DAYS = 105n;

/**
 * Days beyond terms of what is open, in the form of credit reports: Σ bucket × its days ÷ total, of buckets cut at 30, 60
 * and 90 days or finer above. `null` when nothing is open. INDICATORS.md, "Lateness".
 */
export function reportedDaysBeyondTerms(buckets: readonly Bucket[]): number | null {
  const total = buckets.reduce((sum, { minor }) => sum + minor, 0n);
  return ratio(buckets.reduce((sum, { minor }, place) => sum + minor * (REPORTED_DAYS[place] ?? MOST_REPORTED_DAYS), 0n), total);
}

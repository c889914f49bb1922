import { formatMinor } from '../../../src/values/money.js';
import { roundHalfEven } from '../../../src/values/fraction.js';
import type { AlertMetric } from './alert-metric.js';

/**
 * What was computed of a customer. RISK_BAND is a letter, OVERDUE an amount and its currency (`1250.00 EUR`), the others are
 * numbers. A metric that is left out was not computed; null is not known: neither is a move.
 */
export interface Measured {
  readonly customerId: string;
  readonly values: Partial<Record<AlertMetric, number | string | null>>;
}

/** What a customer owes in one currency, in minor units. */
export interface OwedInCurrency {
  readonly currency: string;
  readonly outstandingMinor: bigint;
  readonly overdueMinor: bigint;
  /** Invoiced in the last `DSO_DAYS` days, credit notes taken off. */
  readonly salesMinor: bigint;
  /** Invoices of any age, open or not. */
  readonly invoiceCount: number;
}

/** What is known of a customer when it has been scored. */
export interface Known {
  readonly score: { readonly value: number; readonly band: string };
  /** The payment behaviour index; null below its minimum sample. */
  readonly index: number | null;
  /** Exposure ÷ limit; null without a limit. */
  readonly utilisation: number | null;
  readonly owed: readonly OwedInCurrency[];
  /** The published days beyond terms that the firm is shown: a value, or a band. */
  readonly benchmark: { readonly from: number | null; readonly to: number | null; readonly value: number | null } | null;
}

/** The sales that a DSO is of, in days. */
export const DSO_DAYS = 90;

/** The figures of a customer that rules watch. Those of amounts are in the currency in which it has most invoices; on equal numbers the first by its code. */
export function measuredOf(customerId: string, { score, index, utilisation, owed, benchmark }: Known): Measured {
  const usual = owed.toSorted((left, right) => right.invoiceCount - left.invoiceCount || (left.currency < right.currency ? -1 : 1))[0];
  return {
    customerId,
    values: {
      RISK_SCORE: score.value,
      RISK_BAND: score.band,
      PAYMENT_BEHAVIOUR: index,
      OVERDUE: usual ? `${formatMinor(usual.overdueMinor, usual.currency)} ${usual.currency}` : null,
      DSO: usual ? daysSalesOutstanding(usual) : null,
      CREDIT_UTILISATION: utilisation,
      BENCHMARK: benchmark && middleOf(benchmark),
    },
  };
}

/** Outstanding ÷ sales × days (INDICATORS.md, "Days sales outstanding"); null without sales. */
function daysSalesOutstanding({ outstandingMinor, salesMinor }: OwedInCurrency): number | null {
  return salesMinor > 0n ? roundHalfEven({ numerator: outstandingMinor * BigInt(DSO_DAYS), denominator: salesMinor }, 6) : null;
}

function middleOf({ from, to, value }: NonNullable<Known['benchmark']>): number | null {
  if (value !== null) return value;
  return from !== null && to !== null ? (from + to) / 2 : null;
}

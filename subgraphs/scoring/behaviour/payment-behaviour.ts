import { add, compare, roundHalfEven, ZERO, type Fraction } from '../../../src/values/fraction.js';
import type { Trend } from '../../../src/values/trend.js';
import { PARTS_OF_A_POINT, paymentWeight } from './payment-weight.js';

/** Fewer invoices say nothing about a habit. */
const LEAST_INVOICES = 3;

/** Points by which the last 3 months must differ from the last 12 before that is called a trend. */
const TREND_DEAD_ZONE = 3n;

/** Invoices of one customer that were settled (or stand open) the same number of days beyond terms. */
export interface PaidAlike {
  readonly currency: string;
  readonly daysBeyondTerms: number;
  /** Months between the settlement and today: less than 3, less than 12, or more. What is open counts as settled today. */
  readonly settledWithin: '3 months' | '12 months' | '24 months';
  readonly amountMinor: bigint;
  readonly invoiceCount: number;
}

export interface PaymentBehaviour {
  /** 0 to 100. */
  readonly index: number;
  /** Days, negative when early. */
  readonly averageDaysBeyondTerms: number;
  /** 0 to 1. */
  readonly onTimeShare: number;
  readonly trend: Trend;
  readonly invoiceCount: number;
}

/**
 * How a customer pays, from its settled and overdue invoices (INDICATORS.md, "Payment behaviour index" and "Lateness");
 * `null` below three of them.
 *
 * Amounts of two currencies cannot be added. Each currency is weighted by amount for itself, and currencies are combined
 * by their number of invoices: one currency gives the formula exactly, and no invoice is left out.
 */
export function paymentBehaviour(groups: readonly PaidAlike[]): PaymentBehaviour | null {
  const invoiceCount = countInvoices(groups);
  if (invoiceCount < LEAST_INVOICES) return null;
  const onTime = countInvoices(groups.filter((group) => group.daysBeyondTerms <= 0));
  return {
    index: roundHalfEven(paymentIndex(groups), 0),
    averageDaysBeyondTerms: roundHalfEven(weightedByAmount(groups, (days) => days), 6),
    onTimeShare: roundHalfEven({ numerator: BigInt(onTime), denominator: BigInt(invoiceCount) }, 6),
    trend: trendOf(groups),
    invoiceCount,
  };
}

/** Σ amount × weight ÷ Σ amount, in points, unrounded. */
export function paymentIndex(groups: readonly PaidAlike[]): Fraction {
  const { numerator, denominator } = weightedByAmount(groups, paymentWeight);
  return { numerator, denominator: denominator * BigInt(PARTS_OF_A_POINT) };
}

/** The index of the last 3 months against that of the last 12. Without three invoices in the last 3 months nothing has moved. */
function trendOf(groups: readonly PaidAlike[]): Trend {
  const quarter = groups.filter((group) => group.settledWithin === '3 months');
  if (countInvoices(quarter) < LEAST_INVOICES) return 'STABLE';
  const year = groups.filter((group) => group.settledWithin !== '24 months');
  const now = paymentIndex(quarter);
  const usual = paymentIndex(year);
  if (compare(now, add(usual, { numerator: TREND_DEAD_ZONE, denominator: 1n })) > 0n) return 'IMPROVING';
  if (compare(now, add(usual, { numerator: -TREND_DEAD_ZONE, denominator: 1n })) < 0n) return 'WORSENING';
  return 'STABLE';
}

function weightedByAmount(groups: readonly PaidAlike[], valueOf: (daysBeyondTerms: number) => number): Fraction {
  const count = BigInt(countInvoices(groups));
  return [...Map.groupBy(groups, (group) => group.currency).values()].reduce((total, ofCurrency) => {
    const amount = ofCurrency.reduce((sum, group) => sum + group.amountMinor, 0n);
    const weighted = ofCurrency.reduce((sum, group) => sum + group.amountMinor * BigInt(valueOf(group.daysBeyondTerms)), 0n);
    return add(total, { numerator: weighted * BigInt(countInvoices(ofCurrency)), denominator: amount * count });
  }, ZERO);
}

function countInvoices(groups: readonly PaidAlike[]): number {
  return groups.reduce((sum, group) => sum + group.invoiceCount, 0);
}

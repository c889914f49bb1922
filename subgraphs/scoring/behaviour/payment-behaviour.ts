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
  /** How many of them stand open. */
  readonly openCount: number;
}

/** By the index: up to about 3, 22 and 60 days late on average, and beyond. */
export const PAYMENT_BANDS = ['PROMPT', 'SLIGHTLY_LATE', 'LATE', 'VERY_LATE'] as const;
export type PaymentBand = (typeof PAYMENT_BANDS)[number];

export interface PaymentBehaviour {
  /** 0 to 100. */
  readonly index: number;
  readonly band: PaymentBand;
  /** Days, negative when early. */
  readonly averageDaysBeyondTerms: number;
  /** 0 to 1. */
  readonly onTimeShare: number;
  readonly trend: Trend;
  /** Points by which the index of the last 3 months is above that of the last 12; null with too few invoices in the last 3. */
  readonly trendPoints: number | null;
  readonly invoiceCount: number;
  /** Of these, how many are open and past due. */
  readonly overdueCount: number;
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
  const index = roundHalfEven(paymentIndex(groups), 0);
  const rise = riseOf(groups);
  return {
    index,
    band: bandOf(index),
    averageDaysBeyondTerms: roundHalfEven(weightedByAmount(groups, (days) => days), 6),
    onTimeShare: roundHalfEven({ numerator: BigInt(onTime), denominator: BigInt(invoiceCount) }, 6),
    trend: trendOf(rise),
    trendPoints: rise && roundHalfEven(rise, 6),
    invoiceCount,
    overdueCount: groups.reduce((sum, { openCount }) => sum + openCount, 0),
  };
}

/** Σ amount × weight ÷ Σ amount, in points, unrounded. */
export function paymentIndex(groups: readonly PaidAlike[]): Fraction {
  const { numerator, denominator } = weightedByAmount(groups, paymentWeight);
  return { numerator, denominator: denominator * BigInt(PARTS_OF_A_POINT) };
}

function bandOf(index: number): PaymentBand {
  if (index >= 78) return 'PROMPT';
  if (index >= 60) return 'SLIGHTLY_LATE';
  return index >= 40 ? 'LATE' : 'VERY_LATE';
}

/** The index of the last 3 months less that of the last 12. Without three invoices in the last 3 months there is nothing to compare. */
function riseOf(groups: readonly PaidAlike[]): Fraction | null {
  const quarter = groups.filter((group) => group.settledWithin === '3 months');
  if (countInvoices(quarter) < LEAST_INVOICES) return null;
  const usual = paymentIndex(groups.filter((group) => group.settledWithin !== '24 months'));
  return add(paymentIndex(quarter), { numerator: -usual.numerator, denominator: usual.denominator });
}

function trendOf(rise: Fraction | null): Trend {
  if (rise && compare(rise, { numerator: TREND_DEAD_ZONE, denominator: 1n }) > 0n) return 'IMPROVING';
  if (rise && compare(rise, { numerator: -TREND_DEAD_ZONE, denominator: 1n }) < 0n) return 'WORSENING';
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

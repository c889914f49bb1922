import { ratio } from './ratio.js';

/**
 * Days sales outstanding, SIMPLE: outstanding ÷ sales × days, where the sales are of these days. `null` without sales.
 * Given what is not due instead of the outstanding it is the best possible DSO, given the overdue it is the average days
 * delinquent. INDICATORS.md, "Days sales outstanding".
 */
export function dso(outstandingMinor: bigint, salesMinor: bigint, days: number): number | null {
  return ratio(outstandingMinor * BigInt(days), salesMinor);
}

/** What was invoiced in one calendar month, credit notes taken off; the newest may be only the start of its month. */
export interface SalesSlice {
  readonly salesMinor: bigint;
  readonly days: number;
}

/**
 * Days sales outstanding, COUNTBACK: takes the slices off the outstanding, newest first, and adds up their days; the
 * last one counts pro rata. `null` when sales run out. INDICATORS.md, "Days sales outstanding".
 */
export function countbackDso(outstandingMinor: bigint, slices: Iterable<SalesSlice>): number | null {
  let left = outstandingMinor;
  let days = 0n;
  for (const { salesMinor, days: length } of slices) {
    if (left <= 0n) return Number(days);
    if (salesMinor >= left) return ratio(days * salesMinor + left * BigInt(length), salesMinor);
    left -= salesMinor;
    days += BigInt(length);
  }
  return null;
}

/** What was invoiced in the calendar month that begins on `monthStart`. */
export interface MonthlySales {
  readonly monthStart: Temporal.PlainDate;
  readonly salesMinor: bigint;
}

/**
 * The slices of a ledger on `asOf`, newest first: the first runs from the first of its month to `asOf`, and a month
 * without sales has its days all the same. It ends with the oldest month that has sales.
 */
export function* salesSlices(months: readonly MonthlySales[], asOf: Temporal.PlainDate): Iterable<SalesSlice> {
  const salesByMonth = new Map(months.map(({ monthStart, salesMinor }) => [monthStart.toString(), salesMinor]));
  let found = 0;
  for (let month = asOf.with({ day: 1 }), days = asOf.day; found < salesByMonth.size; month = month.subtract({ months: 1 }), days = month.daysInMonth) {
    const salesMinor = salesByMonth.get(month.toString());
    if (salesMinor !== undefined) found += 1;
    yield { salesMinor: salesMinor ?? 0n, days };
  }
}

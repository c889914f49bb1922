import { daysBetween } from '../../../src/values/day.js';

/** What is open of the invoices that are due on one day. */
export interface OpenOnDueDay {
  readonly dueDate: Temporal.PlainDate;
  readonly openMinor: bigint;
  readonly invoiceCount: number;
}

export interface Bucket {
  /** Days past due, both included; no `fromDay`: not due; no `toDay`: the last one. */
  readonly fromDay: number | null;
  readonly toDay: number | null;
  readonly minor: bigint;
  readonly invoiceCount: number;
}

export const MOST_BOUNDS = 20;

/** Whether bounds can cut buckets: whole days above zero, each above the one before, at most twenty. */
export function areBounds(bounds: readonly number[]): boolean {
  return bounds.length <= MOST_BOUNDS && bounds.every((bound, index) => bound > (bounds[index - 1] ?? 0));
}

/**
 * Cuts what is open by days past due on `asOf`. Everything falls into exactly one bucket, so they add up to the
 * outstanding; what is due on `asOf` is not past due. INDICATORS.md, "Open items and the aged balance".
 */
export function ageOpenItems(days: readonly OpenOnDueDay[], asOf: Temporal.PlainDate, bounds: readonly number[]): readonly Bucket[] {
  const edges = [0, ...bounds];
  const buckets = [...edges, null].map((toDay, index) => ({
    fromDay: index === 0 ? null : edges[index - 1]! + 1,
    toDay,
    minor: 0n,
    invoiceCount: 0,
  }));
  for (const { dueDate, openMinor, invoiceCount } of days) {
    const daysPastDue = daysBetween(dueDate, asOf);
    const bucket = buckets.find(({ toDay }) => toDay === null || daysPastDue <= toDay)!;
    bucket.minor += openMinor;
    bucket.invoiceCount += invoiceCount;
  }
  return buckets;
}

export interface Balance {
  readonly outstandingMinor: bigint;
  readonly notDueMinor: bigint;
  readonly overdueMinor: bigint;
  readonly invoiceCount: number;
}

/** The aged balance in its two halves. */
export function balanceOf(days: readonly OpenOnDueDay[], asOf: Temporal.PlainDate): Balance {
  const [notDue, overdue] = ageOpenItems(days, asOf, []) as readonly [Bucket, Bucket];
  return {
    outstandingMinor: notDue.minor + overdue.minor,
    notDueMinor: notDue.minor,
    overdueMinor: overdue.minor,
    invoiceCount: notDue.invoiceCount + overdue.invoiceCount,
  };
}

/** What is open in one range of days past due, by the range's place; the first is what is not due. */
export interface OpenInRange {
  readonly place: number;
  readonly minor: bigint;
  readonly invoiceCount: number;
}

export interface Bucket {
  /** Days past due, both included; no `fromDay`: not due; no `toDay`: the last one. */
  readonly fromDay: number | null;
  readonly toDay: number | null;
  readonly minor: bigint;
  readonly invoiceCount: number;
}

export const USUAL_BOUNDS: readonly number[] = [30, 60, 90, 180];
export const MOST_BOUNDS = 20;

/** Whether bounds can cut buckets: whole days above zero, each above the one before, at most twenty. */
export function areBounds(bounds: readonly number[]): boolean {
  return bounds.length <= MOST_BOUNDS && bounds.every((bound, index) => bound > (bounds[index - 1] ?? 0));
}

/** The first day past due of each bucket after the first: 1, and one more than each bound. */
export function firstDaysPastDue(bounds: readonly number[]): readonly number[] {
  return [0, ...bounds].map((bound) => bound + 1);
}

/**
 * The aged balance: what is open by days past due. Everything falls into exactly one bucket, so they add up to the
 * outstanding; what is due on the day itself is not past due. INDICATORS.md, "Open items and the aged balance".
 */
export function bucketsOf(open: readonly OpenInRange[], bounds: readonly number[]): readonly Bucket[] {
  const byPlace = new Map(open.map((range) => [range.place, range]));
  return [0, ...bounds, null].map((toDay, place, edges) => ({
    fromDay: place === 0 ? null : edges[place - 1]! + 1,
    toDay,
    minor: byPlace.get(place)?.minor ?? 0n,
    invoiceCount: byPlace.get(place)?.invoiceCount ?? 0,
  }));
}

export interface Balance {
  readonly outstandingMinor: bigint;
  readonly notDueMinor: bigint;
  readonly overdueMinor: bigint;
  readonly invoiceCount: number;
}

/** The aged balance in its two halves. */
export function balanceOf(buckets: readonly Bucket[]): Balance {
  const outstandingMinor = buckets.reduce((sum, { minor }) => sum + minor, 0n);
  const notDueMinor = buckets[0]?.minor ?? 0n;
  return { outstandingMinor, notDueMinor, overdueMinor: outstandingMinor - notDueMinor, invoiceCount: buckets.reduce((sum, { invoiceCount }) => sum + invoiceCount, 0) };
}

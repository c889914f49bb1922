/** What is open in one range of days past due, as a row of the figure `open` tells it. */
export interface RangeRow {
  /** The range's place: how many of the asked first days are not after it. */
  readonly one: string | null;
  /** What is open in it, in minor units. */
  readonly two: string | null;
  /** Of how many invoices. */
  readonly three: string | null;
}

/** The first days of the ranges of all the lists, rising, each once: ranges that every list can make its own of. */
export function joinFirstDays(lists: readonly (readonly number[])[]): readonly number[] {
  return [...new Set(lists.flat())].toSorted((one, other) => one - other);
}

/** Adds the rows of narrow ranges up to the rows of the wide ones that they make. Every first day of these is one of those. */
export function widenRanges<Row extends RangeRow>(rows: readonly Row[], narrow: readonly number[], wide: readonly number[]): Row[] {
  const widened = new Map<number, Row>();
  for (const row of rows) {
    const firstDay = narrow[Number(row.one) - 1];
    const place = firstDay === undefined ? 0 : wide.filter((day) => day <= firstDay).length;
    const known = widened.get(place);
    widened.set(place, known ? { ...known, two: add(known.two, row.two), three: add(known.three, row.three) } : { ...row, one: String(place) });
  }
  return [...widened.values()];
}

function add(one: string | null, other: string | null): string {
  return String(BigInt(one ?? '0') + BigInt(other ?? '0'));
}

import { ratio } from '../indicators/ratio.js';

/** Disputes that took the same number of days to resolve; null: not resolved. */
export interface ResolvedIn {
  readonly days: number | null;
  readonly count: number;
  readonly amountMinor: bigint;
}

export interface DisputeSums {
  readonly count: number;
  readonly resolvedCount: number;
  readonly amountMinor: bigint;
  /** Null when none was resolved. */
  readonly averageDays: number | null;
  /** Half of the resolved ones took no longer; with an even number the mean of the two in the middle. Null when none was. */
  readonly medianDays: number | null;
}

/** Sums disputes up: how many, how much, and how long those that are resolved took, each counting once whatever its amount. INDICATORS.md, "Disputes and promises". */
export function sumDisputes(parts: readonly ResolvedIn[]): DisputeSums {
  const resolved = parts.filter((part): part is ResolvedIn & { readonly days: number } => part.days !== null).toSorted((left, right) => left.days - right.days);
  const resolvedCount = resolved.reduce((sum, { count }) => sum + count, 0);
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    resolvedCount,
    amountMinor: parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    averageDays: ratio(resolved.reduce((sum, { days, count }) => sum + BigInt(days) * BigInt(count), 0n), BigInt(resolvedCount)),
    medianDays: resolvedCount === 0 ? null : (daysAt(resolved, Math.floor((resolvedCount - 1) / 2)) + daysAt(resolved, Math.floor(resolvedCount / 2))) / 2,
  };
}

/** The days of the dispute at a place, counted from 0, in the order of days. */
function daysAt(sorted: readonly (ResolvedIn & { readonly days: number })[], place: number): number {
  let passed = 0;
  return sorted.find(({ count }) => (passed += count) > place)!.days;
}

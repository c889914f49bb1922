export const INSOLVENCY_KINDS = ['SAFEGUARD', 'REORGANISATION', 'LIQUIDATION', 'OTHER'] as const;
export type InsolvencyKind = (typeof INSOLVENCY_KINDS)[number];

/** A notice counts for so many years from the opening, unless it is withdrawn before: no plan to continue lasts longer (C. com. L626-12). */
export const LASTING_YEARS = 10;

/** The most characters that the source of a notice has, and the reason why one is withdrawn. */
export const LONGEST_SOURCE = 500;

/** Whether a notice that was opened on a day, and withdrawn on another or not at all, counts on `day`. */
export function countsOn(day: Temporal.PlainDate, openedOn: Temporal.PlainDate, withdrawnOn: Temporal.PlainDate | null): boolean {
  if (withdrawnOn && Temporal.PlainDate.compare(withdrawnOn, day) <= 0) return false;
  return Temporal.PlainDate.compare(openedOn, day) <= 0 && Temporal.PlainDate.compare(openedOn, day.subtract({ years: LASTING_YEARS })) > 0;
}

/** As many months back as figures are told: the last one that is closed and the 29 before it. */
const MONTHS_TOLD = 30;

/** The months that can be told on `today`, by their first days: the last one that has ended, and the earliest. */
export function closedMonths(today: Temporal.PlainDate): { readonly earliest: Temporal.PlainDate; readonly last: Temporal.PlainDate } {
  const last = today.with({ day: 1 }).subtract({ months: 1 });
  return { earliest: last.subtract({ months: MONTHS_TOLD - 1 }), last };
}

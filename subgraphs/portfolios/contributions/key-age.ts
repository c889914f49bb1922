/** After so many months a matching key is exchanged (DISCLOSURE.md, "Matching key"). */
const MONTHS_IN_USE = 12;

/** The day on which a key that is in use since this day is to be exchanged. */
export function exchangeDueOn(inUseSince: Temporal.PlainDate): Temporal.PlainDate {
  return inUseSince.add({ months: MONTHS_IN_USE });
}

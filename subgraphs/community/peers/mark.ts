/** Marks by DISCLOSURE.md, "Peers and chat". All in business time. */

/** New marks a firm may make in one calendar month: enough for a portfolio's review, too few to fish with. */
export const NEW_MARKS_A_MONTH = 20;
/** A mark ends by itself after so many days. */
const LIFE_DAYS = 90;
/** A mark taken back earlier still lives so long: switching marks on and off must not tell who else has one. */
const SHORTEST_LIFE_DAYS = 30;

/** When a mark ends that is left alone. */
export function endOfMark(markedAt: Temporal.Instant): Temporal.Instant {
  return markedAt.add({ hours: LIFE_DAYS * 24 });
}

/** When a mark ends that is taken back at `now`: at once, but not before its thirtieth day, and never later than it would have. */
export function endOfMarkTakenBack(markedAt: Temporal.Instant, now: Temporal.Instant): Temporal.Instant {
  const earliest = markedAt.add({ hours: SHORTEST_LIFE_DAYS * 24 });
  const end = Temporal.Instant.compare(now, earliest) > 0 ? now : earliest;
  const natural = endOfMark(markedAt);
  return Temporal.Instant.compare(end, natural) > 0 ? natural : end;
}

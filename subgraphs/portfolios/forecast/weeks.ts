import { daysBetween } from '../../../src/values/day.js';

/** What is expected on one day; no day: nothing is expected of it. */
export interface ExpectedOnDay {
  readonly on: Temporal.PlainDate | null;
  readonly minor: bigint;
  readonly lineCount: number;
}

export interface ExpectedInWeek {
  readonly startsOn: Temporal.PlainDate;
  /** Included. */
  readonly endsOn: Temporal.PlainDate;
  readonly minor: bigint;
  readonly lineCount: number;
}

export interface Forecast {
  readonly weeks: readonly ExpectedInWeek[];
  /** Expected after the last week. */
  readonly laterMinor: bigint;
  /** Not expected at all. */
  readonly leftOutMinor: bigint;
  readonly totalMinor: bigint;
}

/** The days of a week of a forecast, counted from 1; the first begins with `asOf` itself. */
export function weekOf(asOf: Temporal.PlainDate, week: number): Pick<ExpectedInWeek, 'startsOn' | 'endsOn'> {
  const startsOn = asOf.add({ days: 7 * (week - 1) });
  return { startsOn, endsOn: startsOn.add({ days: 6 }) };
}

/**
 * Cuts what is expected into weeks of seven days, the first of which begins with `asOf`. Everything falls into exactly one
 * week, is later, or is left out, so together they are the outstanding. INDICATORS.md, "Cash forecast".
 */
export function cutWeeks(days: readonly ExpectedOnDay[], asOf: Temporal.PlainDate, weekCount: number): Forecast {
  const weeks = Array.from({ length: weekCount }, (_, index) => ({ ...weekOf(asOf, index + 1), minor: 0n, lineCount: 0 }));
  let laterMinor = 0n;
  let leftOutMinor = 0n;
  for (const { on, minor, lineCount } of days) {
    const week = on && weeks[Math.max(0, Math.floor(daysBetween(asOf, on) / 7))];
    if (on === null) leftOutMinor += minor;
    else if (!week) laterMinor += minor;
    else {
      week.minor += minor;
      week.lineCount += lineCount;
    }
  }
  return { weeks, laterMinor, leftOutMinor, totalMinor: days.reduce((sum, { minor }) => sum + minor, 0n) };
}

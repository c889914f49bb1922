const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Seconds from a failed attempt to the next, the first place after the first attempt: the schedule of Standard Webhooks. */
const DELAYS = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR] as const;

/** So much of a delay is left to chance, in both directions: receivers that failed together are not all asked at once again. */
const JITTER = 0.1;

/** The longest that a receiver may ask to be left alone, in seconds. */
const LONGEST_WISH = 24 * HOUR;

/**
 * Seconds until the next attempt after `attempts` failed ones; nothing when there is none. `chance` is from 0 to 1. `wished`
 * is what the receiver asked for by Retry-After: it can make the delay longer, never shorter.
 */
export function secondsToNextAttempt(attempts: number, chance: number, wished = 0): number | undefined {
  const delay = DELAYS[attempts - 1];
  if (delay === undefined) return undefined;
  return Math.max(delay * (1 + JITTER * (2 * chance - 1)), Math.min(wished, LONGEST_WISH));
}

/** The seconds that a Retry-After header asks for, written as a number or as a date; 0 when it says neither. */
export function parseRetryAfter(header: string | undefined, nowMilliseconds: number): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, (at - nowMilliseconds) / 1000);
}

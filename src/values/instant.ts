import { EARLIEST_DAY, LATEST_DAY } from './day.js';

const EARLIEST = EARLIEST_DAY.toZonedDateTime('UTC').toInstant();
/** The first instant after the last day. */
const END = LATEST_DAY.add({ days: 1 }).toZonedDateTime('UTC').toInstant();

/**
 * Reads an instant written as in ISO 8601, with any offset. `undefined` when it is none, or lies outside the days that a
 * ledger may name: PostgreSQL could not keep it, nor a clock count on from it.
 */
export function parseInstant(text: string): Temporal.Instant | undefined {
  let instant: Temporal.Instant;
  try {
    instant = Temporal.Instant.from(text);
  } catch {
    return undefined;
  }
  return Temporal.Instant.compare(instant, EARLIEST) >= 0 && Temporal.Instant.compare(instant, END) < 0 ? instant : undefined;
}

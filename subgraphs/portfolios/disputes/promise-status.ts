export const PROMISE_STATUSES = ['PENDING', 'KEPT', 'BROKEN', 'REPLACED'] as const;
export type PromiseStatus = (typeof PROMISE_STATUSES)[number];

export interface PromiseFacts {
  readonly promisedOn: Temporal.PlainDate;
  /** The day on which a newer promise took its place while it was pending; null: none did. */
  readonly replacedOn: Temporal.PlainDate | null;
  /** What may still be open of its invoices when it is kept. */
  readonly leftMinor: bigint;
  /** What is open of its invoices on the day of the question, or on the promised day when that is earlier. */
  readonly openMinor: bigint;
}

/**
 * What became of a promise to pay by `asOf`. INDICATORS.md, "Disputes and promises". Kept when what was settled by the promised day, that day included, leaves no
 * more open than it may; what comes later does not mend it. Else replaced when a newer promise took its place, pending up
 * to and with the promised day, and broken from the day after.
 */
export function promiseStatus({ promisedOn, replacedOn, leftMinor, openMinor }: PromiseFacts, asOf: Temporal.PlainDate): PromiseStatus {
  if (openMinor <= leftMinor) return 'KEPT';
  if (replacedOn && Temporal.PlainDate.compare(replacedOn, asOf) <= 0) return 'REPLACED';
  return Temporal.PlainDate.compare(asOf, promisedOn) <= 0 ? 'PENDING' : 'BROKEN';
}

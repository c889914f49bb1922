import type { DisputeReason } from '../disputes/dispute-reason.js';

/** How many days a dispute is taken to last while the firm has resolved none: a month, as a first guess that is soon replaced. */
export const DEFAULT_RESOLUTION_DAYS = 30;

/** The window over which a customer's delay is averaged. */
export const DELAY_WINDOW_DAYS = 365;

export const FORECAST_BASES = ['PROMISE', 'BEHAVIOUR', 'DUE_DATE', 'LITIGATION'] as const;
export type ForecastBasis = (typeof FORECAST_BASES)[number];

/** What is known of an open invoice, or of the part of it that was not promised. */
export interface ExpectedFacts {
  readonly dueDate: Temporal.PlainDate;
  /** The promised day, of a part that was promised. */
  readonly promisedOn: Temporal.PlainDate | null;
  /** The customer's average days beyond terms, amount-weighted, in whole days; null when it settled nothing lately. */
  readonly delayDays: number | null;
  /** The open dispute about it, and how long such a dispute takes on average. */
  readonly dispute: { readonly reason: DisputeReason; readonly openedOn: Temporal.PlainDate; readonly averageDays: number; readonly averageOf: 'REASON' | 'ALL' | 'DEFAULT' } | null;
}

export interface Expected {
  /** Null: nothing is expected of it. */
  readonly on: Temporal.PlainDate | null;
  readonly basis: ForecastBasis;
  /** Days added to the due date for the customer's habit; null when it is not known or not used. */
  readonly behaviourDays: number | null;
  /** Days added for the dispute; null when there is none or it is not used. */
  readonly disputeDays: number | null;
  readonly explanation: string;
}

/**
 * When an open invoice is expected to be paid, seen from `asOf`. INDICATORS.md, "Cash forecast". Nothing is expected of one in litigation. What was promised
 * is expected on the promised day. Else the due date and the customer's average delay, which may be below zero; when it is
 * in dispute, the average time that such disputes take is added, from the opening of the dispute if that is later. What
 * should have come before `asOf` is expected on it.
 */
export function expectPayment({ dueDate, promisedOn, delayDays, dispute }: ExpectedFacts, asOf: Temporal.PlainDate): Expected {
  if (dispute?.reason === 'LITIGATION') return { on: null, basis: 'LITIGATION', behaviourDays: null, disputeDays: null, explanation: `In litigation since ${dispute.openedOn}: nothing is expected.` };
  if (promisedOn) return { on: promisedOn, basis: 'PROMISE', behaviourDays: null, disputeDays: null, explanation: `Promised for ${promisedOn}.` };
  const habitual = dueDate.add({ days: delayDays ?? 0 });
  const expected = dispute ? latest(habitual, dispute.openedOn).add({ days: dispute.averageDays }) : habitual;
  const sentences = [`Due on ${dueDate}.`, habitOf(delayDays)];
  if (dispute) sentences.push(`In dispute (${dispute.reason}) since ${dispute.openedOn}: ${averageOf(dispute.averageOf)} ${days(dispute.averageDays)}.`);
  if (Temporal.PlainDate.compare(expected, asOf) < 0) sentences.push(`That was ${expected}: expected at once.`);
  return { on: latest(expected, asOf), basis: delayDays === null ? 'DUE_DATE' : 'BEHAVIOUR', behaviourDays: delayDays, disputeDays: dispute?.averageDays ?? null, explanation: sentences.join(' ') };
}

function habitOf(delayDays: number | null): string {
  if (delayDays === null) return `The customer settled nothing in the last ${DELAY_WINDOW_DAYS} days.`;
  if (delayDays === 0) return 'The customer pays on the due date on average.';
  return `The customer pays ${days(Math.abs(delayDays))} ${delayDays > 0 ? 'after' : 'before'} the due date on average.`;
}

function averageOf(kind: 'REASON' | 'ALL' | 'DEFAULT'): string {
  switch (kind) {
    case 'REASON':
      return 'disputes with this reason take';
    case 'ALL':
      return 'none with this reason was resolved yet, disputes of all reasons take';
    case 'DEFAULT':
      return 'no dispute was resolved yet, they are taken to last';
  }
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}

function latest(day: Temporal.PlainDate, other: Temporal.PlainDate): Temporal.PlainDate {
  return Temporal.PlainDate.compare(day, other) >= 0 ? day : other;
}

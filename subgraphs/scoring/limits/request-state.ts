import { Refusal } from '../../../src/errors.js';

/**
 * REQUESTED → APPROVED → APPLIED, or OVERTAKEN when the limit had been changed after the request was made; or REQUESTED →
 * REJECTED, WITHDRAWN or EXPIRED.
 */
export const REQUEST_STATES = ['REQUESTED', 'APPROVED', 'APPLIED', 'OVERTAKEN', 'REJECTED', 'WITHDRAWN', 'EXPIRED'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

/** How long a request may be decided, in days: figures of a month ago are no reason for a limit of today. */
export const REQUEST_DAYS = 30;

/** A request that somebody wants to decide or withdraw, as its row has it under lock. */
export interface Decidable {
  readonly state: RequestState;
  readonly requestedBy: string;
  readonly decidedBy: string | null;
  /** `yyyy-MM-dd`: up to this day, and with it. */
  readonly expiresOn: string;
}

export type Decision = 'APPROVED' | 'REJECTED';

const PATH = ['input', 'id'];

/** What a decision may have become since. */
const OUTCOMES: Readonly<Record<Decision, readonly RequestState[]>> = { APPROVED: ['APPROVED', 'APPLIED', 'OVERTAKEN'], REJECTED: ['REJECTED'] };

/**
 * Whether a person may take this decision now: `again` when they took it already. Whoever asked for the limit never decides about
 * it, by whatever session or key: `personId` is the person behind either. What was decided is decided; the other decision, or the
 * same one by another person, is refused.
 */
export function demandDecidable(request: Decidable, decision: Decision, personId: string, today: Temporal.PlainDate): 'now' | 'again' {
  if (request.requestedBy === personId) throw new Refusal('NOT_ALLOWED', 'Whoever asks for a limit does not decide about it; another person must.', PATH);
  if (OUTCOMES[decision].includes(request.state) && request.decidedBy === personId) return 'again';
  demandOpen(request, today);
  return 'now';
}

/** Whether a person may take a request back: only who made it, and only while nobody has decided. */
export function demandWithdrawable(request: Decidable, personId: string, today: Temporal.PlainDate): 'now' | 'again' {
  if (request.requestedBy !== personId) throw new Refusal('NOT_ALLOWED', 'Only who made a request takes it back.', PATH);
  if (request.state === 'WITHDRAWN') return 'again';
  demandOpen(request, today);
  return 'now';
}

function demandOpen({ state, expiresOn }: Decidable, today: Temporal.PlainDate): void {
  if (state === 'EXPIRED' || (state === 'REQUESTED' && isPast(expiresOn, today))) throw new Refusal('EXPIRED', `This request could be decided up to ${expiresOn}.`, PATH);
  if (state !== 'REQUESTED') throw new Refusal('CONFLICT', `This request is no longer open: it is ${state}.`, PATH);
}

/** Whether the last day is over. */
export function isPast(expiresOn: string, today: Temporal.PlainDate): boolean {
  return today.toString() > expiresOn;
}

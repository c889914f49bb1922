import type { Money } from '../../../src/values/money.js';
import { headroom, type Exposure } from './headroom.js';

export const CREDIT_DECISIONS = ['APPROVED', 'REVIEW', 'BLOCKED'] as const;
export type CreditDecision = (typeof CREDIT_DECISIONS)[number];

/** Every reason a check can give, and how far it leads. */
const WEIGHT = {
  NO_LIMIT: 'REVIEW',
  OTHER_CURRENCY: 'REVIEW',
  LIMIT_EXCEEDED: 'BLOCKED',
  OVERDUE_30: 'REVIEW',
  OVERDUE_90: 'BLOCKED',
  DISPUTED: 'REVIEW',
  LITIGATION: 'BLOCKED',
  BROKEN_PROMISE: 'REVIEW',
} as const satisfies Readonly<Record<string, CreditDecision>>;
export type CreditReasonCode = keyof typeof WEIGHT;
export const CREDIT_REASON_CODES = Object.keys(WEIGHT) as readonly CreditReasonCode[];

export interface CreditReason {
  readonly code: CreditReasonCode;
  readonly message: string;
}

/** What is known of a customer on the day of a check. */
export interface CreditFacts {
  /** Null: none was set. */
  readonly limit: Money | null;
  /** In the limit's currency; nothing without a limit. */
  readonly exposure: Exposure;
  /** Days past due of the oldest open invoice, whatever its currency; 0 when nothing is overdue. */
  readonly oldestDaysPastDue: number;
  /** Invoices with something open that are in dispute, and how many of them are before a court. */
  readonly disputedCount: number;
  readonly litigationCount: number;
  /** Promises not kept by their day, of which something is still open. */
  readonly brokenPromiseCount: number;
}

/**
 * Says whether more may be sold to a customer, and why not. INDICATORS.md, "Credit limit". BLOCKED: the amount goes beyond the headroom, something is
 * more than 90 days past due, or an invoice is in litigation. REVIEW, where nothing blocks: no limit was set, the amount
 * is in another currency than the limit (nothing is converted), something is more than 30 days past due, an invoice is
 * in dispute, or a promise was broken. APPROVED: none of these. Exactly 30 or 90 days past due is not more than that; an
 * amount equal to the headroom is within it. Every reason that holds is given, except that a stronger one of a pair
 * (OVERDUE_90, LITIGATION) stands for the weaker.
 */
export function decideCredit(facts: CreditFacts, amount: Money): { readonly decision: CreditDecision; readonly reasons: readonly CreditReason[] } {
  const reasons = [...limitReasons(facts, amount), ...behaviourReasons(facts)];
  const weights = reasons.map(({ code }): CreditDecision => WEIGHT[code]);
  return { decision: weights.includes('BLOCKED') ? 'BLOCKED' : weights.includes('REVIEW') ? 'REVIEW' : 'APPROVED', reasons };
}

function* limitReasons({ limit, exposure }: CreditFacts, amount: Money): Generator<CreditReason> {
  if (!limit) yield { code: 'NO_LIMIT', message: 'No credit limit was set for this customer.' };
  else if (limit.currency !== amount.currency) yield { code: 'OTHER_CURRENCY', message: `The credit limit is in ${limit.currency}: an amount in ${amount.currency} cannot be held against it.` };
  else if (amount.minor > headroom(limit.minor, exposure)) yield { code: 'LIMIT_EXCEEDED', message: 'The amount goes beyond what is left of the credit limit.' };
}

function* behaviourReasons({ oldestDaysPastDue, disputedCount, litigationCount, brokenPromiseCount }: CreditFacts): Generator<CreditReason> {
  if (oldestDaysPastDue > 90) yield { code: 'OVERDUE_90', message: `An invoice is ${oldestDaysPastDue} days past due.` };
  else if (oldestDaysPastDue > 30) yield { code: 'OVERDUE_30', message: `An invoice is ${oldestDaysPastDue} days past due.` };
  if (litigationCount > 0) yield { code: 'LITIGATION', message: `${invoices(litigationCount)} in litigation.` };
  else if (disputedCount > 0) yield { code: 'DISPUTED', message: `${invoices(disputedCount)} in dispute.` };
  if (brokenPromiseCount > 0) yield { code: 'BROKEN_PROMISE', message: brokenPromiseCount === 1 ? 'A promise to pay was broken.' : `${brokenPromiseCount} promises to pay were broken.` };
}

function invoices(count: number): string {
  return count === 1 ? 'An invoice is' : `${count} invoices are`;
}

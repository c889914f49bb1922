import { endOfMonth } from '../../src/values/day.js';
import type { Dice } from './dice.js';
import type { Sector } from './payment-times.js';
import type { PaymentCharacter } from './shared-customers.js';

export interface DemoTerms {
  readonly days: number;
  readonly endOfMonth: 'NONE' | 'END_OF_MONTH_THEN_DAYS' | 'DAYS_THEN_END_OF_MONTH';
}

/** An invoice or a credit note as its issuer's ledger has it on `today`. */
export interface DemoInvoice {
  readonly kind: 'INVOICE' | 'CREDIT_NOTE';
  readonly issueDate: Temporal.PlainDate;
  readonly dueDate: Temporal.PlainDate;
  /** Euro cents, above 0. */
  readonly amountMinor: bigint;
  /** Null: open. */
  readonly settledOn: Temporal.PlainDate | null;
  /** What came in so far of an open invoice, and when; null: nothing. */
  readonly partPaid: { readonly on: Temporal.PlainDate; readonly amountMinor: bigint } | null;
}

/** What one firm and one of its customers have agreed and how much they do. */
export interface Trade {
  readonly terms: DemoTerms;
  readonly invoicesPerMonth: number;
  /** The middle invoice, in euros. */
  readonly usualAmount: number;
  readonly character: PaymentCharacter;
}

/** How far back the ledgers go. */
export const HISTORY_DAYS = 730;

/** A course takes this long and this far, in days: far enough to show in a quarter's comparison. */
const COURSE_LENGTH_DAYS = 210;
const COURSE_REACH_DAYS = 32;

/** How far single payments lie around the habit, in days. */
const PAYMENT_SPREAD_DAYS = 5;
const DISPUTED_SHARE = 0.02;
const NEVER_PAID_SHARE = 0.004;
const CREDITED_SHARE = 0.025;
const PART_PAID_SHARE = 0.1;

type TermsWeights = readonly [readonly [DemoTerms, number], ...(readonly [DemoTerms, number])[]];

/** Usual terms by line of business: where customers take longer (see `payment-times.ts`), terms are longer too. */
const TERMS_BY_SECTOR: Readonly<Record<Sector, TermsWeights>> = {
  trade: [[{ days: 30, endOfMonth: 'NONE' }, 6], [{ days: 45, endOfMonth: 'NONE' }, 2], [{ days: 30, endOfMonth: 'DAYS_THEN_END_OF_MONTH' }, 1]],
  information: [[{ days: 45, endOfMonth: 'NONE' }, 2], [{ days: 60, endOfMonth: 'NONE' }, 4], [{ days: 45, endOfMonth: 'DAYS_THEN_END_OF_MONTH' }, 2]],
  services: [[{ days: 30, endOfMonth: 'NONE' }, 2], [{ days: 60, endOfMonth: 'NONE' }, 3], [{ days: 45, endOfMonth: 'END_OF_MONTH_THEN_DAYS' }, 2]],
};

export function drawTerms(dice: Dice, sector: Sector): DemoTerms {
  return dice.pickByWeight(TERMS_BY_SECTOR[sector]);
}

/** Two years of invoices of one trade up to `today`, oldest first, evenly enough that no quarter is empty. */
export function makeInvoices(dice: Dice, trade: Trade, today: Temporal.PlainDate): DemoInvoice[] {
  const count = Math.round(trade.invoicesPerMonth * 24);
  // One supplier is paid a little sooner, another a little later than the customer's habit.
  const ownDays = dice.spread() * 2;
  const invoices: DemoInvoice[] = [];
  for (let index = 0; index < count; index += 1) {
    const age = Math.floor(HISTORY_DAYS * (1 - (index + dice.share()) / count));
    const issueDate = today.subtract({ days: age });
    const dueDate = dueOn(trade.terms, issueDate);
    const amountMinor = BigInt(Math.max(1500, Math.round(trade.usualAmount * 100 * Math.exp(dice.spread() * 0.6))));
    const lateDays = trade.character.habitDays + ownDays + courseDays(trade.character, dueDate, today) + dice.spread() * PAYMENT_SPREAD_DAYS
      + (dice.chance(DISPUTED_SHARE) ? dice.between(25, 60) : 0);
    const paidOn = workingDay(laterOf(dueDate.add({ days: Math.round(lateDays) }), issueDate.add({ days: 1 })));
    const settledOn = dice.chance(NEVER_PAID_SHARE) || isAfter(paidOn, today) ? null : paidOn;
    const isPartPaid = settledOn === null && isAfter(today, dueDate) && dice.chance(PART_PAID_SHARE);
    invoices.push({
      kind: 'INVOICE', issueDate, dueDate, amountMinor, settledOn,
      partPaid: isPartPaid ? { on: dueDate.add({ days: 1 }), amountMinor: amountMinor * BigInt(dice.whole(2, 7)) / 10n } : null,
    });
    const creditedOn = issueDate.add({ days: dice.whole(2, 20) });
    if (dice.chance(CREDITED_SHARE) && !isAfter(creditedOn, today)) {
      const creditMinor = amountMinor * BigInt(dice.whole(5, 30)) / 100n;
      invoices.push({ kind: 'CREDIT_NOTE', issueDate: creditedOn, dueDate: creditedOn, amountMinor: creditMinor, settledOn: settledOn && laterOf(settledOn, creditedOn), partPaid: null });
    }
  }
  return invoices.toSorted((one, other) => Temporal.PlainDate.compare(one.issueDate, other.issueDate));
}

/** The day on which an invoice of `issueDate` is due. */
function dueOn({ days, endOfMonth: rule }: DemoTerms, issueDate: Temporal.PlainDate): Temporal.PlainDate {
  if (rule === 'END_OF_MONTH_THEN_DAYS') return endOfMonth(issueDate).add({ days });
  const due = issueDate.add({ days });
  return rule === 'DAYS_THEN_END_OF_MONTH' ? endOfMonth(due) : due;
}

/** How far the course has led away from the habit for what was due on `dueDate`. */
function courseDays({ course }: PaymentCharacter, dueDate: Temporal.PlainDate, today: Temporal.PlainDate): number {
  if (course === 'STEADY') return 0;
  const age = Math.max(0, dueDate.until(today, { largestUnit: 'day' }).days);
  const travelled = Math.max(0, 1 - age / COURSE_LENGTH_DAYS) * COURSE_REACH_DAYS;
  return course === 'WORSENING' ? travelled : -travelled;
}

/** Money moves on working days: a payment of a weekend arrives on Monday. */
function workingDay(day: Temporal.PlainDate): Temporal.PlainDate {
  return day.dayOfWeek < 6 ? day : day.add({ days: 8 - day.dayOfWeek });
}

function isAfter(one: Temporal.PlainDate, other: Temporal.PlainDate): boolean {
  return Temporal.PlainDate.compare(one, other) > 0;
}

function laterOf(one: Temporal.PlainDate, other: Temporal.PlainDate): Temporal.PlainDate {
  return isAfter(one, other) ? one : other;
}

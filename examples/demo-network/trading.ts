import type { Calendar } from './calendar.js';
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
  /** Days since it was issued. */
  readonly age: number;
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
const COURSE_REACH_DAYS = 42;

/** How far single payments lie around the habit, in days. */
const PAYMENT_SPREAD_DAYS = 6;

/** Even who pays late pays some invoices on the day: so many of them at most, another share for every supplier. */
const LARGEST_PROMPT_SHARE = 0.35;
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

/** Two years of invoices of one trade up to today, oldest first, evenly enough that no quarter is empty. */
export function makeInvoices(dice: Dice, trade: Trade, calendar: Calendar): DemoInvoice[] {
  const count = Math.round(trade.invoicesPerMonth * 24);
  // One supplier is paid a little sooner, another a little later than the customer's habit.
  const ownDays = dice.spread() * 2;
  const promptShare = dice.between(0.05, LARGEST_PROMPT_SHARE);
  const invoices: DemoInvoice[] = [];
  for (let index = 0; index < count; index += 1) {
    const age = Math.floor(HISTORY_DAYS * (1 - (index + dice.share()) / count));
    const dueAge = ageWhenDue(trade.terms, age, calendar);
    const amountMinor = BigInt(Math.max(1500, Math.round(trade.usualAmount * 100 * Math.exp(dice.spread() * 0.6))));
    const habitual = trade.character.habitDays + ownDays + courseDays(trade.character, dueAge) + dice.spread() * PAYMENT_SPREAD_DAYS;
    const lateDays = dice.chance(promptShare) ? Math.min(habitual, dice.between(-3, 0.4)) : habitual + (dice.chance(DISPUTED_SHARE) ? dice.between(25, 60) : 0);
    const paidAge = calendar.workingDay(Math.min(dueAge - Math.round(lateDays), age - 1));
    const isSettled = !dice.chance(NEVER_PAID_SHARE) && paidAge >= 0;
    const isPartPaid = !isSettled && dueAge > 0 && dice.chance(PART_PAID_SHARE);
    invoices.push({
      kind: 'INVOICE', age, issueDate: calendar.day(age), dueDate: calendar.day(dueAge), amountMinor,
      settledOn: isSettled ? calendar.day(paidAge) : null,
      partPaid: isPartPaid ? { on: calendar.day(dueAge - 1), amountMinor: amountMinor * BigInt(dice.whole(2, 7)) / 10n } : null,
    });
    const creditAge = age - dice.whole(2, 20);
    if (dice.chance(CREDITED_SHARE) && creditAge >= 0) {
      const day = calendar.day(creditAge);
      invoices.push({
        kind: 'CREDIT_NOTE', age: creditAge, issueDate: day, dueDate: day, amountMinor: amountMinor * BigInt(dice.whole(5, 30)) / 100n,
        settledOn: isSettled ? calendar.day(Math.min(paidAge, creditAge)) : null, partPaid: null,
      });
    }
  }
  return invoices.toSorted((one, other) => other.age - one.age);
}

/** The age of the day on which an invoice of that age is due. */
function ageWhenDue({ days, endOfMonth: rule }: DemoTerms, age: number, calendar: Calendar): number {
  if (rule === 'END_OF_MONTH_THEN_DAYS') return calendar.endOfMonth(age) - days;
  return rule === 'DAYS_THEN_END_OF_MONTH' ? calendar.endOfMonth(age - days) : age - days;
}

/** How far the course has led away from the habit for what was due at that age. */
function courseDays({ course }: PaymentCharacter, dueAge: number): number {
  if (course === 'STEADY') return 0;
  const travelled = Math.max(0, 1 - Math.max(0, dueAge) / COURSE_LENGTH_DAYS) * COURSE_REACH_DAYS;
  return course === 'WORSENING' ? travelled : -travelled;
}

import { daysBetween, EARLIEST_DAY } from '../../../src/values/day.js';
import { latenessHabits, LATE_DAYS, type LatenessHabit, type LedgerInvoice } from '../score/lateness-habits.js';
import type { TrainedCard } from '../score/trained-card.js';
import { placeOf } from './chance.js';
import { crossFitted, fitScorecard, probabilityOf, type Candidate, type Sample } from './fit.js';
import { judge, type Baseline, type Verdict } from './judge.js';

const SEED = 20_261_123;

export interface PaidInvoice extends LedgerInvoice {
  readonly id: string;
  /** The customer, whichever way it was spelled. */
  readonly customer: string;
  readonly settled: number;
}

/** Before the first day no customer has a past; from the second on invoices are held back, and nothing of theirs is learned. */
export const FIRST_DAY = dayOf('2019-03-01');
export const HELD_FROM = dayOf('2019-10-01');

/** The share of the customers that the card is held to. */
const HELD_SHARE = 0.5;

/** What each habit is held to mean, before any data. */
const CANDIDATES: readonly (Candidate & { readonly code: LatenessHabit })[] = [
  { code: 'index', safer: 'higher' },
  { code: 'averageDaysBeyondTerms', safer: 'lower' },
  { code: 'lateShare', safer: 'lower' },
  { code: 'recentLateShare', safer: 'lower' },
  { code: 'monthLateShare', safer: 'lower' },
  { code: 'recentDays', safer: 'lower' },
  { code: 'usualDays', safer: 'lower' },
  { code: 'slowDays', safer: 'lower' },
];

/** No customer teaches more than this many invoices, taken evenly over the time: or the habits of the largest would be the rule. */
const MOST_LEARNED = 100;

/** An invoice on the day it is issued: what was known of its customer, and whether it was late in the end. */
export interface IssuedInvoice extends Sample {
  readonly issued: number;
  /** The day on which it was known whether it is late. */
  readonly decided: number;
  /** Of what the customer had settled before, the share more than 0 days beyond terms, and the share more than `LATE_DAYS`. */
  readonly pastLateShare: number | null;
  readonly pastVeryLateShare: number | null;
}

export interface LatenessSplit {
  readonly learn: readonly IssuedInvoice[];
  readonly held: readonly IssuedInvoice[];
  /** Of every customer alike, for the check across customers: what was decided before the first day held back, and what was issued after it. */
  readonly everybody: () => { readonly early: readonly IssuedInvoice[]; readonly late: readonly IssuedInvoice[] };
}

/**
 * Splits invoices by customer and by day: what is held back is of other customers and of later days than what is learned.
 * Each comes with what was known when it was issued.
 */
export function splitLedger(invoices: readonly PaidInvoice[]): LatenessSplit {
  const parts = [...Map.groupBy(invoices, ({ customer }) => customer)].map(([customer, own]) => {
    const early = takeEvenly([...own.keys()].filter((place) => own[place]!.issued >= FIRST_DAY && decidedOn(own[place]!) < HELD_FROM));
    const late = [...own.keys()].filter((place) => own[place]!.issued >= HELD_FROM);
    const isHeld = placeOf(customer, SEED) < HELD_SHARE;
    return { isHeld, early, late, of: (places: readonly number[]): IssuedInvoice[] => places.map((place) => issueOf(own, place)) };
  });
  return {
    learn: parts.flatMap(({ isHeld, early, of }) => (isHeld ? [] : of(early))),
    held: parts.flatMap(({ isHeld, late, of }) => (isHeld ? of(late) : [])),
    everybody: () => ({ early: parts.flatMap(({ early, of }) => of(early)), late: parts.flatMap(({ late, of }) => of(takeEvenly(late))) }),
  };
}

function takeEvenly(places: readonly number[]): readonly number[] {
  return places.length <= MOST_LEARNED ? places : Array.from({ length: MOST_LEARNED }, (_, index) => places[Math.floor((index * places.length) / MOST_LEARNED)]!);
}

function isLate({ settled, due }: PaidInvoice): boolean {
  return settled - due > LATE_DAYS;
}

function decidedOn(invoice: PaidInvoice): number {
  return isLate(invoice) ? invoice.due + LATE_DAYS + 1 : invoice.settled;
}

/** The invoice at a place of its customer's, which are in the order of their issue. */
function issueOf(own: readonly PaidInvoice[], place: number): IssuedInvoice {
  const invoice = own[place]!;
  const earlier = own.slice(0, place);
  const settled = earlier.filter((other) => other.settled < invoice.issued);
  const shareOf = (days: number): number | null => (settled.length === 0 ? null : settled.filter((other) => other.settled - other.due > days).length / settled.length);
  return {
    observed: latenessHabits(earlier, invoice.issued), bad: isLate(invoice), group: invoice.customer, issued: invoice.issued, decided: decidedOn(invoice),
    pastLateShare: shareOf(0), pastVeryLateShare: shareOf(LATE_DAYS),
  };
}

export function fitLateness(version: string, { learn }: LatenessSplit): TrainedCard {
  return fitScorecard(version, learn, CANDIDATES, SEED);
}

/** The card on the invoices held back: those of whose customer something was settled before, and all. */
export function judgeLateness(card: TrainedCard, { held }: LatenessSplit): Verdict[] {
  const known = held.filter(hasPast);
  return [['Invoices of customers with a past', known] as const, ['All invoices, first ones too', held] as const].map(([name, rows]) => judge(name, rows.map((row) => probabilityOf(card, row)), rows, baselinesOf(rows), SEED));
}

/** The method, not the card: later invoices of all customers, each judged by a card made of earlier invoices of others. */
export function judgeLatenessMethod({ everybody }: LatenessSplit): Verdict {
  const { early, late } = everybody();
  const rows = late.filter(hasPast);
  const learned = new Set<Sample>(early);
  const said = crossFitted([...early, ...rows], (row) => learned.has(row), (row) => !learned.has(row), CANDIDATES, SEED).slice(early.length).map(Number);
  return judge(`Invoices of all customers with a past, at most ${MOST_LEARNED} of each, judged by cards that have not seen the customer`, said, rows, baselinesOf(rows), SEED);
}

function hasPast({ pastLateShare }: IssuedInvoice): boolean {
  return pastLateShare !== null;
}

function baselinesOf(rows: readonly IssuedInvoice[]): Baseline[] {
  return [
    { name: 'past late share (more than 0 days)', risk: rows.map(({ pastLateShare }) => pastLateShare) },
    { name: 'past share more than 7 days late', shownOnly: true, risk: rows.map(({ pastVeryLateShare }) => pastVeryLateShare) },
  ];
}

function dayOf(text: string): number {
  return daysBetween(EARLIEST_DAY, Temporal.PlainDate.from(text));
}

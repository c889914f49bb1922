import { daysBetween, EARLIEST_DAY } from '../../../src/values/day.js';
import { latenessHabits, LATE_DAYS, type LatenessHabit, type LedgerInvoice } from '../score/lateness-habits.js';
import type { Scorecard } from '../score/scorecard.js';
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
  { code: 'trendPoints', safer: 'higher' },
  { code: 'averageDaysBeyondTerms', safer: 'lower' },
  { code: 'onTimeShare', safer: 'higher' },
  { code: 'shareBeyond30', safer: 'lower' },
  { code: 'lateShare', safer: 'lower' },
  { code: 'recentLateShare', safer: 'lower' },
  { code: 'monthLateShare', safer: 'lower' },
  { code: 'recentDays', safer: 'lower' },
  { code: 'usualDays', safer: 'lower' },
  { code: 'lastDays', safer: 'lower' },
  { code: 'slowDays', safer: 'lower' },
  { code: 'overdueShare', safer: 'lower' },
  { code: 'oldestOverdueDays', safer: 'lower' },
  { code: 'shorterTerms', safer: 'lower' },
];

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
  /** Every customer from the first held-back day on, for the check across customers. */
  readonly all: readonly IssuedInvoice[];
}

/** Every invoice from the first day on, with what was known when it was issued. */
export function issuedInvoices(invoices: readonly PaidInvoice[]): IssuedInvoice[] {
  return [...Map.groupBy(invoices, ({ customer }) => customer)].flatMap(([customer, own]) =>
    own.flatMap((invoice, place) => {
      if (invoice.issued < FIRST_DAY) return [];
      const earlier = own.slice(0, place);
      const settled = earlier.filter((other) => other.settled < invoice.issued);
      const shareOf = (days: number): number | null => (settled.length === 0 ? null : settled.filter((other) => other.settled - other.due > days).length / settled.length);
      const bad = invoice.settled - invoice.due > LATE_DAYS;
      return [{
        observed: latenessHabits(earlier, invoice), bad, group: customer, issued: invoice.issued,
        decided: bad ? invoice.due + LATE_DAYS + 1 : invoice.settled, pastLateShare: shareOf(0), pastVeryLateShare: shareOf(LATE_DAYS),
      }];
    }),
  );
}

/** By customer and by day: what is held back is of other customers and of later days than what is learned. */
export function splitIssued(rows: readonly IssuedInvoice[]): LatenessSplit {
  const isHeld = ({ group }: Sample): boolean => placeOf(group, SEED) < HELD_SHARE;
  return {
    learn: rows.filter((row) => !isHeld(row) && row.decided < HELD_FROM),
    held: rows.filter((row) => isHeld(row) && row.issued >= HELD_FROM),
    all: rows,
  };
}

export function fitLateness(version: string, { learn }: LatenessSplit): Scorecard {
  return fitScorecard(version, learn, CANDIDATES, SEED);
}

/** The card on the invoices held back: those of whose customer something was settled before, and all. */
export function judgeLateness(card: Scorecard, { held }: LatenessSplit): Verdict[] {
  const known = held.filter(hasPast);
  return [['Invoices of customers with a past', known] as const, ['All invoices, first ones too', held] as const].map(([name, rows]) => judge(name, rows.map((row) => probabilityOf(card, row)), rows, baselinesOf(rows), SEED));
}

/** The method, not the card: the later invoices of all customers, each judged by a card made of earlier invoices of others. */
export function judgeLatenessMethod({ all }: LatenessSplit): Verdict {
  const early = new Set<Sample>(all.filter(({ decided }) => decided < HELD_FROM));
  const late = new Set<Sample>(all.filter((row) => row.issued >= HELD_FROM && hasPast(row)));
  const said = crossFitted(all, (row) => early.has(row), (row) => late.has(row), CANDIDATES, SEED);
  const rows = all.flatMap((row, index) => (said[index] === null ? [] : [{ row, said: said[index]! }]));
  return judge('Invoices of all customers with a past, each judged by a card that has not seen the customer', rows.map((one) => one.said), rows.map(({ row }) => row), baselinesOf(rows.map(({ row }) => row)), SEED);
}

function hasPast({ pastLateShare }: IssuedInvoice): boolean {
  return pastLateShare !== null;
}

function baselinesOf(rows: readonly IssuedInvoice[]): Baseline[] {
  return [
    { name: 'past late share (more than 0 days)', risk: rows.map(({ pastLateShare }) => pastLateShare) },
    { name: 'past share more than 7 days late', risk: rows.map(({ pastVeryLateShare }) => pastVeryLateShare) },
  ];
}

function dayOf(text: string): number {
  return daysBetween(EARLIEST_DAY, Temporal.PlainDate.from(text));
}

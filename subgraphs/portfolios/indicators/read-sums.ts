import type { Request } from '../../../src/server/request.js';
import { askFigure, type FigureRow, type Scope } from '../figures/read-figures.js';
import { balanceOf, bucketsOf, firstDaysPastDue, type Balance, type Bucket } from './aging.js';
import type { MonthlySales } from './dso.js';
import type { Settled } from './lateness.js';

/**
 * The sums that indicators are made of. Whatever an operation asks for in one turn of the loop is one statement, so an
 * indicator of several sums asks for all of them before it waits for any.
 */

export type { Scope } from '../figures/read-figures.js';

/** A value with the currency of its amounts: the one asked for, else the scope's default. */
export interface InCurrency<Value> {
  readonly currency: string;
  readonly value: Value;
}

/** Whose figures are asked for: an object of the API whose currency is known once they are read. */
export interface Asked {
  /** Null: the whole portfolio. */
  readonly customerId: string | null;
  readonly asOf: Temporal.PlainDate;
  /** Null: the default. */
  readonly askedCurrency: string | null;
}

export function scopeOf({ customerId, asOf, askedCurrency }: Asked): Scope {
  return { customerId, asOf, currency: askedCurrency };
}

export async function readCurrency(request: Request, scope: Scope): Promise<string> {
  return scope.currency ?? (await askFigure(request, { ...scope, kind: 'currency' })).currency;
}

/** What is open on the day, by days past due. */
export async function readBuckets(request: Request, scope: Scope, bounds: readonly number[]): Promise<InCurrency<readonly Bucket[]>> {
  const { currency, rows } = await askFigure(request, { ...scope, kind: 'open', numbers: firstDaysPastDue(bounds) });
  return { currency, value: bucketsOf(rows.map(({ one, two, three }) => ({ place: Number(one), minor: whole(two), invoiceCount: Number(three) })), bounds) };
}

/** What is open on the day, past due and not: every other cut of it, asked for beside this one, has these two parts. */
export async function readBalance(request: Request, scope: Scope): Promise<InCurrency<Balance>> {
  const { currency, value } = await readBuckets(request, scope, []);
  return { currency, value: balanceOf(value) };
}

/** Payments and credit notes that no invoice had taken on the day. INDICATORS.md, "Open items and the aged balance". */
export async function readUnapplied(request: Request, scope: Scope): Promise<InCurrency<bigint>> {
  const { currency, rows } = await askFigure(request, { ...scope, kind: 'unapplied' });
  return { currency, value: whole(rows[0]?.one) };
}

/** What is open of the invoices that are in dispute on the day; part of what is outstanding. */
export async function readDisputed(request: Request, scope: Scope): Promise<InCurrency<bigint>> {
  const { currency, rows } = await askFigure(request, { ...scope, kind: 'disputed' });
  return { currency, value: whole(rows[0]?.one) };
}

/** What was invoiced after a day and up to the scope's, credit notes taken off. */
export async function readSales(request: Request, scope: Scope, after: Temporal.PlainDate): Promise<bigint> {
  const { rows } = await askFigure(request, { ...scope, kind: 'sales', after });
  return whole(rows[0]?.one);
}

/** What was invoiced up to the day by calendar month, credit notes taken off; months without any are left out. */
export async function readMonthlySales(request: Request, scope: Scope): Promise<readonly MonthlySales[]> {
  const { rows } = await askFigure(request, { ...scope, kind: 'months' });
  return rows.map(({ key, one }) => ({ monthStart: Temporal.PlainDate.from(key!), salesMinor: whole(one) }));
}

/** The invoices settled after a day and up to the scope's. */
export async function readSettled(request: Request, scope: Scope, after: Temporal.PlainDate): Promise<Settled> {
  const { rows } = await askFigure(request, { ...scope, kind: 'settled', after });
  const row: FigureRow | undefined = rows[0];
  return { invoiceCount: Number(row?.one ?? 0), lateCount: Number(row?.two ?? 0), amountMinor: whole(row?.three), amountDaysMinor: whole(row?.four) };
}

/** Every currency of the ledger, in alphabetical order. */
export async function readCurrencies(request: Request, scope: Scope): Promise<readonly string[]> {
  const { rows } = await askFigure(request, { ...scope, kind: 'currencies' });
  return rows.map(({ key }) => key!).toSorted();
}

/** How many customers the firm has. */
export async function readCustomerCount(request: Request, scope: Scope): Promise<number> {
  const { rows } = await askFigure(request, { ...scope, kind: 'customers' });
  return Number(rows[0]?.one ?? 0);
}

/** A month of a portfolio, or what has passed of it. */
export interface MonthSums {
  readonly lastDay: Temporal.PlainDate;
  /** On its last day. */
  readonly outstandingMinor: bigint;
  readonly overdueMinor: bigint;
  /** In the month. */
  readonly salesMinor: bigint;
  readonly collectedMinor: bigint;
  /** In the 90 days that end with it. */
  readonly recentSalesMinor: bigint;
}

/** The last months up to the day of the scope, the oldest first. */
export async function readTrend(request: Request, scope: Scope, months: number): Promise<InCurrency<readonly MonthSums[]>> {
  const { currency, rows } = await askFigure(request, { ...scope, kind: 'trend', numbers: [months] });
  const value = rows.map(({ key, one, two, three, four, five }) => ({
    lastDay: Temporal.PlainDate.from(key!), outstandingMinor: whole(one), overdueMinor: whole(two), salesMinor: whole(three), collectedMinor: whole(four), recentSalesMinor: whole(five),
  }));
  return { currency, value: value.toSorted((one, other) => Temporal.PlainDate.compare(one.lastDay, other.lastDay)) };
}

export type BreakdownKey = 'byCustomer' | 'byCountry' | 'byTerms' | 'byCurrency';

/** What is open of one group, or of several. */
export interface OpenOfGroup {
  readonly outstandingMinor: bigint;
  readonly overdueMinor: bigint;
  readonly invoiceCount: number;
  readonly customerCount: number;
}

export interface Group extends OpenOfGroup {
  /** Null: it is not known of these. */
  readonly key: string | null;
  readonly label: string | null;
}

/** The largest groups of what is open, and all of it; nothing is the whole of several currencies. */
export interface Groups {
  readonly largest: readonly Group[];
  readonly whole: OpenOfGroup | undefined;
}

export async function readGroups(request: Request, scope: Scope, by: BreakdownKey, first: number): Promise<InCurrency<Groups>> {
  const { currency, rows } = await askFigure(request, { ...scope, kind: by, numbers: [first] });
  const groups = rows.map((row) => ({
    place: Number(row.five), key: row.key, label: row.label,
    outstandingMinor: whole(row.one), overdueMinor: whole(row.two), invoiceCount: Number(row.three ?? 0), customerCount: Number(row.four ?? 0),
  }));
  return { currency, value: { largest: groups.filter(({ place }) => place > 0).toSorted((one, other) => one.place - other.place), whole: groups.find(({ place }) => place === 0) } };
}

function whole(sum: string | null | undefined): bigint {
  return BigInt(sum ?? '0');
}

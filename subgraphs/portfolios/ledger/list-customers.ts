import { sql, type RawBuilder } from 'kysely';
import { decodeCursor, encodeCursor, LARGEST_TOTAL, wrongCursor } from '../../../src/graph/page.graph.js';
import type { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { DEFAULT_CURRENCY } from '../figures/read-portfolio-figures.js';
import { customerColumns, type CustomerRecord } from './read-customer.js';
import { SEARCH_KINDS, searchCondition, type Search, type SearchKind } from './read-search.js';

export const CUSTOMER_ORDERS = ['NAME_ASC', 'OUTSTANDING_DESC', 'OVERDUE_DESC'] as const;
export type CustomerOrder = (typeof CUSTOMER_ORDERS)[number];

/** Which customers, as of which day. */
export interface CustomerConditions {
  readonly search: Search | undefined;
  readonly overdue: boolean | undefined;
  readonly asOf: Temporal.PlainDate;
  /** What `isAppliedAfter` says of the day; of no matter unless `overdue` is asked for. */
  readonly appliedLater: boolean;
}

/** Customers in an order. */
export interface CustomerListing extends CustomerConditions {
  readonly order: CustomerOrder;
}

export interface ListedCustomer extends CustomerRecord {
  readonly sortKey: string;
}

/** One page, and one row more if there is more. */
export async function listCustomers(request: Request, listing: CustomerListing, first: number, start: CustomerPlace | undefined): Promise<readonly ListedCustomer[]> {
  const byName = listing.order === 'NAME_ASC';
  const key = byName ? sql`c.name_key` : sql`coalesce(balance.minor, 0)`;
  const balance = byName ? sql`` : sql`left join (${balances(listing)}) balance on balance.customer_id = c.id`;
  const behind = start && (byName
    ? sql`and (c.name_key, c.id) > (${start.key}, ${start.id}::uuid)`
    : sql`and (${key} < ${start.key}::numeric or (${key} = ${start.key}::numeric and c.id > ${start.id}::uuid))`);
  const { rows } = await request.read((em) =>
    sql<ListedCustomer>`
      select ${customerColumns}, ${key}::text as "sortKey" from portfolios.customer c ${balance}
      where ${customerConditions(listing)} ${behind ?? sql``}
      order by ${key} ${byName ? sql`asc` : sql`desc`}, c.id limit ${first + 1}
    `.execute(em.getKysely<unknown>()),
  );
  return rows;
}

/** How many customers the list has; 10,001 stands for more than 10,000. */
export async function countCustomers(request: Request, listing: CustomerListing): Promise<number> {
  const { rows } = await request.read((em) =>
    sql<{ count: number }>`select count(*)::int as count from (select 1 from portfolios.customer c where ${customerConditions(listing)} limit ${LARGEST_TOTAL}) counted`.execute(em.getKysely<unknown>()),
  );
  return rows[0]!.count;
}

/** Where a page begins: behind a customer, in a list of one order, found by one kind of search. */
export interface CustomerPlace {
  readonly kind: SearchKind | undefined;
  readonly key: string;
  readonly id: string;
}

/** A cursor belongs to the order it was given for, and to what the search found when its first page was read. */
export function customerCursor({ order, search }: CustomerListing, row: ListedCustomer): string {
  return encodeCursor([order, search?.kind ?? null, row.sortKey, row.id]);
}

/** The place of a cursor; one that this list did not give is refused. */
export function customerPlace(cursor: string, order: CustomerOrder, isSearched: boolean): CustomerPlace {
  const [cursorOrder, cursorKind, key, id] = decodeCursor(cursor, 4);
  const kind = SEARCH_KINDS.find((known) => known === cursorKind);
  if (cursorOrder === order && (kind !== undefined) === isSearched && (isSearched || cursorKind === null)
    && typeof key === 'string' && typeof id === 'string' && isUuid(id) && (order === 'NAME_ASC' ? isText(key) : /^-?\d{1,30}$/.test(key))) {
    return { kind, key, id };
  }
  throw wrongCursor();
}

/** Whether PostgreSQL can take it as a text. */
function isText(key: string): boolean {
  return key.isWellFormed() && !key.includes('\0');
}

/**
 * What each customer owes on the day in the default currency of the portfolio, those that owe nothing left out: what is open now, which has an index of its own, and
 * what was taken off only after the day, mostly nothing.
 */
function balances({ asOf, order }: CustomerListing): RawBuilder<unknown> {
  const day = asOf.toString();
  const owed = sql`i.currency = (select ${DEFAULT_CURRENCY}) and ${owedBy(day)} ${order === 'OVERDUE_DESC' ? sql`and i.due_date < ${day}::date` : sql``}`;
  return sql`
    select owing.customer_id, sum(owing.minor) as minor from (
      select i.customer_id, i.amount_minor - i.applied_minor as minor from portfolios.invoice i where i.settled_on is null and ${owed}
      union all
      select i.customer_id, a.amount_minor from portfolios.application a join portfolios.invoice i on i.id = a.invoice_id where a.applied_on > ${day}::date and ${owed}
    ) owing group by owing.customer_id
  `;
}

/** Whether an invoice counts on the day at all, paid or not. */
function owedBy(day: string): RawBuilder<unknown> {
  return sql`i.kind = 'INVOICE' and not i.cancelled and i.issue_date <= ${day}::date`;
}

/**
 * Whether anything was applied after the day: the end of an index tells, whatever the day. Mostly nothing was, and who is
 * overdue is then told by what is open now.
 */
export async function isAppliedAfter(request: Request, day: Temporal.PlainDate): Promise<boolean> {
  const { rows } = await request.read((em) =>
    sql<{ found: boolean }>`select coalesce((select applied_on from portfolios.application order by applied_on desc limit 1) > ${day.toString()}::date, false) as found`.execute(em.getKysely<unknown>()),
  );
  return rows[0]!.found;
}

/** Which customers `c` a list has. */
export function customerConditions({ search, overdue, asOf, appliedLater }: CustomerConditions): RawBuilder<unknown> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (search !== undefined) conditions.push(searchCondition(search));
  if (overdue !== undefined) {
    const day = asOf.toString();
    const late = (settled: RawBuilder<unknown>): RawBuilder<unknown> => sql`exists (
      select from portfolios.invoice i where i.customer_id = c.id and ${settled} and ${owedBy(day)} and i.due_date < ${day}::date
    )`;
    const stillLate = late(sql`i.settled_on is null`);
    const isLate = appliedLater ? sql`(${stillLate} or ${late(sql`i.settled_on > ${day}::date`)})` : stillLate;
    conditions.push(overdue ? isLate : sql`not ${isLate}`);
  }
  return sql.join(conditions, sql` and `);
}

import { sql, type RawBuilder } from 'kysely';
import { decodeCursor, encodeCursor, LARGEST_TOTAL, wrongCursor } from '../../../src/graph/page.graph.js';
import type { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { DEFAULT_CURRENCY } from '../figures/read-portfolio-figures.js';
import { customerColumns, type CustomerRecord } from './read-customer.js';
import { openItems } from './read-open-item.js';
import { SEARCH_KINDS, searchCondition, type Search, type SearchKind } from './read-search.js';

export const CUSTOMER_ORDERS = ['NAME_ASC', 'OUTSTANDING_DESC', 'OVERDUE_DESC'] as const;
export type CustomerOrder = (typeof CUSTOMER_ORDERS)[number];

/** Which customers, as of which day. */
export interface CustomerConditions {
  readonly search: Search | undefined;
  readonly overdue: boolean | undefined;
  readonly asOf: Temporal.PlainDate;
}

/** Customers in an order; `currency` is the one in which amounts are compared, undefined when none are. */
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

/** What each customer owes in the default currency of the portfolio. */
function balances({ asOf, order }: CustomerListing): RawBuilder<unknown> {
  const dueBefore = order === 'OVERDUE_DESC' ? sql`and open.due_date < ${asOf.toString()}::date` : sql``;
  return sql`
    select open.customer_id, sum(open.open_minor) as minor from (${openItems(asOf)}) open
    where open.currency = (select ${DEFAULT_CURRENCY}) ${dueBefore} group by open.customer_id
  `;
}

/** Which customers `c` a list has. */
export function customerConditions({ search, overdue, asOf }: CustomerConditions): RawBuilder<unknown> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (search !== undefined) conditions.push(searchCondition(search));
  if (overdue !== undefined) {
    const day = asOf.toString();
    const late = sql`exists (
      select 1 from portfolios.invoice i
      where i.customer_id = c.id and i.kind = 'INVOICE' and not i.cancelled and i.issue_date <= ${day}::date
        and i.due_date < ${day}::date and (i.settled_on is null or i.settled_on > ${day}::date)
    )`;
    conditions.push(overdue ? late : sql`not ${late}`);
  }
  return sql.join(conditions, sql` and `);
}

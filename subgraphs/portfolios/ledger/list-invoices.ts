import { sql, type RawBuilder } from 'kysely';
import { decodeCursor, encodeCursor, LARGEST_TOTAL, wrongCursor } from '../../../src/graph/page.graph.js';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { parseDay } from '../../../src/values/day.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { invoiceColumns, type InvoiceRecord } from './read-invoice.js';

export const INVOICE_ORDERS = ['DUE_DATE_ASC', 'ISSUE_DATE_DESC', 'AMOUNT_DESC'] as const;
export type InvoiceOrder = (typeof INVOICE_ORDERS)[number];

/** Which invoices, and what is open or past due on which day. Days are `yyyy-MM-dd`. */
export interface InvoiceListing {
  /** Null: of every customer. */
  readonly customerId: string | null;
  readonly open: boolean | null;
  readonly overdue: boolean | null;
  readonly dueFrom: string | null;
  readonly dueTo: string | null;
  readonly order: InvoiceOrder;
  readonly asOf: string;
}

export interface InvoicePage extends InvoiceListing {
  readonly first: number;
  readonly after: string | null;
}

export interface ListedInvoice extends InvoiceRecord {
  readonly sortKey: string;
}

/** Pages of several customers that differ in nothing else are one statement; each has one row more if there is more. */
export const readInvoicePages: BatchRead<InvoicePage, readonly ListedInvoice[]> = (request, pages) =>
  byCustomer(pages, async (page, customerIds) => {
    const { column, type, direction } = ORDERS[page.order];
    const start = page.after === null ? undefined : invoiceCursorKey(page.after, page.order);
    const behind = start ? sql`and (${column}, i.id) ${direction.beyond} (${start.key}::${type}, ${start.id}::uuid)` : sql``;
    const branch = (owned: RawBuilder<unknown>) => (conditions: RawBuilder<unknown>): RawBuilder<unknown> => sql`(
      select ${invoiceColumns}, ${column} as key from portfolios.invoice i where ${conditions} ${owned} ${behind}
      order by ${column} ${direction.word}, i.id ${direction.word} limit ${page.first + 1}
    )`;
    return rowsOf<ListedInvoice>(request, customerIds, (owned) => sql`
      select either.*, either.key::text as "sortKey", row_number() over (order by either.key ${direction.word}, either.id ${direction.word}) as place
      from (${sql.join(branchesOf(page).map(branch(owned)), sql` union all `)}) either
      order by either.key ${direction.word}, either.id ${direction.word} limit ${page.first + 1}
    `, sql`found.place`);
  }, (rows) => rows);

/** How many invoices each list has; 10,001 stands for more than 10,000. */
export const countInvoices: BatchRead<InvoiceListing, number> = (request, listings) =>
  byCustomer(
    listings,
    (listing, customerIds) =>
      rowsOf<{ customerId: string; count: number }>(request, customerIds, (owned) => sql`
        select count(*)::int as count, min(customer_id::text)::uuid as "customerId"
        from (
          ${sql.join(branchesOf(listing).map((conditions) => sql`select i.customer_id from portfolios.invoice i where ${conditions} ${owned}`), sql` union all `)} limit ${LARGEST_TOTAL}
        ) counted
      `, sql`1`),
    (rows) => rows[0]?.count ?? 0,
  );

/** A cursor belongs to the order it was given for. */
export function invoiceCursor(order: InvoiceOrder, row: ListedInvoice): string {
  return encodeCursor([order, row.sortKey, row.id]);
}

function invoiceCursorKey(cursor: string, order: InvoiceOrder): { readonly key: string; readonly id: string } {
  const [cursorOrder, key, id] = decodeCursor(cursor, 3);
  if (cursorOrder === order && typeof key === 'string' && typeof id === 'string' && isUuid(id) && (order === 'AMOUNT_DESC' ? isKey(key) : parseDay(key) !== undefined)) {
    return { key, id };
  }
  throw wrongCursor();
}

/** Whether PostgreSQL can take it as the key of an amount. */
function isKey(text: string): boolean {
  return /^\d{1,19}$/.test(text) && BigInt(text) < 2n ** 63n;
}

const ASCENDING = { word: sql`asc`, beyond: sql`>` };
const DESCENDING = { word: sql`desc`, beyond: sql`<` };
const ORDERS: Readonly<Record<InvoiceOrder, { readonly column: RawBuilder<unknown>; readonly type: RawBuilder<unknown>; readonly direction: typeof ASCENDING }>> = {
  DUE_DATE_ASC: { column: sql`i.due_date`, type: sql`date`, direction: ASCENDING },
  ISSUE_DATE_DESC: { column: sql`i.issue_date`, type: sql`date`, direction: DESCENDING },
  AMOUNT_DESC: { column: sql`i.amount_key`, type: sql`bigint`, direction: DESCENDING },
};

/** What decides whether an invoice is in a list, whoever's it is and whatever the order. */
type InvoiceFilter = Pick<InvoiceListing, 'open' | 'overdue' | 'dueFrom' | 'dueTo' | 'asOf'>;

/** Which invoices `i` a list has. */
export function invoiceConditions(filter: InvoiceFilter): RawBuilder<unknown> {
  const { open, overdue, asOf } = filter;
  const isOpen = sql`(${counts(asOf)} and (i.settled_on is null or i.settled_on > ${asOf}::date))`;
  const isOverdue = sql`(${isOpen} and i.due_date < ${asOf}::date)`;
  const conditions = [dueWithin(filter)];
  if (open !== null) conditions.push(open ? isOpen : sql`not ${isOpen}`);
  if (overdue !== null) conditions.push(overdue ? isOverdue : sql`not ${isOverdue}`);
  return sql.join(conditions, sql` and `);
}

/**
 * The same as conditions of which each invoice meets at most one: what is open is a small part of a ledger with an index of
 * its own, and what was settled after the day is found by what was applied after it, for today mostly nothing.
 */
function branchesOf(filter: InvoiceFilter): readonly RawBuilder<unknown>[] {
  const { open, overdue, asOf } = filter;
  if (!open && !overdue) return [invoiceConditions(filter)];
  if (open === false && overdue) return [sql`false`];
  const rest = sql`${counts(asOf)} and ${overdue === null ? sql`true` : overdue ? sql`i.due_date < ${asOf}::date` : sql`i.due_date >= ${asOf}::date`} and ${dueWithin(filter)}`;
  return [
    sql`i.settled_on is null and ${rest}`,
    sql`i.settled_on > ${asOf}::date and i.id in (select a.invoice_id from portfolios.application a where a.applied_on > ${asOf}::date) and ${rest}`,
  ];
}

/** Whether it is owed at all on the day, paid or not. */
function counts(asOf: string): RawBuilder<unknown> {
  return sql`i.kind = 'INVOICE' and not i.cancelled and i.issue_date <= ${asOf}::date`;
}

function dueWithin({ dueFrom, dueTo }: InvoiceFilter): RawBuilder<unknown> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (dueFrom !== null) conditions.push(sql`i.due_date >= ${dueFrom}::date`);
  if (dueTo !== null) conditions.push(sql`i.due_date <= ${dueTo}::date`);
  return sql.join(conditions, sql` and `);
}

/** Answers lists with one statement for all customers whose lists differ in nothing else. */
async function byCustomer<Listing extends InvoiceListing, Row extends { readonly customerId: string }, Value>(
  listings: readonly Listing[],
  read: (listing: Listing, customerIds: readonly string[] | null) => Promise<readonly Row[]>,
  toValue: (rows: readonly Row[]) => Value,
): Promise<readonly Value[]> {
  const nameOf = (listing: Listing): string => JSON.stringify({ ...listing, customerId: listing.customerId === null });
  const rowsByName = new Map<string, readonly Row[]>();
  for (const [name, members] of Map.groupBy(listings, nameOf)) {
    const { customerId } = members[0]!;
    rowsByName.set(name, await read(members[0]!, customerId === null ? null : members.map((member) => member.customerId!).filter(isUuid)));
  }
  return listings.map((listing) => {
    const rows = rowsByName.get(nameOf(listing)) ?? [];
    return toValue(listing.customerId === null ? rows : rows.filter((row) => row.customerId === listing.customerId));
  });
}

/** Runs a statement for each of these customers at once, or for the whole ledger. */
async function rowsOf<Row>(request: Request, customerIds: readonly string[] | null, statement: (owned: RawBuilder<unknown>) => RawBuilder<unknown>, order: RawBuilder<unknown>): Promise<readonly Row[]> {
  const whole = customerIds === null
    ? sql<Row>`select found.* from (${statement(sql``)}) found order by ${order}`
    : sql<Row>`select found.* from unnest(${[...customerIds]}::uuid[]) as asked (customer_id) cross join lateral (${statement(sql`and i.customer_id = asked.customer_id`)}) found order by ${order}`;
  const { rows } = await request.read((em) => whole.execute(em.getKysely<unknown>()));
  return rows;
}

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
    return rowsOf<ListedInvoice>(request, customerIds, (owned) => sql`
      select ${invoiceColumns}, ${column}::text as "sortKey", row_number() over (order by ${column} ${direction.word}, i.id ${direction.word}) as place
      from portfolios.invoice i where ${invoiceConditions(page)} ${owned} ${behind}
      order by ${column} ${direction.word}, i.id ${direction.word} limit ${page.first + 1}
    `, sql`found.place`);
  }, (rows) => rows);

/** How many invoices each list has; 10,001 stands for more than 10,000. */
export const countInvoices: BatchRead<InvoiceListing, number> = (request, listings) =>
  byCustomer(
    listings,
    (listing, customerIds) =>
      rowsOf<{ customerId: string; count: number }>(request, customerIds, (owned) => sql`
        select count(*)::int as count, min(customer_id::text)::uuid as "customerId"
        from (select i.customer_id from portfolios.invoice i where ${invoiceConditions(listing)} ${owned} limit ${LARGEST_TOTAL}) counted
      `, sql`1`),
    (rows) => rows[0]?.count ?? 0,
  );

/** A cursor belongs to the order it was given for. */
export function invoiceCursor(order: InvoiceOrder, row: ListedInvoice): string {
  return encodeCursor([order, row.sortKey, row.id]);
}

function invoiceCursorKey(cursor: string, order: InvoiceOrder): { readonly key: string; readonly id: string } {
  const [cursorOrder, key, id] = decodeCursor(cursor, 3);
  if (cursorOrder === order && typeof key === 'string' && typeof id === 'string' && isUuid(id) && (order === 'AMOUNT_DESC' ? /^\d{1,18}$/.test(key) : parseDay(key) !== undefined)) {
    return { key, id };
  }
  throw wrongCursor();
}

const ASCENDING = { word: sql`asc`, beyond: sql`>` };
const DESCENDING = { word: sql`desc`, beyond: sql`<` };
const ORDERS: Readonly<Record<InvoiceOrder, { readonly column: RawBuilder<unknown>; readonly type: RawBuilder<unknown>; readonly direction: typeof ASCENDING }>> = {
  DUE_DATE_ASC: { column: sql`i.due_date`, type: sql`date`, direction: ASCENDING },
  ISSUE_DATE_DESC: { column: sql`i.issue_date`, type: sql`date`, direction: DESCENDING },
  AMOUNT_DESC: { column: sql`i.amount_minor`, type: sql`bigint`, direction: DESCENDING },
};

/** Which invoices `i` a list has, whoever's they are. */
export function invoiceConditions({ open, overdue, dueFrom, dueTo, asOf }: Pick<InvoiceListing, 'open' | 'overdue' | 'dueFrom' | 'dueTo' | 'asOf'>): RawBuilder<unknown> {
  const isOpen = sql`(i.kind = 'INVOICE' and not i.cancelled and i.issue_date <= ${asOf}::date and (i.settled_on is null or i.settled_on > ${asOf}::date))`;
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (open !== null) conditions.push(open ? isOpen : sql`not ${isOpen}`);
  if (overdue !== null) {
    const isOverdue = sql`(${isOpen} and i.due_date < ${asOf}::date)`;
    conditions.push(overdue ? isOverdue : sql`not ${isOverdue}`);
  }
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

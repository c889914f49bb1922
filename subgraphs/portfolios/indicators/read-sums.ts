import { sql, type RawBuilder } from 'kysely';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { openItems } from '../ledger/read-open-item.js';
import type { OpenOnDueDay } from './aging.js';
import type { MonthlySales } from './dso.js';
import type { Settled } from './lateness.js';

/** Whose figures, on which day, in which currency. Every read here takes many of these at once. */
export interface Scope {
  /** Null: the whole portfolio. */
  readonly customerId: string | null;
  readonly asOf: Temporal.PlainDate;
  readonly currency: string;
}

/** A window that ends with the day of its scope. */
export interface Window extends Scope {
  /** The day before its first. */
  readonly after: Temporal.PlainDate;
}

/** Scopes that one statement answers: the same day, currency and window, of several customers or of the whole. */
interface Group<Key extends Scope> {
  readonly key: Key;
  readonly customerIds: readonly string[] | null;
}

/**
 * Answers scopes with one statement for each day, currency and window among them, however many customers there are.
 * `read` gives rows of several customers (`customer_id`), or of the whole (`customer_id` null).
 */
async function readGrouped<Key extends Scope, Row extends { readonly customer_id: string | null }, Value>(
  keys: readonly Key[],
  read: (group: Group<Key>) => Promise<readonly Row[]>,
  toValue: (rows: readonly Row[]) => Value,
): Promise<readonly Value[]> {
  const nameOf = (key: Key): string => JSON.stringify({ ...key, customerId: key.customerId === null });
  const groups = Map.groupBy(keys, nameOf);
  const rowsByGroup = new Map<string, Map<string | null, Row[]>>();
  for (const [name, members] of groups) {
    const key = members[0]!;
    const customerIds = key.customerId === null ? null : members.map((member) => member.customerId!);
    rowsByGroup.set(name, Map.groupBy(await read({ key, customerIds }), (row) => row.customer_id));
  }
  return keys.map((key) => toValue(rowsByGroup.get(nameOf(key))?.get(key.customerId) ?? []));
}

/** `customer_id` of a row, or null when the whole portfolio is summed. */
function owner(alias: RawBuilder<unknown>, customerIds: readonly string[] | null): RawBuilder<unknown> {
  return customerIds === null ? sql`null::uuid` : sql`${alias}.customer_id`;
}

/** Restricts rows to some customers; nothing for the whole portfolio. */
function ofCustomers(alias: RawBuilder<unknown>, customerIds: readonly string[] | null): RawBuilder<unknown> {
  return customerIds === null ? sql`` : sql`and ${alias}.customer_id = any(${[...customerIds]}::uuid[])`;
}

/** What was invoiced less what was credited, of invoices `i`. */
const NET_SALES = sql`sum(case i.kind when 'INVOICE' then i.amount_minor else -i.amount_minor end)`;

/** What is open on the day, by due date. */
export const readOpenByDueDay: BatchRead<Scope, readonly OpenOnDueDay[]> = (request, keys) =>
  readGrouped(
    keys,
    ({ key, customerIds }) =>
      rowsOf<{ customer_id: string | null; due_date: string; minor: string; count: number }>(request, sql`
        select ${owner(sql`open`, customerIds)} as customer_id, open.due_date::text as due_date, sum(open.open_minor)::text as minor, count(*)::int as count
        from (${openItems(key.asOf, customerIds)}) open
        where open.currency = ${key.currency} group by 1, 2
      `),
    (rows) => rows.map((row) => ({ dueDate: Temporal.PlainDate.from(row.due_date), openMinor: BigInt(row.minor), invoiceCount: row.count })),
  );

/** Payments and credit notes that no invoice had taken on the day. INDICATORS.md, "Open items and the aged balance". */
export const readUnapplied: BatchRead<Scope, bigint> = (request, keys) =>
  readGrouped(
    keys,
    ({ key, customerIds }) => {
      const day = key.asOf.toString();
      // What is applied by now less what was applied after the day.
      const later = (column: RawBuilder<unknown>): RawBuilder<unknown> => sql`
        select ${column} as taken_from, sum(a.amount_minor) as minor from portfolios.application a
        where a.applied_on > ${day}::date and ${column} is not null ${ofCustomers(sql`a`, customerIds)} group by 1
      `;
      return rowsOf<{ customer_id: string | null; minor: string }>(request, sql`
        select ${owner(sql`left_over`, customerIds)} as customer_id, sum(left_over.minor)::text as minor
        from (
          select r.customer_id, r.amount_minor - r.applied_minor + coalesce(later.minor, 0) as minor
          from portfolios.receipt r left join (${later(sql`a.receipt_id`)}) later on later.taken_from = r.id
          where r.currency = ${key.currency} and r.received_on <= ${day}::date ${ofCustomers(sql`r`, customerIds)}
          union all
          select i.customer_id, i.amount_minor - i.applied_minor + coalesce(later.minor, 0)
          from portfolios.invoice i left join (${later(sql`coalesce(a.credit_note_id, a.invoice_id)`)}) later on later.taken_from = i.id
          where i.kind = 'CREDIT_NOTE' and not i.cancelled and i.currency = ${key.currency} and i.issue_date <= ${day}::date ${ofCustomers(sql`i`, customerIds)}
        ) left_over group by 1
      `);
    },
    (rows) => BigInt(rows[0]?.minor ?? '0'),
  );

/** What was invoiced in the window, credit notes taken off. */
export const readSales: BatchRead<Window, bigint> = (request, keys) =>
  readGrouped(
    keys,
    ({ key, customerIds }) =>
      rowsOf<{ customer_id: string | null; minor: string }>(request, sql`
        select ${owner(sql`i`, customerIds)} as customer_id, ${NET_SALES}::text as minor from portfolios.invoice i
        where not i.cancelled and i.currency = ${key.currency} and i.issue_date > ${key.after.toString()}::date and i.issue_date <= ${key.asOf.toString()}::date
          ${ofCustomers(sql`i`, customerIds)} group by 1
      `),
    (rows) => BigInt(rows[0]?.minor ?? '0'),
  );

/** What was invoiced up to the day by calendar month, credit notes taken off; months without any are left out. */
export const readMonthlySales: BatchRead<Scope, readonly MonthlySales[]> = (request, keys) =>
  readGrouped(
    keys,
    ({ key, customerIds }) =>
      rowsOf<{ customer_id: string | null; month: string; minor: string }>(request, sql`
        select ${owner(sql`i`, customerIds)} as customer_id, date_trunc('month', i.issue_date)::date::text as month, ${NET_SALES}::text as minor
        from portfolios.invoice i
        where not i.cancelled and i.currency = ${key.currency} and i.issue_date <= ${key.asOf.toString()}::date ${ofCustomers(sql`i`, customerIds)} group by 1, 2
      `),
    (rows) => rows.map((row) => ({ monthStart: Temporal.PlainDate.from(row.month), salesMinor: BigInt(row.minor) })),
  );

/** The invoices settled in the window. */
export const readSettled: BatchRead<Window, Settled> = (request, keys) =>
  readGrouped(
    keys,
    ({ key, customerIds }) =>
      rowsOf<{ customer_id: string | null; count: number; late: number; minor: string; minor_days: string }>(request, sql`
        select ${owner(sql`i`, customerIds)} as customer_id, count(*)::int as count, (count(*) filter (where i.settled_on > i.due_date))::int as late,
          sum(i.amount_minor)::text as minor, sum(i.amount_minor::numeric * (i.settled_on - i.due_date))::text as minor_days
        from portfolios.invoice i
        where i.kind = 'INVOICE' and not i.cancelled and i.currency = ${key.currency}
          and i.settled_on > ${key.after.toString()}::date and i.settled_on <= ${key.asOf.toString()}::date ${ofCustomers(sql`i`, customerIds)} group by 1
      `),
    ([row]) => ({ invoiceCount: row?.count ?? 0, lateCount: row?.late ?? 0, amountMinor: BigInt(row?.minor ?? '0'), amountDaysMinor: BigInt(row?.minor_days ?? '0') }),
  );

async function rowsOf<Row>(request: Request, statement: RawBuilder<unknown>): Promise<readonly Row[]> {
  const { rows } = await request.read((em) => sql<Row>`${statement}`.execute(em.getKysely<unknown>()));
  return rows;
}

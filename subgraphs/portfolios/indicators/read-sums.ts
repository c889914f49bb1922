import { sql, type RawBuilder } from 'kysely';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { openItems } from '../ledger/read-open-item.js';
import type { OpenOnDueDay } from './aging.js';

/** Whose figures, on which day, in which currency. Every read here takes many of these at once. */
export interface Scope {
  /** Null: the whole portfolio. */
  readonly customerId: string | null;
  readonly asOf: Temporal.PlainDate;
  readonly currency: string;
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

async function rowsOf<Row>(request: Request, statement: RawBuilder<unknown>): Promise<readonly Row[]> {
  const { rows } = await request.read((em) => sql<Row>`${statement}`.execute(em.getKysely<unknown>()));
  return rows;
}

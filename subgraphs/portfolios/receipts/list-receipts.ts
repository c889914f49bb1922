import { sql, type RawBuilder } from 'kysely';
import { decodeCursor, encodeCursor, LARGEST_TOTAL, wrongCursor } from '../../../src/graph/page.graph.js';
import type { Request } from '../../../src/server/request.js';
import { parseDay } from '../../../src/values/day.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { receiptColumns, type ReceiptRecord } from './read-receipt.js';

/** Which receipts; every condition must hold, null is none. */
export interface ReceiptListing {
  readonly unapplied: boolean | null;
  readonly unallocated: boolean | null;
  /** A uuid; null: of every customer, and of nobody. */
  readonly customerId: string | null;
}

/** A page of receipts, the newest first, with one row more if there is more. */
export async function listReceipts(request: Request, listing: ReceiptListing, first: number, after: string | undefined): Promise<readonly ReceiptRecord[]> {
  const start = after === undefined ? undefined : cursorKey(after);
  const behind = start ? sql`and (r.received_on, r.id) < (${start.day}::date, ${start.id}::uuid)` : sql``;
  const { rows } = await request.read((em) =>
    sql<ReceiptRecord>`
      select ${receiptColumns} from portfolios.receipt r where ${matches(listing)} ${behind} order by r.received_on desc, r.id desc limit ${first + 1}
    `.execute(em.getKysely<unknown>()),
  );
  return rows;
}

/** How many receipts a list has; 10,001 stands for more than 10,000. */
export async function countReceipts(request: Request, listing: ReceiptListing): Promise<number> {
  const { rows } = await request.read((em) =>
    sql<{ count: number }>`select count(*)::int as count from (select from portfolios.receipt r where ${matches(listing)} limit ${LARGEST_TOTAL}) counted`.execute(em.getKysely<unknown>()),
  );
  return rows[0]!.count;
}

export function receiptCursor({ receivedOn, id }: ReceiptRecord): string {
  return encodeCursor([receivedOn, id]);
}

function cursorKey(cursor: string): { readonly day: string; readonly id: string } {
  const [day, id] = decodeCursor(cursor, 2);
  if (typeof day === 'string' && parseDay(day) && typeof id === 'string' && isUuid(id)) return { day, id };
  throw wrongCursor();
}

function matches({ unapplied, unallocated, customerId }: ReceiptListing): RawBuilder<unknown> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (unapplied !== null) conditions.push(unapplied ? sql`r.applied_minor < r.amount_minor` : sql`r.applied_minor = r.amount_minor`);
  if (unallocated !== null) conditions.push(unallocated ? sql`r.customer_id is null` : sql`r.customer_id is not null`);
  if (customerId !== null) conditions.push(sql`r.customer_id = ${customerId}::uuid`);
  return sql.join(conditions, sql` and `);
}

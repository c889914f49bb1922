import { sql, type RawBuilder } from 'kysely';
import { decodeCursor, encodeCursor, wrongCursor } from '../../../src/graph/page.graph.js';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { parseDay } from '../../../src/values/day.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { DisputeOutcome, DisputeReason } from './dispute-reason.js';

/** A dispute as the database gives it. */
export interface DisputeRecord {
  readonly id: string;
  readonly invoiceId: string;
  readonly reason: DisputeReason;
  readonly responsible: string;
  readonly note: string | null;
  readonly currency: string;
  readonly amountMinor: string;
  readonly openedOn: string;
  readonly openedBy: string | null;
  readonly resolvedOn: string | null;
  readonly outcome: DisputeOutcome | null;
  readonly resolutionNote: string | null;
  readonly resolvedBy: string | null;
  readonly resolutionDays: number | null;
}

const disputeColumns = sql`
  d.id, d.invoice_id as "invoiceId", d.reason, d.responsible, d.note, d.currency, d.amount_minor::text as "amountMinor",
  d.opened_on::text as "openedOn", d.opened_by as "openedBy", d.resolved_on::text as "resolvedOn", d.outcome,
  d.resolution_note as "resolutionNote", d.resolved_by as "resolvedBy", d.resolved_on - d.opened_on as "resolutionDays"
`;

/** Disputes by id; what is malformed, unknown or another firm's is null. */
export const readDisputes: BatchRead<string, DisputeRecord> = async (request, ids) => {
  const known = ids.filter(isUuid);
  if (known.length === 0) return ids.map(() => null);
  const rows = await rowsOf(request, sql`select ${disputeColumns} from portfolios.dispute d where d.id = any(${known}::uuid[])`);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

/** As many disputes of one invoice as anybody looks at. */
const MOST_OF_INVOICE = 50;

/** All disputes of each invoice, the newest first. */
export const readInvoiceDisputes: BatchRead<string, readonly DisputeRecord[]> = async (request, invoiceIds) => {
  const rows = await rowsOf(request, sql`
    select found.* from unnest(${[...invoiceIds]}::uuid[]) as asked (id)
    cross join lateral (
      select ${disputeColumns} from portfolios.dispute d where d.invoice_id = asked.id order by d.opened_on desc, d.id desc limit ${sql.lit(MOST_OF_INVOICE)}
    ) found
  `);
  const byInvoice = Map.groupBy(rows, (row) => row.invoiceId);
  return invoiceIds.map((id) => byInvoice.get(id) ?? []);
};

export interface DisputeListing {
  readonly customerId: string | null;
  readonly open: boolean | null;
  readonly reason: DisputeReason | null;
  readonly responsible: string | null;
}

/** One page of disputes, the oldest first, and one row more if there is more. */
export async function listDisputes(request: Request, listing: DisputeListing, first: number, after: string | null): Promise<readonly DisputeRecord[]> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (listing.customerId !== null) conditions.push(isUuid(listing.customerId) ? sql`d.customer_id = ${listing.customerId}` : sql`false`);
  if (listing.open !== null) conditions.push(listing.open ? sql`d.resolved_on is null` : sql`d.resolved_on is not null`);
  if (listing.reason !== null) conditions.push(sql`d.reason = ${listing.reason}`);
  if (listing.responsible !== null) conditions.push(sql`d.responsible = ${listing.responsible}`);
  if (after !== null) {
    const start = disputeCursorKey(after);
    conditions.push(sql`(d.opened_on, d.id) > (${start.day}::date, ${start.id}::uuid)`);
  }
  return rowsOf(request, sql`select ${disputeColumns} from portfolios.dispute d where ${sql.join(conditions, sql` and `)} order by d.opened_on, d.id limit ${first + 1}`);
}

export function disputeCursor(row: DisputeRecord): string {
  return encodeCursor([row.openedOn, row.id]);
}

function disputeCursorKey(cursor: string): { readonly day: string; readonly id: string } {
  const [day, id] = decodeCursor(cursor, 2);
  if (typeof day === 'string' && typeof id === 'string' && parseDay(day) && isUuid(id)) return { day, id };
  throw wrongCursor();
}

async function rowsOf(request: Request, statement: RawBuilder<unknown>): Promise<readonly DisputeRecord[]> {
  const { rows } = await request.read((em) => sql<DisputeRecord>`${statement}`.execute(em.getKysely<unknown>()));
  return rows;
}

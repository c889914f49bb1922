import { sql, type RawBuilder } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { decodeCursor, encodeCursor, LARGEST_TOTAL, wrongCursor } from '../../../src/graph/page.graph.js';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { AlertMetric, MoveDirection } from './alert-metric.js';

/** An alert as the database gives it. */
export interface AlertRecord {
  readonly id: string;
  /** Counted by firm, in the order of the commits. */
  readonly number: number;
  readonly ruleId: string;
  readonly customerId: string;
  readonly metric: AlertMetric;
  readonly direction: MoveDirection;
  readonly before: string;
  readonly after: string;
  readonly raisedAt: string | Date;
  readonly acknowledgedAt: string | Date | null;
  readonly acknowledgedBy: string | null;
}

const alertColumns = sql`
  a.id, a.number::float8 as number, a.rule_id as "ruleId", a.customer_id as "customerId", a.metric, a.direction, a.value_before as before, a.value_after as after,
  a.raised_at as "raisedAt", a.acknowledged_at as "acknowledgedAt", a.acknowledged_by as "acknowledgedBy"
`;

/** Alerts by id; what is malformed, unknown or another firm's is null. */
export const readAlerts: BatchRead<string, AlertRecord> = async (request, ids) => {
  const known = ids.filter(isUuid);
  if (known.length === 0) return ids.map(() => null);
  const { rows } = await request.read((em) => sql<AlertRecord>`select ${alertColumns} from scoring.alert a where a.id = any(${known}::uuid[])`.execute(em.getKysely<unknown>()));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

/** Which alerts; null: all of them. */
export interface AlertListing {
  readonly acknowledged: boolean | null;
}

/** A page of alerts, the newest first, with one row more if there is more. */
export async function listAlerts(request: Request, listing: AlertListing, first: number, after: string | undefined): Promise<readonly AlertRecord[]> {
  const behind = after === undefined ? sql`` : sql`and a.number < ${numberOf(after)}`;
  const { rows } = await request.read((em) =>
    sql<AlertRecord>`select ${alertColumns} from scoring.alert a where ${matches(listing)} ${behind} order by a.number desc limit ${first + 1}`.execute(em.getKysely<unknown>()),
  );
  return rows;
}

/** How many alerts a list has; 10,001 stands for more than 10,000. */
export async function countAlerts(request: Request, listing: AlertListing): Promise<number> {
  const { rows } = await request.read((em) =>
    sql<{ count: number }>`select count(*)::int as count from (select from scoring.alert a where ${matches(listing)} limit ${LARGEST_TOTAL}) counted`.execute(em.getKysely<unknown>()),
  );
  return rows[0]!.count;
}

export function alertCursor({ number }: AlertRecord): string {
  return encodeCursor([number]);
}

function numberOf(cursor: string): number {
  const [number] = decodeCursor(cursor, 1);
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw wrongCursor();
  return number;
}

function matches({ acknowledged }: AlertListing): RawBuilder<unknown> {
  if (acknowledged === null) return sql`true`;
  return acknowledged ? sql`a.acknowledged_at is not null` : sql`a.acknowledged_at is null`;
}

/** The number of the firm's last alert; 0 before the first. */
export async function readLastNumber(reader: Reader): Promise<number> {
  const { rows } = await sql<{ last: number }>`select last_number::float8 as last from scoring.alert_book`.execute(reader.getKysely<unknown>());
  return rows[0]?.last ?? 0;
}

/** The number of an alert; undefined when the id is malformed, unknown or another firm's. */
export async function readNumber(reader: Reader, id: string): Promise<number | undefined> {
  if (!isUuid(id)) return undefined;
  const { rows } = await sql<{ number: number }>`select a.number::float8 as number from scoring.alert a where a.id = ${id}`.execute(reader.getKysely<unknown>());
  return rows[0]?.number;
}

/** The alerts behind a number, in order, at most `first`. */
export async function readAlertsAfter(reader: Reader, number: number, first: number): Promise<readonly AlertRecord[]> {
  const { rows } = await sql<AlertRecord>`select ${alertColumns} from scoring.alert a where a.number > ${number} order by a.number limit ${first}`.execute(reader.getKysely<unknown>());
  return rows;
}

import { sql } from 'kysely';
import { decodeCursor, encodeCursor, LARGEST_TOTAL, wrongCursor } from '../../../src/graph/page.graph.js';
import type { BatchRead, Request } from '../../../src/server/request.js';
import type { Metric } from '../../../src/values/metric.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { Trend } from '../../../src/values/trend.js';
import type { Shown } from './shown.js';
import type { SignalDecision } from './signal-decision.js';

/** A signal as the database gives it. */
export interface SignalRecord {
  readonly id: string;
  readonly customerId: string;
  readonly metric: Metric;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly direction: Trend;
  readonly before: Shown;
  readonly after: Shown;
  readonly raisedAt: string | Date;
  readonly decision: SignalDecision | null;
  readonly weight: number | null;
  readonly note: string | null;
  readonly decidedAt: string | Date | null;
  readonly decidedBy: string | null;
}

const signalColumns = sql`
  id, customer_id as "customerId", metric, period_start::text as "periodStart", period_end::text as "periodEnd", direction, before, after, raised_at as "raisedAt",
  decision, weight, note, decided_at as "decidedAt", decided_by as "decidedBy"
`;

/** A page of the firm's signals, the newest first, with one more if there is more. `decided`: only those that somebody decided about, or nobody; null: all. */
export async function listSignals(request: Request, first: number, after: string | undefined, decided: boolean | null): Promise<readonly SignalRecord[]> {
  const behind = after === undefined ? sql`true` : sql`id < ${idOf(after)}::uuid`;
  const { rows } = await request.read((em) =>
    sql<SignalRecord>`select ${signalColumns} from scoring.peer_signal where ${behind} and ${those(decided)} order by firm_id, id desc limit ${first + 1}`.execute(em.getKysely<unknown>()),
  );
  return rows;
}

/** How many there are; 10,001 stands for more than 10,000. */
export async function countSignals(request: Request, decided: boolean | null): Promise<number> {
  const { rows } = await request.read((em) =>
    sql<{ count: number }>`select count(*)::int as count from (select from scoring.peer_signal where ${those(decided)} limit ${LARGEST_TOTAL}) counted`.execute(em.getKysely<unknown>()),
  );
  return rows[0]!.count;
}

/** Signals by id; what is unknown or another firm's is null. */
export const readSignals: BatchRead<string, SignalRecord> = async (request, ids) => {
  const { rows } = await request.read((em) => sql<SignalRecord>`select ${signalColumns} from scoring.peer_signal where id = any(${[...ids]}::uuid[])`.execute(em.getKysely<unknown>()));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

function those(decided: boolean | null): ReturnType<typeof sql> {
  if (decided === null) return sql`true`;
  return decided ? sql`decision is not null` : sql`decision is null`;
}

export function signalCursor({ id }: SignalRecord): string {
  return encodeCursor([id]);
}

function idOf(cursor: string): string {
  const [id] = decodeCursor(cursor, 1);
  if (typeof id === 'string' && isUuid(id)) return id;
  throw wrongCursor();
}

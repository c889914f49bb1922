import { sql, type RawBuilder } from 'kysely';
import { decodeCursor, encodeCursor, wrongCursor } from '../../../src/graph/page.graph.js';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { isoOf, parseDay } from '../../../src/values/day.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { ContextKind, ContextPeriod, ContextScope } from './context-event.js';
import { concerns } from './read-context-shifts.js';

/** An event as the database gives it. */
export interface ContextEventRecord extends ContextScope, ContextPeriod {
  readonly id: string;
  readonly name: string;
  readonly kind: ContextKind;
  readonly createdAt: string | Date;
  readonly createdBy: string | null;
  readonly byKey: boolean;
  readonly endedBy: string | null;
}

const eventColumns = sql`
  e.id, e.name, e.kind, e.countries, e.sectors, e.shift, e.starts_on::text as "startsOn", e.last_on::text as "lastOn", e.created_at as "createdAt", e.created_by as "createdBy",
  e.by_key as "byKey", e.ended_on::text as "endedOn", e.ended_by as "endedBy"
`;

/** Events by id; what is malformed, unknown or another firm's is null. */
export const readContextEvents: BatchRead<string, ContextEventRecord> = async (request, ids) => {
  const rows = await rowsOf(request, sql`select ${eventColumns} from scoring.context_event e where e.id = any(${ids.filter(isUuid)}::uuid[])`);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

/** One page of events, those that begin last come first, and one row more if there is more. `activeOn`: only those that apply on that day. */
export async function listContextEvents(request: Request, activeOn: Temporal.PlainDate | null, first: number, after: string | null): Promise<readonly ContextEventRecord[]> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (activeOn !== null) {
    const day = sql`${isoOf(activeOn)}::date`;
    conditions.push(sql`e.starts_on <= ${day} and (e.last_on is null or e.last_on >= ${day}) and (e.ended_on is null or e.ended_on > ${day})`);
  }
  if (after !== null) {
    const start = cursorKey(after);
    conditions.push(sql`(e.starts_on, e.id) < (${start.day}::date, ${start.id}::uuid)`);
  }
  return rowsOf(request, sql`select ${eventColumns} from scoring.context_event e where ${sql.join(conditions, sql` and `)} order by e.starts_on desc, e.id desc limit ${first + 1}`);
}

/** How many of the firm's customers each event concerns, whatever the day. */
export const countConcerned: BatchRead<string, number> = async (request, ids) => {
  const { rows } = await request.read((em) =>
    sql<{ id: string; count: number }>`
      select e.id, count(f.customer_id)::int as count from scoring.context_event e left join scoring.customer_fact f on ${concerns} where e.id = any(${[...ids]}::uuid[]) group by e.id
    `.execute(em.getKysely<unknown>()),
  );
  const byId = new Map(rows.map(({ id, count }) => [id, count]));
  return ids.map((id) => byId.get(id) ?? 0);
};

export function contextEventCursor({ startsOn, id }: ContextEventRecord): string {
  return encodeCursor([startsOn, id]);
}

function cursorKey(cursor: string): { readonly day: string; readonly id: string } {
  const [day, id] = decodeCursor(cursor, 2);
  if (typeof day === 'string' && typeof id === 'string' && parseDay(day) && isUuid(id)) return { day, id };
  throw wrongCursor();
}

async function rowsOf(request: Request, statement: RawBuilder<unknown>): Promise<readonly ContextEventRecord[]> {
  const { rows } = await request.read((em) => sql<ContextEventRecord>`${statement}`.execute(em.getKysely<unknown>()));
  return rows;
}

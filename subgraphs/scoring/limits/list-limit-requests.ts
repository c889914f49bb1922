import { sql, type RawBuilder } from 'kysely';
import { decodeCursor, encodeCursor, LARGEST_TOTAL, wrongCursor } from '../../../src/graph/page.graph.js';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { RequestState } from './request-state.js';

/** A request as the database gives it, with the state that it has today. */
export interface LimitRequestRecord {
  readonly id: string;
  readonly customerId: string;
  readonly limitMinor: string;
  readonly currency: string;
  readonly reason: string;
  readonly state: RequestState;
  readonly requestedBy: string;
  readonly requestedByKey: boolean;
  readonly requestedAt: string | Date;
  readonly expiresOn: string;
  readonly decidedBy: string | null;
  readonly decidedByKey: boolean | null;
  readonly decidedAt: string | Date | null;
  readonly note: string | null;
}

/** What was done to a request, by whom. */
export interface StepRecord {
  readonly state: RequestState;
  readonly at: string | Date;
  readonly takenBy: string | null;
  readonly byKey: boolean;
  readonly note: string | null;
}

/** Which requests; null is all. */
export interface RequestListing {
  readonly state: RequestState | null;
  /** A uuid. */
  readonly customerId: string | null;
}

/** Nobody ends a request when its last day is over: it is over. */
function stateOn(today: Temporal.PlainDate): RawBuilder<unknown> {
  return sql`case when r.state = 'REQUESTED' and r.expires_on < ${today.toString()}::date then 'EXPIRED' else r.state end`;
}

function requestColumns(today: Temporal.PlainDate): RawBuilder<unknown> {
  return sql`
    r.id, r.customer_id as "customerId", r.limit_minor::text as "limitMinor", r.currency, r.reason, ${stateOn(today)} as state,
    r.requested_by as "requestedBy", r.requested_by_key as "requestedByKey", r.requested_at as "requestedAt", r.expires_on::text as "expiresOn",
    r.decided_by as "decidedBy", r.decided_by_key as "decidedByKey", r.decided_at as "decidedAt", r.note
  `;
}

/** Requests by id; what is malformed, unknown or another firm's is null. */
export const readLimitRequests: BatchRead<string, LimitRequestRecord> = async (request, ids) => {
  const known = ids.filter(isUuid);
  const { rows } = await request.read((em) =>
    sql<LimitRequestRecord>`select ${requestColumns(request.room.clock.today())} from scoring.credit_limit_request r where r.id = any(${known}::uuid[])`.execute(em.getKysely<unknown>()),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

/** What was done to each request, the first step first. */
export const readRequestSteps: BatchRead<string, readonly StepRecord[]> = async (request, ids) => {
  const { rows } = await request.read((em) =>
    sql<StepRecord & { readonly requestId: string }>`
      select request_id as "requestId", state, at, taken_by as "takenBy", by_key as "byKey", note
      from scoring.credit_limit_request_step where request_id = any(${[...ids]}::uuid[]) order by id
    `.execute(em.getKysely<unknown>()),
  );
  const byRequest = Map.groupBy(rows, ({ requestId }) => requestId);
  return ids.map((id) => byRequest.get(id) ?? []);
};

/** A page of requests, the newest first, with one row more if there is more. */
export async function listLimitRequests(request: Request, listing: RequestListing, first: number, after: string | undefined): Promise<readonly LimitRequestRecord[]> {
  const today = request.room.clock.today();
  const behind = after === undefined ? sql`` : sql`and r.id < ${idOf(after)}::uuid`;
  const { rows } = await request.read((em) =>
    sql<LimitRequestRecord>`
      select ${requestColumns(today)} from scoring.credit_limit_request r where ${matches(listing, today)} ${behind} order by r.id desc limit ${first + 1}
    `.execute(em.getKysely<unknown>()),
  );
  return rows;
}

/** How many requests a list has; 10,001 stands for more than 10,000. */
export async function countLimitRequests(request: Request, listing: RequestListing): Promise<number> {
  const { rows } = await request.read((em) =>
    sql<{ count: number }>`
      select count(*)::int as count from (select from scoring.credit_limit_request r where ${matches(listing, request.room.clock.today())} limit ${LARGEST_TOTAL}) counted
    `.execute(em.getKysely<unknown>()),
  );
  return rows[0]!.count;
}

export function limitRequestCursor({ id }: LimitRequestRecord): string {
  return encodeCursor([id]);
}

function idOf(cursor: string): string {
  const [id] = decodeCursor(cursor, 1);
  if (typeof id !== 'string' || !isUuid(id)) throw wrongCursor();
  return id;
}

function matches({ state, customerId }: RequestListing, today: Temporal.PlainDate): RawBuilder<unknown> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (state !== null) conditions.push(sql`${stateOn(today)} = ${state}`);
  if (customerId !== null) conditions.push(sql`r.customer_id = ${customerId}::uuid`);
  return sql.join(conditions, sql` and `);
}

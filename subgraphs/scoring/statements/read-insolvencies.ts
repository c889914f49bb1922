import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import type { BatchRead } from '../../../src/server/request.js';
import { isoOf } from '../../../src/values/day.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { LASTING_YEARS, type InsolvencyKind } from './insolvency.js';

/** A notice as the database gives it. */
export interface NoticeRecord {
  readonly id: string;
  readonly kind: InsolvencyKind;
  readonly openedOn: string;
  readonly source: string;
  readonly recordedAt: string | Date;
  readonly recordedBy: string | null;
  readonly byKey: boolean;
  readonly withdrawnOn: string | null;
  readonly withdrawnBy: string | null;
  readonly withdrawalReason: string | null;
}

const noticeColumns = sql`
  n.id, n.kind, n.opened_on::text as "openedOn", n.source, n.recorded_at as "recordedAt", n.recorded_by as "recordedBy", n.by_key as "byKey",
  n.withdrawn_on::text as "withdrawnOn", n.withdrawn_by as "withdrawnBy", n.withdrawal_reason as "withdrawalReason"
`;

/** Notices by id; what is malformed, unknown or another firm's is null. */
export const readNotices: BatchRead<string, NoticeRecord> = async (request, ids) => {
  const known = ids.filter(isUuid);
  const { rows } = await request.read((em) => sql<NoticeRecord>`select ${noticeColumns} from scoring.insolvency_notice n where n.id = any(${known}::uuid[])`.execute(em.getKysely<unknown>()));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

export interface NoticesKey {
  readonly customerId: string;
  readonly first: number;
}

/** The notices of each customer, the one opened last comes first; withdrawn ones too. */
export const readNoticesOf: BatchRead<NoticesKey, readonly NoticeRecord[]> = async (request, keys) => {
  const { rows } = await request.read((em) =>
    sql<NoticeRecord & { readonly place: number }>`
      select asked.place::int as place, found.*
      from unnest(${keys.map((key) => key.customerId)}::uuid[], ${keys.map((key) => key.first)}::int[]) with ordinality as asked (customer_id, first, place)
      cross join lateral (
        select ${noticeColumns} from scoring.insolvency_notice n where n.customer_id = asked.customer_id order by n.opened_on desc, n.id desc limit asked.first
      ) found
    `.execute(em.getKysely<unknown>()),
  );
  const byPlace = Map.groupBy(rows, (row) => row.place);
  return keys.map((_, index) => byPlace.get(index + 1) ?? []);
};

/** What a score looks at of a notice. */
export interface Insolvency {
  readonly kind: InsolvencyKind;
  readonly openedOn: Temporal.PlainDate;
}

/** The newest notice that counts against each customer on `day` (insolvency.ts); a customer without one is not in it. */
export async function readInsolvencies(em: Reader, customerIds: readonly string[], day: Temporal.PlainDate): Promise<ReadonlyMap<string, Insolvency>> {
  const { rows } = await sql<{ customerId: string; kind: InsolvencyKind; openedOn: string }>`
    select distinct on (customer_id) customer_id as "customerId", kind, opened_on::text as "openedOn" from scoring.insolvency_notice
    where customer_id = any(${[...customerIds]}::uuid[]) and opened_on <= ${isoOf(day)}::date and opened_on > ${day.subtract({ years: LASTING_YEARS }).toString()}::date
      and (withdrawn_on is null or withdrawn_on > ${isoOf(day)}::date)
    order by customer_id, opened_on desc, id desc
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map(({ customerId, kind, openedOn }) => [customerId, { kind, openedOn: Temporal.PlainDate.from(openedOn) }]));
}

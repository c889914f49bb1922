import { sql, type RawBuilder } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';

export interface MessageRow {
  readonly id: string;
  readonly peering_id: string;
  readonly seq: number;
  readonly mine: boolean;
  readonly body: string;
  readonly sent_at: string;
  readonly version: number;
  readonly edited_at: string | null;
  readonly attachment_count: number;
  /** Null for the other firm's messages. */
  readonly client_id: string | null;
}

/** A message `m` as one of its two firms sees it. */
export function messageColumns(firmId: string): RawBuilder<MessageRow> {
  const mine = sql`m.side = (select s.side from community.peering_side s where s.firm_id = ${firmId} and s.peering_id = m.peering_id)`;
  return sql<MessageRow>`m.id, m.peering_id, m.seq, ${mine} as mine, m.body, m.sent_at::text as sent_at, m.version, m.edited_at::text as edited_at, m.attachment_count,
    case when ${mine} then m.client_id end as client_id`;
}

/** A part of a conversation: the first or the last `size` messages between two numbers, neither included. */
export interface MessageRange {
  readonly peeringId: string;
  readonly after: number;
  readonly before: number;
  readonly size: number;
  readonly fromEnd: boolean;
}

/** One message more than each range's size, where there is one; in the order of the range's own direction. */
export const readMessageRanges: BatchRead<MessageRange, readonly MessageRow[]> = async (request, ranges) => {
  const { firmId } = request.demand();
  const rows = await request.read(async (em) => {
    const read = await sql<MessageRow & { place: number }>`
      select r.place, m.*
      from jsonb_to_recordset(${JSON.stringify(ranges.map((range, place) => ({ ...range, place })))}::jsonb)
        as r (place int, "peeringId" uuid, after int, before int, size int, "fromEnd" boolean)
      cross join lateral (
        (select ${messageColumns(firmId)} from community.message m
          where not r."fromEnd" and m.peering_id = r."peeringId" and m.seq > r.after and m.seq < r.before order by m.seq limit r.size + 1)
        union all
        (select ${messageColumns(firmId)} from community.message m
          where r."fromEnd" and m.peering_id = r."peeringId" and m.seq > r.after and m.seq < r.before order by m.seq desc limit r.size + 1)
      ) m
      order by r.place, case when r."fromEnd" then -m.seq else m.seq end
    `.execute(em.getKysely<unknown>());
    return read.rows;
  });
  const byPlace = Map.groupBy(rows, (row) => row.place);
  return ranges.map((_, place) => byPlace.get(place) ?? []);
};

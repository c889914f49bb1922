import { sql, type RawBuilder } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { LARGEST_TOTAL } from '../../../src/graph/page.graph.js';
import type { BatchRead, Request } from '../../../src/server/request.js';

/** A conversation as one of its two firms sees it. */
export interface ConversationRow {
  readonly peering_id: string;
  readonly customer_id: string;
  readonly closed: boolean;
  readonly last_seq: number;
  readonly last_edit: number;
  readonly read_up_to: number;
  readonly peer_read_up_to: number;
  readonly unread_count: number;
  readonly opened_at: string;
}

/** From conversation `c` and the asker's own side `s`. */
const columns: RawBuilder<ConversationRow> = sql<ConversationRow>`
  c.peering_id, s.customer_id, c.closed_at is not null as closed, c.last_seq, c.last_edit, c.opened_at::text as opened_at,
  case s.side when 0 then c.read_up_to_0 else c.read_up_to_1 end as read_up_to,
  case s.side when 0 then c.read_up_to_1 else c.read_up_to_0 end as peer_read_up_to,
  (select count(*)::int from community.message m where m.peering_id = c.peering_id and m.side <> s.side
    and m.seq > case s.side when 0 then c.read_up_to_0 else c.read_up_to_1 end) as unread_count
`;

/** The asker's firm's conversations by peering; null where it has none. */
export const readConversations: BatchRead<string, ConversationRow> = async (request, peeringIds) => {
  const rows = await request.read(async (em) => {
    const read = await sql<ConversationRow>`
      select ${columns} from community.peering_side s join community.conversation c on c.peering_id = s.peering_id
      where s.firm_id = ${request.demand().firmId} and s.peering_id = any(${peeringIds}::uuid[])
    `.execute(em.getKysely<unknown>());
    return read.rows;
  });
  const byId = new Map(rows.map((row) => [row.peering_id, row]));
  return peeringIds.map((id) => byId.get(id) ?? null);
};

/** One page of the asker's firm's conversations, the latest opened first, with one row more where there is one. */
export async function readConversationPage(request: Request, first: number, after: { openedAt: string; peeringId: string } | undefined): Promise<readonly ConversationRow[]> {
  return request.read(async (em) => {
    const { rows } = await sql<ConversationRow>`
      select ${columns} from community.peering_side s join community.conversation c on c.peering_id = s.peering_id
      where s.firm_id = ${request.demand().firmId}
        and (${after?.openedAt ?? null}::timestamptz is null or (c.opened_at, c.peering_id) < (${after?.openedAt ?? null}::timestamptz, ${after?.peeringId ?? null}::uuid))
      order by c.opened_at desc, c.peering_id desc limit ${first + 1}
    `.execute(em.getKysely<unknown>());
    return rows;
  });
}

/** How many conversations the asker's firm has; counting stops above 10,000. */
export async function countConversations(request: Request): Promise<number> {
  return request.read(async (em) => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from (
        select from community.peering_side s join community.conversation c on c.peering_id = s.peering_id
        where s.firm_id = ${request.demand().firmId} limit ${LARGEST_TOTAL}
      ) counted
    `.execute(em.getKysely<unknown>());
    return rows[0]?.count ?? 0;
  });
}

/** The matches of the firm, or those of `ids`, and how often the conversation of each has changed; null while none is started. */
export async function readRevisions(em: Reader, firmId: string, ids?: readonly string[]): Promise<ReadonlyMap<string, number | null>> {
  const { rows } = await sql<{ peering_id: string; revision: number | null }>`
    select s.peering_id, c.revision from community.peering_side s left join community.conversation c on c.peering_id = s.peering_id
    where s.firm_id = ${firmId} and (${ids ?? null}::uuid[] is null or s.peering_id = any(${ids ?? null}::uuid[])) order by s.peering_id
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map((row) => [row.peering_id, row.revision]));
}

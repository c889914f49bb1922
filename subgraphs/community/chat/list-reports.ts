import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';

export interface ListedReport {
  readonly id: string;
  /** UTC, to the minute; business time. */
  readonly reportedAt: string;
  readonly reporterFirmId: string;
  readonly reportedFirmId: string;
  /** By whom, when and with which note it was handled; null: it is open. */
  readonly handled: { readonly operator: string; readonly at: string; readonly note: string } | null;
}

/** Reports, the latest first; with `handled` also those that somebody has handled. */
export async function listReports(room: Room, handled: boolean): Promise<readonly ListedReport[]> {
  return room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<ListedReport>`
      select r.id, to_char(r.reported_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as "reportedAt", r.firm_id as "reporterFirmId",
        case p.firm_0 when r.firm_id then p.firm_1 else p.firm_0 end as "reportedFirmId",
        case when h.report_id is not null then jsonb_build_object('operator', h.operator, 'at', to_char(h.handled_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), 'note', h.note) end as handled
      from community.conversation_report r join community.peering p on p.peering_id = r.peering_id left join community.report_handled h on h.report_id = r.id
      where h.report_id is null or ${handled}::boolean
      order by r.reported_at desc, r.id limit 1000
    `.execute(em.getKysely<unknown>());
    return rows;
  });
}

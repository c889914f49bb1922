import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { noteNetworkAudit } from '../audit/note-audit.js';
import type { ReportContent } from './report.js';

/** Who acts for the network, and why. */
export interface ModeratorWord {
  readonly by: string;
  readonly why: string;
}

/** A report as docs/MODERATION.md has it. */
export interface ExportedReport extends Partial<ReportContent> {
  readonly format: 'ardoise-report/1';
  readonly id: string;
  readonly reportedAt: string;
  readonly reporter: { readonly firmId: string };
  readonly reported: { readonly firmId: string };
  /** Whether the reason and the texts are no longer kept. */
  readonly erased: boolean;
  readonly digest: string;
  readonly handled: { readonly by: string; readonly at: string; readonly note: string } | null;
}

interface ReportRow {
  readonly id: string;
  readonly reportedAt: string;
  readonly reporterFirmId: string;
  readonly reportedFirmId: string;
  readonly digest: string;
  readonly content: string | null;
  readonly handled: ExportedReport['handled'];
}

/** A report with all that it holds, for who moderates; that it was read, by whom and why, is in the audit log. */
export async function exportReport(room: Room, reportId: string, word: ModeratorWord): Promise<ExportedReport> {
  const now = room.clock.now();
  return room.db.asSystem().transaction(async (em) => {
    const { content, reporterFirmId, reportedFirmId, digest, handled, ...report } = await demandReport(em, reportId);
    await noteNetworkAudit(em, now, { action: 'REPORT_EXPORTED', operator: word.by, objectId: reportId, detail: word.why });
    return {
      format: 'ardoise-report/1', ...report, reporter: { firmId: reporterFirmId }, reported: { firmId: reportedFirmId },
      erased: content === null, ...(content === null ? {} : (JSON.parse(content) as ReportContent)), digest, handled,
    };
  });
}

/** Marks a report as handled, with a note; whether it was not before. Of two the first one's note stays. */
export async function handleReport(room: Room, reportId: string, word: ModeratorWord): Promise<boolean> {
  const now = room.clock.now();
  return room.db.asSystem().transaction(async (em) => {
    await demandReport(em, reportId);
    const handled = await sql`
      insert into community.report_handled (report_id, operator, note, handled_at) values (${reportId}, ${word.by}, ${word.why}, ${now.toString()}) on conflict (report_id) do nothing
    `.execute(em.getKysely<unknown>());
    if (handled.numAffectedRows !== 1n) return false;
    await noteNetworkAudit(em, now, { action: 'REPORT_HANDLED', operator: word.by, objectId: reportId, detail: word.why });
    return true;
  });
}

async function demandReport(em: EntityManager, reportId: string): Promise<ReportRow> {
  const { rows } = await sql<ReportRow>`
    select r.id, to_char(r.reported_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "reportedAt", r.firm_id as "reporterFirmId",
      case p.firm_0 when r.firm_id then p.firm_1 else p.firm_0 end as "reportedFirmId", r.digest, t.content,
      case when h.report_id is not null then jsonb_build_object('by', h.operator, 'at', to_char(h.handled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'note', h.note) end as handled
    from community.conversation_report r join community.peering p on p.peering_id = r.peering_id
    left join community.report_text t on t.firm_id = r.firm_id and t.report_id = r.id left join community.report_handled h on h.report_id = r.id
    where r.id = ${isUuid(reportId) ? reportId : null}
  `.execute(em.getKysely<unknown>());
  if (!rows[0]) throw new Refusal('NOT_FOUND', 'There is no such report: ardoise operator report list shows their ids.', ['reportId']);
  return rows[0];
}

import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import { noteNetworkAudit } from '../audit/note-audit.js';
import { REPORT_KEPT_MONTHS } from './report.js';

/** How long a message's text is kept (DISCLOSURE.md, "Peers and chat"). */
const KEPT_MONTHS = 12;
const BATCH = 1000;

/**
 * Erases the text of every message older than twelve months, all its versions, and the files it carried with their names, and
 * the text of every report that was handled so long ago. A message stays with its number: no conversation gets a gap. A
 * report stays with its digest. How much went is in the audit log.
 */
export async function forgetOldMessages(room: Room): Promise<void> {
  const now = room.clock.now();
  const before = monthsBefore(now, KEPT_MONTHS);
  for (let erased = BATCH; erased === BATCH; ) {
    erased = await room.db.asSystem().transaction(async (em) => {
      const db = em.getKysely<unknown>();
      const { rows } = await sql<{ peering_id: string; seq: number }>`
        update community.message m set body = '', erased = true, attachment_count = 0
        from (select peering_id, seq from community.message where sent_at < ${before} and not erased limit ${BATCH} for update skip locked) old
        where m.peering_id = old.peering_id and m.seq = old.seq
        returning m.peering_id, m.seq
      `.execute(db);
      const old = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as old (peering_id uuid, seq int)`;
      await sql`update community.message_version v set body = '' from ${old} where v.peering_id = old.peering_id and v.seq = old.seq`.execute(db);
      await sql`delete from community.attachment a using ${old} where a.peering_id = old.peering_id and a.message_seq = old.seq`.execute(db);
      if (rows.length > 0) await noteNetworkAudit(em, now, { action: 'TEXTS_ERASED', detail: `${rows.length} messages sent before ${before}` });
      return rows.length;
    });
  }
  await forgetOldReports(room, now);
}

async function forgetOldReports(room: Room, now: Temporal.Instant): Promise<void> {
  const before = monthsBefore(now, REPORT_KEPT_MONTHS);
  await room.db.asSystem().transaction(async (em) => {
    const { numAffectedRows } = await sql`
      delete from community.report_text t using community.report_handled h where h.report_id = t.report_id and h.handled_at < ${before}
    `.execute(em.getKysely<unknown>());
    if ((numAffectedRows ?? 0n) > 0n) await noteNetworkAudit(em, now, { action: 'REPORT_TEXTS_ERASED', detail: `${numAffectedRows} reports handled before ${before}` });
  });
}

function monthsBefore(now: Temporal.Instant, months: number): string {
  return now.toZonedDateTimeISO('UTC').subtract({ months }).toInstant().toString();
}

export const forgetOldMessagesJob: Job = { name: 'forget-old-messages', everySeconds: 86_400, run: forgetOldMessages };

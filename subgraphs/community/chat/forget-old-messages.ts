import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import { noteNetworkAudit } from '../audit/note-audit.js';
import { REPORT_KEPT_MONTHS } from './report.js';

/** How long a message's text is kept (DISCLOSURE.md, "Peers and chat"). */
const KEPT_MONTHS = 12;
const BATCH = 1000;

/**
 * Erases the text of every message older than twelve months, and of every report that was handled so long ago. A message stays
 * with its number: no conversation gets a gap. A report stays with its digest. How much went is in the audit log.
 */
export async function forgetOldMessages(room: Room): Promise<void> {
  const now = room.clock.now();
  const before = monthsBefore(now, KEPT_MONTHS);
  for (let erased = BATCH; erased === BATCH; ) {
    erased = await room.db.asSystem().transaction(async (em) => {
      const { numAffectedRows } = await sql`
        update community.message m set body = '', erased = true
        from (select peering_id, seq from community.message where sent_at < ${before} and not erased limit ${BATCH} for update skip locked) old
        where m.peering_id = old.peering_id and m.seq = old.seq
      `.execute(em.getKysely<unknown>());
      const count = Number(numAffectedRows ?? 0);
      if (count > 0) await noteNetworkAudit(em, now, { action: 'TEXTS_ERASED', detail: `${count} messages sent before ${before}` });
      return count;
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

import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';

/** How long a message's text is kept (DISCLOSURE.md, "Peers and chat"). */
const KEPT_MONTHS = 12;
const BATCH = 1000;

/**
 * Erases the text of every message older than twelve months, all its versions, and the files it carried with their names. The
 * message stays with its number: no conversation gets a gap.
 */
export async function forgetOldMessages(room: Room): Promise<void> {
  const before = room.clock.now().toZonedDateTimeISO('UTC').subtract({ months: KEPT_MONTHS }).toInstant().toString();
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
      return rows.length;
    });
  }
}

export const forgetOldMessagesJob: Job = { name: 'forget-old-messages', everySeconds: 86_400, run: forgetOldMessages };

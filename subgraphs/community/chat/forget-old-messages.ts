import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';

/** How long a message's text is kept (DISCLOSURE.md, "Peers and chat"). */
const KEPT_MONTHS = 12;
const BATCH = 1000;

/** Erases the text of every message older than twelve months. The message stays with its number: no conversation gets a gap. */
export async function forgetOldMessages(room: Room): Promise<void> {
  const before = room.clock.now().toZonedDateTimeISO('UTC').subtract({ months: KEPT_MONTHS }).toInstant().toString();
  for (let erased = BATCH; erased === BATCH; ) {
    erased = await room.db.asSystem().transaction(async (em) => {
      const { numAffectedRows } = await sql`
        update community.message m set body = '', erased = true
        from (select peering_id, seq from community.message where sent_at < ${before} and not erased limit ${BATCH} for update skip locked) old
        where m.peering_id = old.peering_id and m.seq = old.seq
      `.execute(em.getKysely<unknown>());
      return Number(numAffectedRows ?? 0);
    });
  }
}

export const forgetOldMessagesJob: Job = { name: 'forget-old-messages', everySeconds: 86_400, run: forgetOldMessages };

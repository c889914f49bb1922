import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';

/** How long a file waits for the message that carries it. */
const KEPT_HOURS = 24;
const BATCH = 100;

/** Removes files that were not sent within a day, with their bytes. */
export async function forgetUnsentAttachments(room: Room): Promise<void> {
  const before = room.clock.now().subtract({ hours: KEPT_HOURS }).toString();
  for (let removed = BATCH; removed === BATCH; ) {
    removed = await room.db.asSystem().transaction(async (em) => {
      const { numAffectedRows } = await sql`
        delete from community.attachment a using (
          select peering_id, id from community.attachment where message_seq is null and created_at < ${before} limit ${BATCH}
        ) old
        where a.peering_id = old.peering_id and a.id = old.id and a.message_seq is null
      `.execute(em.getKysely<unknown>());
      return Number(numAffectedRows ?? 0);
    });
  }
}

export const forgetUnsentAttachmentsJob: Job = { name: 'forget-unsent-attachments', everySeconds: 3600, run: forgetUnsentAttachments };

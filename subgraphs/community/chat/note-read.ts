import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { hintAtChange, demandConversation } from './demand-conversation.js';

/** Notes that the firm has read up to `upTo`. It never goes back: a smaller number changes nothing. */
export async function noteRead(room: Room, firmId: string, peeringId: string, upTo: number): Promise<void> {
  await room.db.forFirm(firmId).transaction(async (em) => {
    const { side, last_seq: lastSeq } = await demandConversation(em, firmId, peeringId);
    if (upTo < 0 || upTo > lastSeq) throw new Refusal('INVALID', `There is no message ${upTo} in this conversation.`, ['input', 'upTo']);
    const column = sql.ref(side === 0 ? 'read_up_to_0' : 'read_up_to_1');
    const moved = await sql`
      update community.conversation set ${column} = ${upTo}, revision = revision + 1 where peering_id = ${peeringId} and ${column} < ${upTo}
    `.execute(em.getKysely<unknown>());
    if (moved.numAffectedRows === 1n) hintAtChange(em, peeringId);
  });
}

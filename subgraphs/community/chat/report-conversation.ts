import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { demandConversation } from './demand-conversation.js';
import { faultOfBody } from './message-body.js';

/** Keeps a report about a conversation. The other firm is not told; to end the conversation, close it. */
export async function reportConversation(room: Room, firmId: string, peeringId: string, reason: string): Promise<void> {
  const fault = faultOfBody(reason);
  if (fault !== undefined) throw new Refusal('INVALID', fault, ['input', 'reason']);
  await room.db.forFirm(firmId).transaction(async (em) => {
    await demandConversation(em, firmId, peeringId);
    await sql`
      insert into community.conversation_report (firm_id, peering_id, reason, reported_at)
      values (${firmId}, ${peeringId}, ${reason}, ${room.clock.now().round('millisecond').toString()})
    `.execute(em.getKysely<unknown>());
  });
}

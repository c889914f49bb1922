import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { demandOpen, hintAtChange, demandConversation } from './demand-conversation.js';
import { faultOfBody, faultOfClientId } from './message-body.js';
import { messageColumns, type MessageRow } from './read-messages.js';

/**
 * Sends a message. The same `clientId` again gives the message it gave before, whatever happened in between and whatever its
 * text is now. Its number is
 * taken under the conversation's lock in the transaction that writes it: numbers are in the order of commits, without a gap.
 */
export async function sendMessage(room: Room, firmId: string, peeringId: string, clientId: string, body: string): Promise<MessageRow> {
  const faultyId = faultOfClientId(clientId);
  if (faultyId !== undefined) throw new Refusal('INVALID', faultyId, ['input', 'clientId']);
  const faultyBody = faultOfBody(body);
  if (faultyBody !== undefined) throw new Refusal('INVALID', faultyBody, ['input', 'body']);
  return room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const conversation = await demandConversation(em, firmId, peeringId);
    const before = await sql<MessageRow>`
      select ${messageColumns(firmId)} from community.message m
      where peering_id = ${peeringId} and side = ${conversation.side} and client_id = ${clientId}
    `.execute(db);
    if (before.rows[0]) return before.rows[0];
    await demandOpen(em, firmId, conversation);
    await sql`update community.conversation set last_seq = last_seq + 1, revision = revision + 1 where peering_id = ${peeringId}`.execute(db);
    const { rows } = await sql<MessageRow>`
      insert into community.message as m (peering_id, seq, side, client_id, body, sent_at)
      values (${peeringId}, ${conversation.last_seq + 1}, ${conversation.side}, ${clientId}, ${body}, ${room.clock.now().round('millisecond').toString()})
      returning ${messageColumns(firmId)}
    `.execute(db);
    hintAtChange(em, peeringId);
    return rows[0]!;
  });
}

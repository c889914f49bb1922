import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { demandConversation, demandOpen, hintAtChange } from './demand-conversation.js';
import { faultOfBody, faultOfClientId } from './message-body.js';
import { messageColumns, type MessageRow } from './read-messages.js';

/** Files of one message. */
const MOST_ATTACHMENTS = 10;

/**
 * Sends a message that carries files: from then on the peer sees them too, in one transaction with the message. As with any
 * message, the same `clientId` again gives the message it gave before, with the files it was first sent with.
 */
export async function sendWithAttachments(room: Room, firmId: string, peeringId: string, clientId: string, body: string, attachmentIds: readonly string[]): Promise<MessageRow> {
  const faultyId = faultOfClientId(clientId);
  if (faultyId !== undefined) throw new Refusal('INVALID', faultyId, ['input', 'clientId']);
  const faultyBody = faultOfBody(body);
  if (faultyBody !== undefined) throw new Refusal('INVALID', faultyBody, ['input', 'body']);
  if (attachmentIds.length > MOST_ATTACHMENTS) throw new Refusal('LIMIT_REACHED', `A message carries at most ${MOST_ATTACHMENTS} files.`, ['input', 'attachmentIds']);
  if (new Set(attachmentIds).size < attachmentIds.length) throw new Refusal('INVALID', 'A file is given twice.', ['input', 'attachmentIds']);
  return room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const conversation = await demandConversation(em, firmId, peeringId);
    const before = await sql<MessageRow>`
      select ${messageColumns(firmId)} from community.message m
      where peering_id = ${peeringId} and side = ${conversation.side} and client_id = ${clientId}
    `.execute(db);
    if (before.rows[0]) return before.rows[0];
    await demandOpen(em, firmId, conversation);
    await demandUnsent(em, peeringId, conversation.side, attachmentIds);
    const seq = conversation.last_seq + 1;
    await sql`update community.conversation set last_seq = ${seq}, revision = revision + 1 where peering_id = ${peeringId}`.execute(db);
    const { rows } = await sql<MessageRow>`
      insert into community.message as m (peering_id, seq, side, client_id, body, sent_at, attachment_count)
      values (${peeringId}, ${seq}, ${conversation.side}, ${clientId}, ${body}, ${room.clock.now().round('millisecond').toString()}, ${attachmentIds.length})
      returning ${messageColumns(firmId)}
    `.execute(db);
    await sql`
      update community.attachment a set message_seq = ${seq}, place = given.place
      from unnest(${attachmentIds}::uuid[]) with ordinality as given (id, place)
      where a.peering_id = ${peeringId} and a.id = given.id
    `.execute(db);
    hintAtChange(em, peeringId);
    return rows[0]!;
  });
}

/** Holds the firm's own files of this conversation until they are sent. What is not there, or not its own, is one answer. */
async function demandUnsent(em: EntityManager, peeringId: string, side: 0 | 1, ids: readonly string[]): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    select from community.attachment where peering_id = ${peeringId} and id = any(${ids}::uuid[]) and side = ${side} and message_seq is null order by id for update
  `.execute(db);
  const { rows } = await sql<{ id: string; uploaded: boolean; sent: boolean }>`
    select id, content_type is not null as uploaded, message_seq is not null as sent
    from community.attachment where peering_id = ${peeringId} and id = any(${ids}::uuid[]) and side = ${side}
  `.execute(db);
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const [place, id] of ids.entries()) {
    const path = ['input', 'attachmentIds', String(place)];
    const found = byId.get(id);
    if (!found) throw notFound(path);
    if (found.sent) throw new Refusal('TAKEN', 'Another message carries this file.', path);
    if (!found.uploaded) throw new Refusal('REQUIRED', 'The bytes of this file have not come.', path);
  }
}

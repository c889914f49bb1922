import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { demandConversation, demandOpen } from './demand-conversation.js';
import { LONGEST_FILE_NAME, parseFileName } from './file-name.js';
import type { AttachmentRow } from './read-attachments.js';

/** Files that a firm may have in one conversation without having sent them. */
const MOST_UNSENT = 20;

/** Opens an upload for a file that a message will carry. Nobody but the firm sees it before that message is sent. */
export async function createAttachment(room: Room, firmId: string, peeringId: string, fileName: string): Promise<AttachmentRow> {
  const name = parseFileName(fileName);
  if (name === undefined) throw new Refusal('INVALID', `A file's name has 1 to ${LONGEST_FILE_NAME} characters.`, ['input', 'fileName']);
  return room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const conversation = await demandConversation(em, firmId, peeringId);
    await demandOpen(em, firmId, conversation);
    const { rows: unsent } = await sql<{ count: number }>`
      select count(*)::int as count from community.attachment where peering_id = ${peeringId} and side = ${conversation.side} and message_seq is null
    `.execute(db);
    if (unsent[0]!.count >= MOST_UNSENT) {
      throw new Refusal('LIMIT_REACHED', `You have ${MOST_UNSENT} files here that you have not sent. Send some of them; the others are removed after a day.`, ['input', 'conversationId']);
    }
    const { rows } = await sql<AttachmentRow>`
      insert into community.attachment (peering_id, side, file_name, created_at)
      values (${peeringId}, ${conversation.side}, ${name}, ${room.clock.now().round('millisecond').toString()})
      returning id, peering_id, message_seq, file_name, content_type, size_bytes, sha256
    `.execute(db);
    return rows[0]!;
  });
}

import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { demandConversation, demandOpen } from './demand-conversation.js';
import { LONGEST_FILE_NAME, parseFileName } from './file-name.js';
import type { AttachmentRow } from './read-attachments.js';
import { LARGEST_ATTACHMENT } from './store-attachment.js';

/** Files that a firm may have in one conversation without having sent them. */
const MOST_UNSENT = 20;
/** Bytes that the files of a firm may have together in one conversation: a hundred of the largest. */
const MOST_BYTES = 100 * LARGEST_ATTACHMENT;

/** Opens an upload for a file that a message will carry. Nobody but the firm sees it before that message is sent. */
export async function createAttachment(room: Room, firmId: string, peeringId: string, fileName: string): Promise<AttachmentRow> {
  const name = parseFileName(fileName);
  if (name === undefined) throw new Refusal('INVALID', `A file's name has 1 to ${LONGEST_FILE_NAME} characters.`, ['input', 'fileName']);
  return room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const conversation = await demandConversation(em, firmId, peeringId);
    await demandOpen(em, firmId, conversation);
    // What is still to come is taken for as large as it may be. The conversation is held, so nobody else counts meanwhile.
    const { rows: kept } = await sql<{ unsent: number; bytes: number }>`
      select (count(*) filter (where message_seq is null))::int as unsent, coalesce(sum(coalesce(size_bytes, ${LARGEST_ATTACHMENT}::int)), 0)::float8 as bytes
      from community.attachment where peering_id = ${peeringId} and side = ${conversation.side}
    `.execute(db);
    if (kept[0]!.unsent >= MOST_UNSENT) {
      throw new Refusal('LIMIT_REACHED', `You have ${MOST_UNSENT} files here that you have not sent. Send some of them; the others are removed after a day.`, ['input', 'conversationId']);
    }
    if (kept[0]!.bytes + LARGEST_ATTACHMENT > MOST_BYTES) {
      throw new Refusal('LIMIT_REACHED', `Your files here may have ${MOST_BYTES} bytes together. They are removed with their messages, after twelve months.`, ['input', 'conversationId']);
    }
    const { rows } = await sql<AttachmentRow>`
      insert into community.attachment (peering_id, side, file_name, created_at)
      values (${peeringId}, ${conversation.side}, ${name}, ${room.clock.now().round('millisecond').toString()})
      returning id, peering_id, message_seq, file_name, content_type, size_bytes, sha256
    `.execute(db);
    return rows[0]!;
  });
}

import { sql } from 'kysely';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { demandConversation, demandOpen, hintAtChange } from './demand-conversation.js';
import { faultOfBody } from './message-body.js';
import { messageColumns, type MessageRow } from './read-messages.js';

/** How long after it was sent a message may be edited. */
const EDITABLE_MINUTES = 5;
/** Texts that one message may have, the first included. */
const MOST_VERSIONS = 20;

/**
 * Gives a message another text; the one before stays readable for both. `version` is that of the text its author saw: when
 * another edit came first it is a `CONFLICT`, and the same edit again gives the message and changes nothing, whatever
 * happened in between. The edit takes the next number of its conversation, under the same lock as messages do.
 */
export async function editMessage(room: Room, firmId: string, peeringId: string, seq: number, version: number, body: string): Promise<MessageRow> {
  const fault = faultOfBody(body);
  if (fault !== undefined) throw new Refusal('INVALID', fault, ['input', 'body']);
  return room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const conversation = await demandConversation(em, firmId, peeringId);
    const { rows } = await sql<MessageRow & { erased: boolean; next_body: string | null; last_edit: number }>`
      select ${messageColumns(firmId)}, m.erased, v.body as next_body, c.last_edit
      from community.message m join community.conversation c on c.peering_id = m.peering_id
      left join community.message_version v on v.peering_id = m.peering_id and v.seq = m.seq and v.version = ${version}::bigint + 1
      where m.peering_id = ${peeringId} and m.seq = ${seq}
    `.execute(db);
    const message = rows[0];
    if (!message) throw notFound(['input', 'seq']);
    if (!message.mine) throw new Refusal('NOT_ALLOWED', 'Your peer wrote this message.', ['input', 'seq']);
    if (message.next_body === body || (message.version === version && message.body === body)) return message;
    if (message.version !== version) throw new Refusal('CONFLICT', `The message has its version ${message.version} by now.`, ['input', 'version']);
    await demandOpen(em, firmId, conversation);
    const now = room.clock.now().round('millisecond');
    const sentAt = Temporal.Instant.from(message.sent_at.replace(' ', 'T'));
    if (message.erased || Temporal.Duration.compare(now.since(sentAt), { minutes: EDITABLE_MINUTES }) > 0) {
      throw new Refusal('EXPIRED', `A message can be edited for ${EDITABLE_MINUTES} minutes.`, ['input', 'seq']);
    }
    if (version >= MOST_VERSIONS) throw new Refusal('LIMIT_REACHED', `A message has at most ${MOST_VERSIONS} versions.`, ['input', 'seq']);
    await sql`update community.conversation set last_edit = last_edit + 1, revision = revision + 1 where peering_id = ${peeringId}`.execute(db);
    const first = version === 1 ? sql`(${peeringId}::uuid, ${seq}::int, 1, null::int, ${message.body}, ${message.sent_at}::timestamptz),` : sql``;
    await sql`
      insert into community.message_version (peering_id, seq, version, edit_number, body, written_at)
      values ${first} (${peeringId}::uuid, ${seq}::int, ${version + 1}::int, ${message.last_edit + 1}::int, ${body}, ${now.toString()}::timestamptz)
    `.execute(db);
    const edited = await sql<MessageRow>`
      update community.message m set body = ${body}, version = ${version + 1}, edited_at = ${now.toString()}
      where m.peering_id = ${peeringId} and m.seq = ${seq} returning ${messageColumns(firmId)}
    `.execute(db);
    hintAtChange(em, peeringId);
    return edited.rows[0]!;
  });
}

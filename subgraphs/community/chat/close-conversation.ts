import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import { noteAudit, type Actor } from '../audit/note-audit.js';
import { hintAtChange, demandConversation } from './demand-conversation.js';

/** Closes a conversation for both, for good: it can be read, not written to. Again it changes nothing. */
export async function closeConversation(room: Room, by: Actor, peeringId: string): Promise<void> {
  const now = room.clock.now().round('millisecond');
  await room.db.forFirm(by.firmId).transaction(async (em) => {
    const { closed } = await demandConversation(em, by.firmId, peeringId);
    if (closed) return;
    await sql`update community.conversation set closed_at = ${now.toString()}, revision = revision + 1 where peering_id = ${peeringId}`.execute(em.getKysely<unknown>());
    hintAtChange(em, peeringId);
    await noteAudit(em, now, [{ by, action: 'CONVERSATION_CLOSED', objectId: peeringId }]);
  });
}

/**
 * Ends everything of a firm that leaves the community: its marks, its matches, its conversations, in the caller's
 * transaction, which acts as that firm, holds its membership row, and does nothing afterwards. Marks come first: a member that
 * is just matching with the firm holds them, so its match is seen here.
 */
export async function closeConversationsOf(em: EntityManager, by: Actor, now: Temporal.Instant): Promise<void> {
  const { firmId } = by;
  const db = em.getKysely<unknown>();
  const at = now.round('millisecond').toString();
  const marks = await sql<{ id: string }>`update community.peer_mark set ends_at = ${at} where firm_id = ${firmId} and ends_at > ${at} returning customer_id as id`.execute(db);
  // In the order of their ids, so that two firms that leave at once do not wait for each other in a circle; and no more than
  // the row itself: its key is held by whoever holds a conversation and writes what refers to the match.
  const { rows } = await sql<{ peering_id: string }>`
    select p.peering_id from community.peering p join community.peering_side s on s.peering_id = p.peering_id and s.firm_id = ${firmId}
    where p.ended_at is null order by p.peering_id for no key update of p
  `.execute(db);
  const ids = rows.map((row) => row.peering_id);
  await sql`update community.peering set ended_at = ${at} where peering_id = any(${ids}::uuid[])`.execute(db);
  await sql`select from community.conversation where peering_id = any(${ids}::uuid[]) order by peering_id for update`.execute(db);
  const closed = await sql<{ id: string }>`
    update community.conversation set closed_at = ${at}, revision = revision + 1 where peering_id = any(${ids}::uuid[]) and closed_at is null returning peering_id as id
  `.execute(db);
  for (const id of ids) hintAtChange(em, id);
  await noteAudit(em, now, [
    ...marks.rows.map(({ id }) => ({ by, action: 'MARK_TAKEN_BACK', objectId: id }) as const),
    ...closed.rows.map(({ id }) => ({ by, action: 'CONVERSATION_CLOSED', objectId: id }) as const),
  ]);
}

import { sql } from 'kysely';
import { notFound } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { noteAudit, type Actor } from '../audit/note-audit.js';
import { lockSubject } from '../peers/seek-peers.js';
import { hintAtChange } from './demand-conversation.js';

/**
 * Blocks a peer: the match and its conversation end, for both, and the two are never matched again about that customer,
 * whatever either marks. Again it changes nothing.
 *
 * Claim: to the other one it is as if the firm had left the community, and after that as if nobody had answered its mark. What
 * else the two share, under other aliases, stays as it is: it would show that those are one firm.
 */
export async function blockPeer(room: Room, by: Actor, peeringId: string, path: readonly string[]): Promise<void> {
  const now = room.clock.now().round('millisecond');
  // As the room: which firm the other one is, the firm does not know.
  await room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const side = await sql<{ subject: string }>`select subject from community.peering_side where firm_id = ${by.firmId} and peering_id = ${peeringId}`.execute(db);
    if (!side.rows[0]) throw notFound(path);
    const { subject } = side.rows[0];
    // A mark that is just being made either sees the block, or made its match before it.
    await lockSubject(em, subject);
    await sql`select from community.peering where peering_id = ${peeringId} for no key update`.execute(db);
    const blocked = await sql`
      insert into community.peer_block (subject, firm_id, blocked_firm_id, blocked_at)
      select subject, ${by.firmId}::uuid, case firm_0 when ${by.firmId}::uuid then firm_1 else firm_0 end, ${now.toString()} from community.peering where peering_id = ${peeringId}
      on conflict (subject, firm_id, blocked_firm_id) do nothing
    `.execute(db);
    await sql`update community.peering set ended_at = ${now.toString()} where peering_id = ${peeringId} and ended_at is null`.execute(db);
    const closed = await sql`
      update community.conversation set closed_at = ${now.toString()}, revision = revision + 1 where peering_id = ${peeringId} and closed_at is null
    `.execute(db);
    if (closed.numAffectedRows === 1n) hintAtChange(em, peeringId);
    await noteAudit(em, now, [
      ...(blocked.numAffectedRows === 1n ? [{ by, action: 'PEER_BLOCKED', objectId: peeringId } as const] : []),
      ...(closed.numAffectedRows === 1n ? [{ by, action: 'CONVERSATION_CLOSED', objectId: peeringId } as const] : []),
    ]);
  });
}

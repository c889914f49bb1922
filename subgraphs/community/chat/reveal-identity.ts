import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import { noteAudit, type Actor } from '../audit/note-audit.js';
import { demandOpen, hintAtChange, demandConversation } from './demand-conversation.js';

/**
 * Reveals the firm to its peer, once the peer has revealed itself too; until then neither learns anything, not even that
 * the other one is willing. Again it changes nothing, and it cannot be taken back.
 */
export async function revealIdentity(room: Room, by: Actor, peeringId: string): Promise<void> {
  const { firmId } = by;
  const now = room.clock.now().round('millisecond');
  // As the room: what is written into the peer's row is what the peer may know from now on.
  await room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    await demandOpen(em, firmId, await demandConversation(em, firmId, peeringId));
    const asked = await sql`update community.peering_side set revealed_at = ${now.toString()} where firm_id = ${firmId} and peering_id = ${peeringId} and revealed_at is null`.execute(db);
    if (asked.numAffectedRows !== 1n) return;
    const both = await sql<{ firm_id: string }>`
      update community.peering_side s set peer_firm_id = other.firm_id
      from community.peering_side other
      where s.peering_id = ${peeringId} and other.peering_id = s.peering_id and other.side <> s.side
        and s.revealed_at is not null and other.revealed_at is not null and s.peer_firm_id is null
      returning s.firm_id
    `.execute(db);
    if (both.rows.length === 2) {
      await sql`update community.conversation set revision = revision + 1 where peering_id = ${peeringId}`.execute(db);
      hintAtChange(em, peeringId);
    }
    await noteAudit(em, now, [
      { by, action: 'IDENTITY_REVEAL_ASKED', objectId: peeringId },
      ...both.rows.map((side) => ({ by: { firmId: side.firm_id }, action: 'IDENTITIES_REVEALED', objectId: peeringId }) as const),
    ]);
  });
}

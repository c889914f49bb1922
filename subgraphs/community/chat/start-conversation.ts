import { sql } from 'kysely';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { noteAudit, type Actor } from '../audit/note-audit.js';
import { hintAtChange } from './demand-conversation.js';

/** Opens the conversation of a match. Started again, or by both at once, it is the same one, also when it is closed by now. */
export async function startConversation(room: Room, by: Actor, peeringId: string): Promise<void> {
  const { firmId } = by;
  const now = room.clock.now().round('millisecond');
  await room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows } = await sql<{ ended: boolean; started: boolean; member: boolean }>`
      select p.ended_at is not null as ended,
        exists (select from community.conversation c where c.peering_id = p.peering_id) as started,
        exists (select from community.membership m where m.firm_id = s.firm_id and m.joined_at is not null) as member
      from community.peering p join community.peering_side s on s.peering_id = p.peering_id and s.firm_id = ${firmId}
      where p.peering_id = ${peeringId} for no key update of p
    `.execute(db);
    const peering = rows[0];
    if (!peering) throw notFound(['input', 'peerId']);
    if (peering.started) return;
    if (peering.ended || !peering.member) throw new Refusal('NOT_ALLOWED', 'This match has ended.', ['input', 'peerId']);
    const made = await sql`
      insert into community.conversation (peering_id, opened_at) values (${peeringId}, ${now.toString()}) on conflict (peering_id) do nothing
    `.execute(db);
    if (made.numAffectedRows !== 1n) return;
    hintAtChange(em, peeringId);
    await noteAudit(em, now, [{ by, action: 'CONVERSATION_STARTED', objectId: peeringId }]);
  });
}

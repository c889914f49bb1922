import { sql } from 'kysely';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { regroupFirms } from '../links/regroup-firms.js';
import { demandWord, noteAction, type OperatorWord } from './note-action.js';

/** Two firms after an operator's word. */
export interface LinkOutcome {
  readonly changed: boolean;
  /** Whether they count as one now: two that were parted may still be linked through others. */
  readonly oneGroup: boolean;
}

/** Notes that two firms are one (a corporate group, say), whatever they share. Again it changes nothing. */
export async function linkFirms(room: Room, firmId: string, otherFirmId: string, word: OperatorWord): Promise<LinkOutcome> {
  return say(room, firmId, otherFirmId, true, demandWord(word));
}

/** Notes that two firms are not one, whatever they share, and takes an earlier link back. Again it changes nothing. */
export async function unlinkFirms(room: Room, firmId: string, otherFirmId: string, word: OperatorWord): Promise<LinkOutcome> {
  return say(room, firmId, otherFirmId, false, demandWord(word));
}

async function say(room: Room, firmId: string, otherFirmId: string, linked: boolean, word: OperatorWord): Promise<LinkOutcome> {
  if (firmId === otherFirmId) throw new Refusal('INVALID', 'A firm is one with itself: name another one.', ['otherFirmId']);
  const [first, second] = [firmId, otherFirmId].toSorted() as [string, string];
  return room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows: firms } = await sql<{ id: string }>`select id from identity.firm where id = any(${[first, second].filter(isUuid)}::uuid[])`.execute(db);
    for (const [id, path] of [[firmId, 'firmId'], [otherFirmId, 'otherFirmId']] as const) if (!firms.some((firm) => firm.id === id)) throw notFound([path]);
    const { rows: said } = await sql`
      insert into identity.operator_link as known (firm_id, other_firm_id, linked) values (${first}, ${second}, ${linked})
      on conflict (firm_id, other_firm_id) do update set linked = excluded.linked where known.linked <> excluded.linked returning linked
    `.execute(db);
    if (said.length > 0) {
      await regroupFirms(em, room.keys.ids, [first, second]);
      await noteAction(em, word, linked ? 'LINKED' : 'UNLINKED', first, second);
    }
    const { rows } = await sql`
      select from identity.firm_group as one join identity.firm_group as other on other.first_firm_id = one.first_firm_id
      where one.firm_id = ${first} and other.firm_id = ${second}
    `.execute(db);
    return { changed: said.length > 0, oneGroup: rows.length > 0 };
  });
}

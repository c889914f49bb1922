import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import { awaitTold } from '../await-told.js';

/**
 * Waits until what the firm has told so far has come to its customers' figures: nothing of it is on its way, and nobody is to be scored
 * again. What was so before a rule is made is then known to have been so, and is no alert. While a large import is scored a rule is
 * made all the same, after two seconds: it then starts from figures of a moment ago.
 */
export async function awaitFigures(room: Room, firmId: string): Promise<void> {
  await awaitTold(room, firmId, async (isOnItsWay) => !isOnItsWay && !(await areDue(room, firmId)));
}

async function areDue(room: Room, firmId: string): Promise<boolean> {
  const today = room.clock.today().toString();
  const { rows } = await sql`select where exists (select from scoring.rescore_due) or exists (select from scoring.standing where as_of < ${today}::date)`.execute(room.db.forFirm(firmId).reads().getKysely());
  return rows.length > 0;
}

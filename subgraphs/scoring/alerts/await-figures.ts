import { sql } from 'kysely';
import { countPending, countPendingEverywhere } from '../../../src/events/carry-events.js';
import type { Room } from '../../../src/server/room.js';

/** After so long a rule is made all the same, in milliseconds: while a large import is scored its customers come one after another. */
const LONGEST_MILLISECONDS = 2000;
const LOOK_AGAIN_MILLISECONDS = 25;

/**
 * Waits until what the firm has told so far has come to its customers' figures: no event is on its way, and nobody is to be scored
 * again. What was so before a rule is made is then known to have been so.
 */
export async function awaitFigures(room: Room, firmId: string): Promise<void> {
  const until = performance.now() + LONGEST_MILLISECONDS;
  for (;;) {
    // In this order: what is on its way when it is counted may have come when the figures are looked at.
    const pending = room.nats ? await countPendingEverywhere(room.nats) : await countPending(room);
    if (pending === 0 && !(await areDue(room, firmId))) return;
    if (performance.now() >= until) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MILLISECONDS));
  }
}

async function areDue(room: Room, firmId: string): Promise<boolean> {
  const today = room.clock.today().toString();
  const { rows } = await sql`select where exists (select from scoring.rescore_due) or exists (select from scoring.standing where as_of < ${today}::date)`.execute(room.db.forFirm(firmId).reads().getKysely());
  return rows.length > 0;
}

import { sql } from 'kysely';
import { countOnTheirWay } from '../../../src/events/carry-events.js';
import { forEachFirm } from '../../../src/server/for-each-firm.js';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import { markRescoreDue, RESCORE_DUE } from './mark-rescore-due.js';
import { RESCORED_AT_ONCE, rescoreCustomers } from './rescore-customers.js';

/** The day on which each room last looked who was scored on another day. */
const dayLooked = new WeakMap<Room, string>();

/** Soon after something was told. */
export const rescoreDueJob: Job = { name: 'rescore', everySeconds: 5, hint: RESCORE_DUE, run: rescoreDue };

/** A firm of which many are due, and so many events are on their way, is just importing: its customers would be due again at once. */
const MOST_ON_THEIR_WAY = 20;
const LOOK_AGAIN_MILLISECONDS = 200;

/**
 * Scores whoever is due, and everybody once a day, for lateness grows by itself. Firms take turns: nobody waits for the whole of a large
 * one, or for one of which something cannot be computed. What failed is thrown at the end, and stays due.
 */
export async function rescoreDue(room: Room): Promise<void> {
  await markStale(room);
  const failed = new Map<string, unknown>();
  for (let scored = 1; scored > 0;) {
    // What is left when nobody was scored is held by others, who see to it, or waits for what is on its way.
    scored = 0;
    let isPutOff = false;
    for (const { firmId, count } of await firmsDue(room)) {
      if (failed.has(firmId)) continue;
      if (count > RESCORED_AT_ONCE && (await countOnTheirWay(room, firmId)) > MOST_ON_THEIR_WAY) {
        isPutOff = true;
        continue;
      }
      try {
        scored += await rescoreCustomers(room, firmId);
      } catch (error) {
        failed.set(firmId, error);
      }
    }
    // Each event asks for another look; a few a second are enough.
    if (isPutOff) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MILLISECONDS));
  }
  if (failed.size > 0) throw new AggregateError(failed.values(), `customers of ${failed.size} firms could not be scored`);
}

async function firmsDue(room: Room): Promise<readonly { firmId: string; count: number }[]> {
  return room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<{ firmId: string; count: number }>`select firm_id as "firmId", count(*)::int as count from scoring.rescore_due group by 1`.execute(em.getKysely<unknown>());
    return rows;
  });
}

/** Marks everybody who was last scored on another day than today, once a day. */
async function markStale(room: Room): Promise<void> {
  const today = room.clock.today().toString();
  if (dayLooked.get(room) === today) return;
  const firmIds = await room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<{ firmId: string }>`select distinct firm_id as "firmId" from scoring.standing where as_of <> ${today}::date`.execute(em.getKysely<unknown>());
    return rows.map(({ firmId }) => firmId);
  });
  await forEachFirm(firmIds, (firmId) => room.db.forFirm(firmId).transaction((em) => markRescoreDue(em, sql`select customer_id from scoring.standing where as_of <> ${today}::date`)));
  dayLooked.set(room, today);
}

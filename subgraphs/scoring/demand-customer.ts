import { sql } from 'kysely';
import { notFound } from '../../src/errors.js';
import { countPending, countPendingEverywhere } from '../../src/events/carry-events.js';
import type { Room } from '../../src/server/room.js';
import { isUuid } from '../../src/values/opaque-id.js';

/** How long what the ledger told last may be on its way, in milliseconds. */
const LONGEST_MILLISECONDS = 2000;
const LOOK_AGAIN_MILLISECONDS = 25;

/**
 * Refuses a customer that the firm does not have. Of one that was added a moment ago the ledger may still be telling: as long
 * as events are on their way it is looked for again.
 */
export async function demandCustomer(room: Room, firmId: string, customerId: string): Promise<void> {
  const path = ['input', 'customerId'];
  if (!isUuid(customerId)) throw notFound(path);
  const until = performance.now() + LONGEST_MILLISECONDS;
  for (;;) {
    // In this order: what was on its way when it was counted may have come by the time the customer is looked for.
    const pending = room.nats ? await countPendingEverywhere(room.nats) : await countPending(room);
    if (await isKnown(room, firmId, customerId)) return;
    if (pending === 0 || performance.now() >= until) throw notFound(path);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MILLISECONDS));
  }
}

async function isKnown(room: Room, firmId: string, customerId: string): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    select exists (select from scoring.customer_fact where customer_id = ${customerId}) or exists (select from scoring.invoice_fact where customer_id = ${customerId}) as known
  `.execute(room.db.forFirm(firmId).reads().getKysely());
  return rows[0]?.known ?? false;
}

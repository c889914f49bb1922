import { sql } from 'kysely';
import { notFound } from '../../src/errors.js';
import type { Room } from '../../src/server/room.js';
import { isUuid } from '../../src/values/opaque-id.js';
import { awaitTold } from './await-told.js';

/**
 * Refuses a customer that the firm does not have. Of one that was added a moment ago the ledger may still be telling: as long
 * as events of the firm are on their way it is looked for again.
 */
export async function demandCustomer(room: Room, firmId: string, customerId: string): Promise<void> {
  const path = ['input', 'customerId'];
  if (!isUuid(customerId)) throw notFound(path);
  let known = false;
  await awaitTold(room, firmId, async (isOnItsWay) => {
    known = await isKnown(room, firmId, customerId);
    return known || !isOnItsWay;
  });
  if (!known) throw notFound(path);
}

async function isKnown(room: Room, firmId: string, customerId: string): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    select exists (select from scoring.customer_fact where customer_id = ${customerId}) or exists (select from scoring.invoice_fact where customer_id = ${customerId}) as known
  `.execute(room.db.forFirm(firmId).reads().getKysely());
  return rows[0]?.known ?? false;
}

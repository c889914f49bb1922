import { sql } from 'kysely';
import { notFound } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { remarkPublications } from '../benchmark/tell-publications.js';

/**
 * Keeps a customer out of what the firm shares and reads, or takes it back in. It works from the next epoch that closes:
 * an epoch holds the membership's lock while it closes, so this is either in time or after it. Again it changes nothing.
 */
export async function setSharing(room: Room, firmId: string, customerId: string, shared: boolean): Promise<void> {
  await room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    await sql`select from community.membership for update`.execute(db);
    const { rows } = isUuid(customerId) ? await sql`select from community.customer_key where customer_id = ${customerId}`.execute(db) : { rows: [] };
    // What is not known here is asked of the firm's ledger, which is then tried again.
    if (rows.length === 0) throw notFound(['input', 'customerId']);
    if (shared) await sql`delete from community.sharing_exclusion where customer_id = ${customerId}`.execute(db);
    else await sql`insert into community.sharing_exclusion (firm_id, customer_id) values (${firmId}, ${customerId}) on conflict do nothing`.execute(db);
    await remarkPublications(em, firmId);
  });
}

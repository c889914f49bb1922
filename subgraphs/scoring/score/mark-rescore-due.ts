import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';

/** The hint that customers are to be scored again. */
export const RESCORE_DUE = 'rescore-due';

/**
 * Marks customers of the transaction's firm to be scored again: `customerIds` selects their ids. In the order of their ids, so that
 * two who mark the same wait for one another instead of for ever. A mark that is there already is held until the transaction ends:
 * whoever takes marks passes over those that are held, and so cannot score without what this transaction tells.
 */
export async function markRescoreDue(em: EntityManager, customerIds: RawBuilder<unknown>): Promise<void> {
  await sql`
    insert into scoring.rescore_due (customer_id) select distinct id from (${customerIds}) marked (id) order by id
    on conflict (firm_id, customer_id) do update set customer_id = excluded.customer_id
  `.execute(em.getKysely<unknown>());
  afterCommit(em, (hints) => hints.publish(RESCORE_DUE));
}

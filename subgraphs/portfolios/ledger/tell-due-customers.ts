import { sql } from 'kysely';
import { CUSTOMERS_PER_EVENT } from '../../../src/events/catalogue.js';
import type { Room } from '../../../src/server/room.js';
import { tellCustomerChanges } from './tell-customer-change.js';

/**
 * Tells scoring of customers that stand otherwise although nobody changed them: a promise broke because its day passed, or a
 * payment decided about one. Again it tells nothing; two at once share the work.
 */
export async function tellDueCustomers(room: Room): Promise<void> {
  const today = room.clock.today();
  const firmIds = await room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<{ firmId: string }>`
      select firm_id as "firmId" from portfolios.customer_due
      union
      select firm_id from portfolios.customer_told where due_on <= ${today.toString()}::date
    `.execute(em.getKysely<unknown>());
    return rows.map(({ firmId }) => firmId);
  });
  for (const firmId of firmIds) while (await tellSome(room, firmId, today)) continue;
}

/** Tells of as many as one event holds; whether there were any. */
async function tellSome(room: Room, firmId: string, today: Temporal.PlainDate): Promise<boolean> {
  return room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // Deleted before anything is read: what commits later leaves its own mark.
    const { rows: marked } = await sql<{ id: string }>`
      with gone as (
        delete from portfolios.customer_due where (firm_id, id) in (select firm_id, id from portfolios.customer_due order by id limit ${CUSTOMERS_PER_EVENT} for update skip locked) returning customer_id
      ) select distinct customer_id as id from gone
    `.execute(db);
    const { rows: passed } = await sql<{ id: string }>`
      with due as (
        select customer_id from portfolios.customer_told where due_on <= ${today.toString()}::date order by customer_id limit ${CUSTOMERS_PER_EVENT} for update
      ) update portfolios.customer_told t set due_on = null from due where t.customer_id = due.customer_id returning t.customer_id as id
    `.execute(db);
    const ids = [...marked, ...passed].map(({ id }) => id);
    if (ids.length > 0) await tellCustomerChanges(em, firmId, today, sql`select unnest(${ids}::uuid[]) as customer_id`);
    return ids.length > 0;
  });
}

import { sql, type RawBuilder } from 'kysely';
import { CUSTOMERS_PER_EVENT } from '../../../src/events/catalogue.js';
import { forEachFirm } from '../../../src/server/for-each-firm.js';
import type { Room } from '../../../src/server/room.js';
import { tellCustomerChanges } from './tell-customer-change.js';
import { tellLedgerChanges } from './tell-ledger-change.js';

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
  await forEachFirm(firmIds, async (firmId) => {
    while (await tellSome(room, firmId, today)) continue;
  });
}

/** Tells of as many as one event holds; whether there were any. */
async function tellSome(room: Room, firmId: string, today: Temporal.PlainDate): Promise<boolean> {
  return room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // Deleted before anything is read: what commits later leaves its own mark.
    const { rows: marked } = await sql<{ id: string; withInvoices: boolean }>`
      with gone as (
        delete from portfolios.customer_due where (firm_id, id) in (select firm_id, id from portfolios.customer_due order by id limit ${CUSTOMERS_PER_EVENT} for update skip locked) returning customer_id, with_invoices
      ) select customer_id as id, bool_or(with_invoices) as "withInvoices" from gone group by customer_id
    `.execute(db);
    const { rows: passed } = await sql<{ id: string }>`
      with due as (
        select customer_id from portfolios.customer_told where due_on <= ${today.toString()}::date order by customer_id limit ${CUSTOMERS_PER_EVENT} for update
      ) update portfolios.customer_told t set due_on = null from due where t.customer_id = due.customer_id returning t.customer_id as id
    `.execute(db);
    const invoicesOf = marked.flatMap(({ id, withInvoices }) => (withInvoices ? [id] : []));
    if (invoicesOf.length > 0) await tellLedgerChanges(em, firmId, toldTooLittle(invoicesOf));
    const ids = [...marked, ...passed].map(({ id }) => id);
    if (ids.length > 0) await tellCustomerChanges(em, firmId, today, sql`select unnest(${ids}::uuid[]) as customer_id`);
    return ids.length > 0;
  });
}

/** Invoices of these customers of which amount and settlement say too little: something, but not all, was applied to them, or they are credit notes. */
function toldTooLittle(customerIds: readonly string[]): RawBuilder<unknown> {
  return sql`
    select i.id as invoice_id, i.customer_id from portfolios.invoice i
    where i.customer_id = any(${[...customerIds]}::uuid[]) and not i.cancelled and (i.kind = 'CREDIT_NOTE' or (i.settled_on is null and i.applied_minor > 0))
  `;
}

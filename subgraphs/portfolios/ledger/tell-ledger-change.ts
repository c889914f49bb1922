import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import type { EventData } from '../../../src/events/catalogue.js';
import { record } from '../../../src/events/record.js';

/** The hint that month-end figures are due. */
export const MONTHS_DUE = 'months-due';

/** As many invoices as one event holds. */
const BATCH = 500;

type ToldInvoice = EventData<'invoices.changed'>['invoices'][number];

/**
 * Tells scoring what became of these invoices and marks their customers' month-end figures as due, in the caller's
 * transaction. To be called after the rows have their new state and revision.
 */
export async function tellLedgerChange(em: EntityManager, firmId: string, invoiceIds: readonly string[]): Promise<void> {
  const db = em.getKysely<unknown>();
  const customerIds = new Set<string>();
  for (let start = 0; start < invoiceIds.length; start += BATCH) {
    const ids = invoiceIds.slice(start, start + BATCH);
    const { rows } = await sql<ToldInvoice>`
      select id as "invoiceId", customer_id as "customerId", currency,
        (case when cancelled or kind = 'CREDIT_NOTE' then 0 else amount_minor end)::text as "amountMinor",
        issue_date::text as "issueDate", due_date::text as "dueDate", settled_on::text as "settledOn", revision::int as revision
      from portfolios.invoice where id = any(${ids}::uuid[])
    `.execute(db);
    await record(em, firmId, 'invoices.changed', { invoices: rows });
    for (const row of rows) customerIds.add(row.customerId);
  }
  await markContributionsDue(em, [...customerIds]);
}

/**
 * Marks customers whose month-end figures must be computed again: their ledger or their registration changed. In the order
 * of their ids, so that two large changes at once wait for one another instead of for ever.
 */
export async function markContributionsDue(em: EntityManager, customerIds: readonly string[]): Promise<void> {
  await sql`
    insert into portfolios.contribution_due (customer_id)
    select id from unnest(${[...customerIds]}::uuid[]) as changed (id) order by id on conflict do nothing
  `.execute(em.getKysely<unknown>());
  afterCommit(em, (hints) => hints.publish(MONTHS_DUE));
}

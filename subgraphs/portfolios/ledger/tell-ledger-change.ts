import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import type { EventData } from '../../../src/events/catalogue.js';
import { record } from '../../../src/events/record.js';

/** The hint that month-end figures are due. */
export const MONTHS_DUE = 'months-due';

/** As many invoices as one event holds. */
const BATCH = 500;

type ToldInvoice = EventData<'invoices.changed'>['invoices'][number];

/** What scoring is told of an invoice. */
const TOLD = sql<ToldInvoice>`
  i.id as "invoiceId", i.customer_id as "customerId", i.currency,
  (case when i.cancelled or i.kind = 'CREDIT_NOTE' then 0 else i.amount_minor end)::text as "amountMinor",
  i.issue_date::text as "issueDate", i.due_date::text as "dueDate", i.settled_on::text as "settledOn", i.revision::int as revision
`;

/**
 * Tells scoring what became of these invoices and marks their customers' month-end figures as due, in the caller's
 * transaction. To be called after the rows have their new state and revision.
 */
export async function tellLedgerChange(em: EntityManager, firmId: string, invoiceIds: readonly string[]): Promise<void> {
  const db = em.getKysely<unknown>();
  const customerIds = new Set<string>();
  for (let start = 0; start < invoiceIds.length; start += BATCH) {
    const ids = invoiceIds.slice(start, start + BATCH);
    const { rows } = await sql<ToldInvoice>`select ${TOLD} from portfolios.invoice i where i.id = any(${ids}::uuid[])`.execute(db);
    await record(em, firmId, 'invoices.changed', { invoices: rows });
    for (const row of rows) customerIds.add(row.customerId);
  }
  await markContributionsDue(em, [...customerIds]);
}

/**
 * The same for a set that may be millions: `changed` selects an `invoice_id` and its `customer_id`, each invoice once. The
 * set is joined once and read through a cursor. Looked up a batch at a time, rows that this very transaction inserted cost
 * a pass over all of the firm's invoices for each batch: PostgreSQL has no statistics of them yet.
 */
export async function tellLedgerChanges(em: EntityManager, firmId: string, changed: RawBuilder<unknown>): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`declare changed_invoice no scroll cursor for select ${TOLD} from (${changed}) c join portfolios.invoice i on i.id = c.invoice_id`.execute(db);
  for (;;) {
    const { rows } = await sql<ToldInvoice>`fetch ${sql.lit(BATCH)} from changed_invoice`.execute(db);
    if (rows.length === 0) break;
    await record(em, firmId, 'invoices.changed', { invoices: rows });
  }
  await sql`close changed_invoice`.execute(db);
  await sql`
    insert into portfolios.contribution_due (customer_id) select customer_id from (${changed}) c group by customer_id order by customer_id
    on conflict do nothing
  `.execute(db);
  hintMonthsDue(em);
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
  hintMonthsDue(em);
}

function hintMonthsDue(em: EntityManager): void {
  afterCommit(em, (hints) => hints.publish(MONTHS_DUE));
}

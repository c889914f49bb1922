import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import { INVOICES_PER_EVENT } from '../../../src/events/catalogue.js';
import { recordEach } from '../../../src/events/record.js';
import { markCustomersDue } from './tell-customer-change.js';

/** The hint that month-end figures are due. */
export const MONTHS_DUE = 'months-due';

/**
 * Tells scoring what became of these invoices and marks their customers' month-end figures as due, in the caller's
 * transaction. To be called after the rows have their new state and revision.
 */
export async function tellLedgerChange(em: EntityManager, firmId: string, invoiceIds: readonly string[]): Promise<void> {
  await tellLedgerChanges(em, firmId, sql`select i.id as invoice_id, i.customer_id from portfolios.invoice i where i.id = any(${[...invoiceIds]}::uuid[])`);
}

/** The same for a set that may be millions: `changed` selects an `invoice_id` and its `customer_id`, each invoice once. */
export async function tellLedgerChanges(em: EntityManager, firmId: string, changed: RawBuilder<unknown>): Promise<void> {
  await tellInvoices(em, firmId, sql`
    select i.id as invoice_id, i.customer_id, i.currency, case when i.cancelled or i.kind = 'CREDIT_NOTE' then 0 else i.amount_minor end as amount_minor,
      case when i.cancelled or i.kind = 'CREDIT_NOTE' then 0 else i.amount_minor - i.applied_minor end as open_minor,
      case when i.kind = 'CREDIT_NOTE' and not i.cancelled then i.amount_minor else 0 end as credited_minor, i.issue_date, i.due_date, i.settled_on, i.revision
    from (${changed}) c join portfolios.invoice i on i.id = c.invoice_id
  `);
}

/**
 * The same of invoices whose facts are at hand, so that none has to be looked up again: `told` selects `invoice_id,
 * customer_id, currency, amount_minor, open_minor, credited_minor, issue_date, due_date, settled_on, revision`. The events are made where the rows
 * are: through this process a million invoices would take as long as to import them.
 */
export async function tellInvoices(em: EntityManager, firmId: string, told: RawBuilder<unknown>): Promise<void> {
  await recordEach(em, firmId, 'invoices.changed', sql`
    select jsonb_build_object(
      'invoiceIds', array_agg(invoice_id), 'customerIds', array_agg(customer_id), 'currencies', array_agg(currency), 'amountsMinor', array_agg(amount_minor::text),
      'openMinor', array_agg(open_minor::text), 'creditedMinor', array_agg(credited_minor::text), 'issueDates', array_agg(issue_date), 'dueDates', array_agg(due_date), 'settledOn', array_agg(settled_on), 'revisions', array_agg(revision)
    ) as data
    from (select t.*, (row_number() over () - 1) / ${sql.lit(INVOICES_PER_EVENT)} as batch from (${told}) t) batched group by batch
  `);
  await sql`
    insert into portfolios.contribution_due (customer_id) select customer_id from (${told}) t group by customer_id order by customer_id
    on conflict do nothing
  `.execute(em.getKysely<unknown>());
  hintMonthsDue(em);
  // What was applied, or no longer is, decides which promises were kept.
  await markCustomersDue(em, told);
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

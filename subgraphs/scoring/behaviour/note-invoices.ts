import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import type { Reaction } from '../../../src/events/dispatch.js';
import { markRescoreDue } from '../score/mark-rescore-due.js';

/**
 * Takes what portfolios tells of invoices. Of each invoice the fact of the highest revision stays, so events may come
 * twice, late and in any order. One that was told before what is open of it was told is told once more as it is.
 */
export const noteInvoices: Reaction<'invoices.changed'> = async (room, { firmId, data }) => {
  invariant(firmId, 'invoices belong to a firm');
  await room.db.forFirm(firmId).transaction(async (em) => {
    // In the order of the key: two processes that hear of the same invoices then wait for one another, never in a circle.
    await sql`
      insert into scoring.invoice_fact (invoice_id, customer_id, currency, amount_minor, open_minor, credited_minor, issue_date, due_date, settled_on, revision)
      select distinct on (invoice_id) invoice_id, customer_id, currency, amount_minor, open_minor, coalesce(credited_minor, 0), issue_date, due_date, settled_on, revision
      from unnest(${data.invoiceIds}::uuid[], ${data.customerIds}::uuid[], ${data.currencies}::text[], ${data.amountsMinor}::bigint[], ${data.openMinor ?? []}::bigint[], ${data.creditedMinor ?? []}::bigint[],
        ${data.issueDates}::date[], ${data.dueDates}::date[], ${data.settledOn}::date[], ${data.revisions}::bigint[]
      ) as told (invoice_id, customer_id, currency, amount_minor, open_minor, credited_minor, issue_date, due_date, settled_on, revision)
      order by invoice_id, revision desc
      on conflict (firm_id, invoice_id) do update set
        customer_id = excluded.customer_id, currency = excluded.currency, amount_minor = excluded.amount_minor, open_minor = excluded.open_minor,
        credited_minor = excluded.credited_minor, issue_date = excluded.issue_date, due_date = excluded.due_date, settled_on = excluded.settled_on, revision = excluded.revision
      where excluded.revision > invoice_fact.revision or (excluded.revision = invoice_fact.revision and invoice_fact.open_minor is null)
    `.execute(em.getKysely<unknown>());
    await markRescoreDue(em, sql`select unnest(${data.customerIds}::uuid[])`);
  });
};

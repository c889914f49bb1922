import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import type { Reaction } from '../../../src/events/dispatch.js';

/**
 * Takes what portfolios tells of invoices. Of each invoice the fact of the highest revision stays, so events may come
 * twice, late and in any order.
 */
export const noteInvoices: Reaction<'invoices.changed'> = async (room, { firmId, data }) => {
  invariant(firmId, 'invoices belong to a firm');
  await room.db.forFirm(firmId).transaction(async (em) => {
    // In the order of the key: two processes that hear of the same invoices then wait for one another, never in a circle.
    await sql`
      insert into scoring.invoice_fact (invoice_id, customer_id, currency, amount_minor, issue_date, due_date, settled_on, revision)
      select distinct on ("invoiceId") "invoiceId", "customerId", currency, "amountMinor", "issueDate", "dueDate", "settledOn", revision
      from jsonb_to_recordset(${JSON.stringify(data.invoices)}::jsonb) as told (
        "invoiceId" uuid, "customerId" uuid, currency text, "amountMinor" bigint, "issueDate" date, "dueDate" date, "settledOn" date, revision bigint
      )
      order by "invoiceId", revision desc
      on conflict (firm_id, invoice_id) do update set
        customer_id = excluded.customer_id, currency = excluded.currency, amount_minor = excluded.amount_minor,
        issue_date = excluded.issue_date, due_date = excluded.due_date, settled_on = excluded.settled_on, revision = excluded.revision
      where excluded.revision > invoice_fact.revision
    `.execute(em.getKysely<unknown>());
  });
};

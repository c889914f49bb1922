import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import { openInvoices, openMinorOn } from '../forecast/read-open-invoice.js';
import type { CreditFacts } from './credit-decision.js';

export type CreditWarnings = Pick<CreditFacts, 'oldestDaysPastDue' | 'disputedCount' | 'litigationCount' | 'brokenPromiseCount'>;

interface WarningRow extends CreditWarnings {
  readonly id: string;
}

/** What speaks against selling more to each customer today, whatever the currency. */
export const readCreditWarnings: BatchRead<string, CreditWarnings> = async (request, customerIds) => {
  const today = request.room.clock.today();
  const day = sql`${today.toString()}::date`;
  const { rows } = await request.read((em) =>
    sql<WarningRow>`
      select c.id, coalesce(open.oldest, 0) as "oldestDaysPastDue", coalesce(open.disputed, 0) as "disputedCount",
        coalesce(open.litigated, 0) as "litigationCount", coalesce(broken.count, 0) as "brokenPromiseCount"
      from portfolios.customer c
      left join (
        select open.customer_id, greatest(max(${day} - open.due_date), 0) as oldest, count(d.id)::int as disputed,
          (count(*) filter (where d.reason = 'LITIGATION'))::int as litigated
        from (${openInvoices(today, customerIds)}) open
        left join portfolios.dispute d on d.invoice_id = open.id and d.opened_on <= ${day} and (d.resolved_on is null or d.resolved_on > ${day})
        group by open.customer_id
      ) open on open.customer_id = c.id
      left join (
        select late.customer_id, count(*)::int as count
        from (
          select p.id, p.customer_id from portfolios.payment_promise p
          join portfolios.payment_promise_invoice n on n.promise_id = p.id
          join portfolios.invoice i on i.id = n.invoice_id
          where p.customer_id = any(${[...customerIds]}::uuid[]) and p.promised_on < ${day} and p.replaced_on is null
          group by p.id
          having sum(${openMinorOn(sql`p.promised_on`)}) > p.left_minor and sum(${openMinorOn(day)}) > 0
        ) late group by late.customer_id
      ) broken on broken.customer_id = c.id
      where c.id = any(${[...customerIds]}::uuid[])
    `.execute(em.getKysely<unknown>()),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return customerIds.map((id) => byId.get(id) ?? null);
};

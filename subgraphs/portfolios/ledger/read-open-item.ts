import { sql, type RawBuilder } from 'kysely';

/**
 * The invoices open on a day: `customer_id, currency, due_date, open_minor`, as a subquery. INDICATORS.md, "Open items
 * and the aged balance". What was applied up to the day is what is applied now less what came later. Those open still have
 * an index of their own; those settled since are found by what was applied to them since: today nothing.
 */
export function openItems(asOf: Temporal.PlainDate): RawBuilder<unknown> {
  const day = asOf.toString();
  return sql`
    select i.customer_id, i.currency, i.due_date, i.amount_minor - i.applied_minor + coalesce(later.minor, 0) as open_minor
    from portfolios.invoice i
    left join (
      select a.invoice_id, sum(a.amount_minor) as minor from portfolios.application a where a.applied_on > ${day}::date group by a.invoice_id
    ) later on later.invoice_id = i.id
    where i.settled_on is null and i.kind = 'INVOICE' and not i.cancelled and i.issue_date <= ${day}::date
    union all
    select i.customer_id, i.currency, i.due_date, sum(a.amount_minor)
    from portfolios.application a join portfolios.invoice i on i.id = a.invoice_id
    where a.applied_on > ${day}::date and i.settled_on > ${day}::date and i.kind = 'INVOICE' and not i.cancelled and i.issue_date <= ${day}::date
    group by i.id, i.customer_id, i.currency, i.due_date
  `;
}

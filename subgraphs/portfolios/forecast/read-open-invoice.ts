import { sql, type RawBuilder } from 'kysely';

/**
 * The invoices open on a day, one row each: `id, customer_id, currency, due_date, open_minor`, as a subquery. INDICATORS.md,
 * "Open items and the aged balance". What is open still has an index of its own; what was settled since is found by what
 * was applied since, which for a recent day is almost nothing.
 */
export function openInvoices(asOf: Temporal.PlainDate, customerIds: readonly string[] | null): RawBuilder<unknown> {
  const day = sql`${asOf.toString()}::date`;
  const counts = sql`i.kind = 'INVOICE' and not i.cancelled and i.issue_date <= ${day} ${ofCustomers(sql`i`, customerIds)}`;
  const columns = sql`i.id, i.customer_id, i.currency, i.due_date, i.amount_minor - i.applied_minor + coalesce(later.minor, 0) as open_minor`;
  return sql`
    with later as (
      select a.invoice_id, sum(a.amount_minor)::bigint as minor from portfolios.application a
      where a.applied_on > ${day} ${ofCustomers(sql`a`, customerIds)} group by a.invoice_id
    )
    select ${columns} from portfolios.invoice i left join later on later.invoice_id = i.id where i.settled_on is null and ${counts}
    union all
    select ${columns} from later join portfolios.invoice i on i.id = later.invoice_id where i.settled_on > ${day} and ${counts}
  `;
}

/** Restricts rows to some customers; nothing for the whole portfolio. */
export function ofCustomers(alias: RawBuilder<unknown>, customerIds: readonly string[] | null): RawBuilder<unknown> {
  return customerIds === null ? sql`` : sql`and ${alias}.customer_id = any(${[...customerIds]}::uuid[])`;
}

/** What was open at the end of `day` of an invoice `i`, as a scalar; nothing of one that is cancelled. */
export function openMinorOn(day: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(case when i.cancelled then 0 else i.amount_minor - i.applied_minor
    + coalesce((select sum(a.amount_minor) from portfolios.application a where a.invoice_id = i.id and a.applied_on > ${day}), 0) end)::bigint`;
}

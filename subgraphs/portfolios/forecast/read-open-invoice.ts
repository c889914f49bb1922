import { sql, type RawBuilder } from 'kysely';

/**
 * The invoices open on a day, one row each: `id, customer_id, currency, due_date, open_minor`, as a subquery. INDICATORS.md,
 * "Open items and the aged balance". Those open still and those settled since are two branches: the first is all there
 * is for today, and has an index of its own.
 */
export function openInvoices(asOf: Temporal.PlainDate, customerIds: readonly string[] | null): RawBuilder<unknown> {
  const day = asOf.toString();
  const branch = (settled: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    select i.id, i.customer_id, i.currency, i.due_date, i.amount_minor - i.applied_minor + coalesce(later.minor, 0) as open_minor
    from portfolios.invoice i
    left join (
      select a.invoice_id, sum(a.amount_minor)::bigint as minor from portfolios.application a
      where a.applied_on > ${day}::date ${ofCustomers(sql`a`, customerIds)} group by a.invoice_id
    ) later on later.invoice_id = i.id
    where i.kind = 'INVOICE' and not i.cancelled and i.issue_date <= ${day}::date and ${settled} ${ofCustomers(sql`i`, customerIds)}
  `;
  return sql`${branch(sql`i.settled_on is null`)} union all ${branch(sql`i.settled_on > ${day}::date`)}`;
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

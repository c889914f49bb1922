import { sql, type RawBuilder } from 'kysely';

/**
 * The invoices open on a day: `customer_id, currency, due_date, open_minor`, as a subquery. INDICATORS.md, "Open items
 * and the aged balance". What was applied up to the day is what is applied now less what came later: for a recent day
 * almost nothing came later, so a ledger's past is not read again.
 */
export function openItems(asOf: Temporal.PlainDate, customerIds: readonly string[] | null): RawBuilder<unknown> {
  const day = asOf.toString();
  const ofCustomers = (column: RawBuilder<unknown>): RawBuilder<unknown> => (customerIds === null ? sql`` : sql`and ${column} = any(${[...customerIds]}::uuid[])`);
  return sql`
    select i.customer_id, i.currency, i.due_date, i.amount_minor - i.applied_minor + coalesce(later.minor, 0) as open_minor
    from portfolios.invoice i
    left join (
      select a.invoice_id, sum(a.amount_minor) as minor from portfolios.application a
      where a.applied_on > ${day}::date ${ofCustomers(sql`a.customer_id`)} group by a.invoice_id
    ) later on later.invoice_id = i.id
    where i.kind = 'INVOICE' and not i.cancelled and i.issue_date <= ${day}::date
      and (i.settled_on is null or i.settled_on > ${day}::date) ${ofCustomers(sql`i.customer_id`)}
  `;
}

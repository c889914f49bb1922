import { sql, type RawBuilder } from 'kysely';
import { openItems } from '../ledger/read-open-item.js';
import type { AskList } from './read-figures.js';

/**
 * What is open on the day by group, the largest first: its key (`key`), name (`label`), what is open (`one`), overdue (`two`),
 * of how many invoices (`three`) and customers (`four`), its place (`five`). Takes how many groups; the place 0 stands for
 * all of them together. From the rows of what is open, which are few: figures by customer are not kept.
 */
function groups(key: RawBuilder<unknown>, label: RawBuilder<unknown>): (list: AskList) => RawBuilder<unknown> {
  return ({ asks, scopes, days, numbers }) => sql.join(asks.map((ask, index) => sql`
    select ${ask}::int, g.key, g.label, g.outstanding, g.overdue, g.invoices, g.customers, g.place
    from (
      with item as materialized (
        select open.customer_id, sum(open.open_minor) as outstanding, coalesce(sum(open.open_minor) filter (where open.due_date < ${days[index]}::date), 0) as overdue, count(*) as invoices
        from (${openItems(Temporal.PlainDate.from(days[index]!))}) open where open.currency = (select currency from scope where place = ${scopes[index]}::int) group by open.customer_id
      ), part as materialized (
        select ${key} as key, ${label} as label, sum(o.outstanding) as outstanding, sum(o.overdue) as overdue, sum(o.invoices) as invoices, count(*) as customers
        from item o join portfolios.customer c on c.id = o.customer_id group by 1, 2
      ), first as (
        select *, row_number() over (order by outstanding desc, key) as place from part order by outstanding desc, key limit (${numbers[index]}::int[])[1]
      )
      select * from first union all select null, null, sum(outstanding), sum(overdue), sum(invoices), sum(customers), 0 from part
    ) g`), sql` union all `);
}

/** The same by currency (`key`), the one of most invoices first. Amounts of several currencies have no order and no sum. */
function currencies({ asks, days }: AskList): RawBuilder<unknown> {
  return sql.join(asks.map((ask, index) => sql`
    select ${ask}::int, open.currency, open.currency, sum(open.open_minor), coalesce(sum(open.open_minor) filter (where open.due_date < ${days[index]}::date), 0), count(*), count(distinct open.customer_id),
      row_number() over (order by count(*) desc, open.currency)
    from (${openItems(Temporal.PlainDate.from(days[index]!))}) open group by open.currency`), sql` union all `);
}

/** What agrees in its terms, as `days end-of-month fixed-day`; null where none were agreed. */
const TERMS = sql`case when c.terms_days is not null then concat_ws(' ', c.terms_days, coalesce(c.terms_end_of_month, 'NONE'), c.terms_fixed_day) end`;

export const BREAKDOWN_FIGURES = {
  byCustomer: groups(sql`c.id::text`, sql`c.name`),
  byCountry: groups(sql`c.country`, sql`c.country`),
  byTerms: groups(TERMS, TERMS),
  byCurrency: currencies,
} as const;

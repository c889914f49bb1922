import { sql, type RawBuilder } from 'kysely';
import { openMinorOn } from '../forecast/read-open-invoice.js';
import { BREAKDOWN_FIGURES } from './read-breakdown-figures.js';
import type { AskList } from './read-figures.js';

/** What an empty ledger is in. */
const FIRST_CURRENCY = 'EUR';

/** The currency meant when none is named, as SQL: the only one, else the one of most invoices; EUR when there is none. */
export const DEFAULT_CURRENCY = sql`coalesce((
  select currency from portfolios.ledger_total group by currency having sum(invoice_count) + sum(receipt_count) > 0 order by sum(invoice_count) desc, currency limit 1
), ${sql.lit(FIRST_CURRENCY)})`;

/** What is asked, with its scope `s`. One ask is values, which need no join and are read but once. */
function asked({ asks, scopes, after, numbers }: AskList): RawBuilder<unknown> {
  if (asks.length === 1) return sql`(select ${asks[0]}::int as ask, ${after[0]}::date as after, ${numbers[0]}::int[] as numbers) k join scope s on s.place = ${scopes[0]}::int`;
  return sql`(
    select ask, scope, after, numbers::int[] as numbers from unnest(${[...asks]}::int[], ${[...scopes]}::int[], ${[...after]}::date[], ${[...numbers]}::text[]) as given (ask, scope, after, numbers) offset 0
  ) k join scope s on s.place = k.scope`;
}

/**
 * The figures of a whole portfolio, from the tables that triggers keep (004-figures.migration.ts). A figure of a day is what
 * is there once everything known has happened, less what moves after the day.
 */
export const PORTFOLIO_FIGURES = {
  /** By bucket: its place (`one`), what is open (`two`), of how many invoices (`three`). Takes the first day past due of each bucket. */
  open: (list: AskList) => sql`
    select k.ask, null, null, width_bucket(s.as_of - o.due_date, k.numbers), sum(o.minor), sum(o.count), null, null
    from ${asked(list)} cross join lateral (
      select due_date, open_minor as minor, open_count as count from portfolios.due_open where currency = s.currency
      union all select due_date, -open_minor, -open_count from portfolios.due_movement where not fresh and currency = s.currency and day > s.as_of
      union all select due_date, -open_minor, -open_count from portfolios.due_movement where fresh and currency = s.currency and day > s.as_of
    ) o group by 1, 4`,

  /** Payments and credit notes that no invoice had taken on the day (`one`). */
  unapplied: (list: AskList) => sql`
    select k.ask, null, null, coalesce((select sum(unapplied_minor) from portfolios.ledger_total where currency = s.currency), 0)
      - coalesce((select sum(unapplied_minor) from portfolios.ledger_day where currency = s.currency and day > s.as_of), 0), null, null, null, null
    from ${asked(list)}`,

  /** Invoices less credit notes in the window (`one`). */
  sales: (list: AskList) => sql`
    select k.ask, null, null, (select sum(sales_minor) from portfolios.ledger_day where currency = s.currency and day > k.after and day <= s.as_of), null, null, null, null from ${asked(list)}`,

  /** By calendar month up to the day, its first day (`key`): invoices less credit notes (`one`). */
  months: (list: AskList) => sql`
    select k.ask, date_trunc('month', d.day)::date::text, null, sum(d.sales_minor), null, null, null, null
    from ${asked(list)} join portfolios.ledger_day d on d.currency = s.currency and d.day <= s.as_of and d.sales_minor <> 0 group by 1, 2`,

  /** Invoices settled in the window: number, number late, amount, amount × days beyond terms. */
  settled: (list: AskList) => sql`
    select k.ask, null, null, sum(d.settled_count), sum(d.late_count), sum(d.settled_minor), sum(d.settled_minor_days), null
    from ${asked(list)} join portfolios.ledger_day d on d.currency = s.currency and d.day > k.after and d.day <= s.as_of group by 1`,

  /** Every currency of the ledger (`key`). */
  currencies: (list: AskList) => sql`
    select k.ask, t.currency, null, null, null, null, null, null
    from ${asked(list)} cross join (select currency from portfolios.ledger_total group by currency having sum(invoice_count) + sum(receipt_count) > 0) t`,

  /** How many customers there are (`one`). */
  customers: (list: AskList) => sql`
    select k.ask, null, null, (select sum(customer_count) from portfolios.customer_count), null, null, null, null from ${asked(list)}`,

  /** What was open on the day of the invoices that were in dispute on it (`one`). */
  disputed: (list: AskList) => sql`
    select k.ask, null, null, sum(${openMinorOn(sql`s.as_of`)}), null, null, null, null
    from ${asked(list)} join portfolios.dispute d on d.currency = s.currency and d.opened_on <= s.as_of and (d.resolved_on is null or d.resolved_on > s.as_of)
      join portfolios.invoice i on i.id = d.invoice_id and i.issue_date <= s.as_of group by 1`,

  /**
   * By month, the last one up to the day: its last day (`key`), what is open (`one`) and overdue (`two`) on it, sold (`three`)
   * and collected (`four`) in it, sold in the 90 days that end with it (`five`). Takes how many months. What was before them
   * is summed as one more month, which is left out.
   */
  trend: (list: AskList) => sql`
    select k.ask, m.last_day::text, null, m.outstanding, m.overdue, m.sales, m.collected,
      (select sum(d.sales_minor) from portfolios.ledger_day d where d.currency = s.currency and d.day > m.last_day - 90 and d.day <= m.last_day)
    from ${asked(list)} cross join lateral (
      select first_day, least((first_day + interval '1 month' - interval '1 day')::date, s.as_of) as last_day, sales, collected,
        sum(outstanding) over (order by first_day) as outstanding, sum(overdue) over (order by first_day) as overdue
      from generate_series(date_trunc('month', s.as_of::timestamp) - make_interval(months => (k.numbers::int[])[1]), date_trunc('month', s.as_of::timestamp), interval '1 month') as month (first_day)
      left join (
        select greatest(date_trunc('month', d.day::timestamp), date_trunc('month', s.as_of::timestamp) - make_interval(months => (k.numbers::int[])[1])) as first_day,
          sum(d.open_minor) as outstanding, sum(d.overdue_minor) as overdue, sum(d.sales_minor) as sales, sum(d.collected_minor) as collected
        from portfolios.ledger_day d where d.currency = s.currency and d.day <= s.as_of group by 1
      ) of_month using (first_day)
    ) m where m.first_day > date_trunc('month', s.as_of::timestamp) - make_interval(months => (k.numbers::int[])[1])`,

  ...BREAKDOWN_FIGURES,
} as const;

import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { EventData } from '../../../src/events/catalogue.js';
import { METRICS, type Metric } from '../../../src/values/metric.js';
import { record } from '../../../src/events/record.js';
import { readTelling } from './read-matching-keys.js';

/** As many contributions as one event holds. */
const BATCH = 500;

type Contribution = EventData<'contribution.closed'>['contributions'][number];

/** What is to be counted anew. */
export interface FiguresScope {
  /** Blind keys; all of the firm's when not named. */
  readonly subjects: readonly string[] | undefined;
  /** First day of the first and of the last month. */
  readonly from: Temporal.PlainDate;
  readonly to: Temporal.PlainDate;
}

/**
 * Counts the firm's figures for each blind key over the three months that end with each month in scope, and tells
 * community those that changed (DISCLOSURE.md, "One contribution"; INDICATORS.md, "Lateness"):
 *
 * - DSO = open at the window's end ÷ invoiced in the window × the window's days,
 * - DAYS_BEYOND_TERMS = Σ amount × (settled on − due date) ÷ Σ amount of the invoices settled in the window,
 * - LATE_SHARE = number settled after the due date ÷ number settled in the window,
 * - PAYMENT_TERMS = Σ amount × (due date − issue date) ÷ Σ amount of the invoices issued in the window.
 *
 * Credit notes and cancelled invoices do not count. Amounts of two currencies cannot be added: shares of amount are taken
 * within each currency, and currencies combined by the number of invoices that the figure is about, so one currency gives
 * the formula exactly. A metric without consent is neither kept nor told; what can no longer be told is told as empty.
 */
export async function tellFigures(em: EntityManager, firmId: string, matchingKey: Buffer, metrics: readonly Metric[], scope: FiguresScope): Promise<void> {
  const { rows } = await sql<Contribution & { month: string }>`
    with period as (
      select month::date as month, (month - interval '2 months')::date as first_day, (month + interval '1 month' - interval '1 day')::date as last_day
      from generate_series(${String(scope.from)}::date, ${String(scope.to)}::date, interval '1 month') as month
    ), item as materialized (
      select k.subject, i.id, i.currency, i.amount_minor::numeric as amount, i.issue_date, i.due_date, i.settled_on
      from portfolios.invoice i join portfolios.contribution_key k on k.customer_id = i.customer_id
      where ${inScope('k.subject', scope)} and k.subject is not null and i.kind = 'INVOICE' and not i.cancelled
        and i.issue_date <= (select max(last_day) from period)
        and (i.settled_on is null or greatest(i.settled_on, i.issue_date) >= (select min(first_day) from period))
    ), issued_in as (
      -- By calendar month first: a window is three of them, and there are far fewer months than invoices.
      select subject, currency, ${monthOf('issue_date')} as month, count(*) as number, sum(amount) as amount, sum(amount * (due_date - issue_date)) as days
      from item group by 1, 2, 3
    ), settled_in as (
      select subject, currency, ${monthOf('greatest(settled_on, issue_date)')} as month, count(*) as number, sum(amount) as amount, sum(amount * (settled_on - due_date)) as days,
        count(*) filter (where settled_on > due_date) as late
      from item where settled_on is not null group by 1, 2, 3
    ), applied_in as (
      -- Paid before it was issued, an invoice counts as paid from that day on: before it nothing was open.
      select subject, currency, ${monthOf('greatest(applied_on, issue_date)')} as month, sum(a.amount_minor) as amount
      from item join portfolios.application a on a.invoice_id = item.id group by 1, 2, 3
    ), issued as (
      select subject, p.month, currency, sum(number) as number, sum(amount) as amount, sum(days) as days
      from issued_in i join period p on i.month between p.first_day and p.month group by 1, 2, 3
    ), settled as (
      select subject, p.month, currency, sum(number) as number, sum(amount) as amount, sum(days) as days, sum(late) as late
      from settled_in s join period p on s.month between p.first_day and p.month group by 1, 2, 3
    ), outstanding as (
      select subject, month, currency, sum(sum(amount)) over (partition by subject, currency order by month) as amount
      from (
        select subject, month, currency, amount from issued_in
        union all select subject, month, currency, -amount from applied_in
        union all select subject, month, currency, 0 from issued
      ) as movement group by 1, 2, 3
    ), of_issued as (
      select subject, month, sum(i.number) as number,
        sum(o.amount * (last_day - first_day + 1) * i.number / i.amount) / sum(i.number) as dso,
        sum(i.days * i.number / i.amount) / sum(i.number) as terms
      from issued i join period using (month) join outstanding o using (subject, month, currency) group by 1, 2
    ), of_settled as (
      select subject, month, sum(days * number / amount) / sum(number) as beyond_terms, sum(late) / sum(number) as late_share
      from settled group by 1, 2
    ), figure as (
      select subject, month, coalesce(number, 0) >= 3 as evidenced, jsonb_strip_nulls(jsonb_build_object(
        'DSO', dso::float8,
        'DAYS_BEYOND_TERMS', beyond_terms::float8,
        'LATE_SHARE', late_share::float8,
        'PAYMENT_TERMS', terms::float8
      )) - ${METRICS.filter((metric) => !metrics.includes(metric))}::text[] as figures
      from of_issued full join of_settled using (subject, month)
    ), told as (
      select subject, month from portfolios.contribution where ${inScope('subject', scope)} and month in (select month from period)
    )
    insert into portfolios.contribution (subject, month, evidenced, figures)
    select subject, month, coalesce(evidenced, false), coalesce(figures, '{}')
    from (select * from figure where figures <> '{}') as figure full join told using (subject, month)
    on conflict (firm_id, subject, month) do update set evidenced = excluded.evidenced, figures = excluded.figures, revision = contribution.revision + 1
    where (contribution.evidenced, contribution.figures) is distinct from (excluded.evidenced, excluded.figures)
    returning subject, to_char(month, 'YYYY-MM') as month, evidenced, figures, revision::int as revision
  `.execute(em.getKysely<unknown>());
  if (rows.length === 0) return;
  const { exchange, keysOf } = await readTelling(em, matchingKey);
  for (const [month, ofMonth] of Map.groupBy(rows, (row) => row.month)) {
    for (let start = 0; start < ofMonth.length; start += BATCH) {
      const contributions = ofMonth.slice(start, start + BATCH).map(({ subject, evidenced, figures, revision }) => ({ ...keysOf(subject), evidenced, figures, revision }));
      await record(em, firmId, 'contribution.closed', { month, exchange, contributions });
    }
  }
}

function inScope(column: string, { subjects }: FiguresScope) {
  return subjects ? sql`${sql.ref(column)} = any(${[...subjects]}::text[])` : sql`true`;
}

/** The first day of the month of a day. */
function monthOf(day: string) {
  return sql.raw(`date_trunc('month', (${day})::timestamp)::date`);
}

import { sql, type RawBuilder } from 'kysely';
import { openMinorOn } from '../forecast/read-open-invoice.js';
import type { AskList } from './read-figures.js';

/** What is asked, with its scope `s`. */
function asked({ asks, scopes, after, numbers }: AskList): RawBuilder<unknown> {
  // Numbers are read here, once an ask: further up they would be read for every invoice.
  return sql`(
    select ask, scope, after, numbers::int[] as numbers from unnest(${[...asks]}::int[], ${[...scopes]}::int[], ${[...after]}::date[], ${[...numbers]}::text[]) as given (ask, scope, after, numbers) offset 0
  ) k join scope s on s.place = k.scope`;
}

/** Rows of the customer of scope `s`, in its currency. */
const OWN = (alias: RawBuilder<unknown>): RawBuilder<unknown> => sql`${alias}.customer_id = s.customer_id and ${alias}.currency = s.currency`;
const INVOICE = sql`i.kind = 'INVOICE' and not i.cancelled`;

/**
 * The figures of customers, from their own rows: a customer has few, and a page has few customers. Columns as in
 * `PORTFOLIO_FIGURES`. What was applied up to a day is what is applied now less what came later, so that of a ledger's past
 * almost nothing is read.
 */
export const CUSTOMER_FIGURES = {
  open: (list: AskList) => sql`
    select k.ask, null, null, width_bucket(s.as_of - o.due_date, k.numbers), sum(o.left_minor + coalesce(later.minor, 0)), count(*), null, null
    from ${asked(list)} cross join lateral (
      select i.id, i.due_date, i.applied_minor, i.amount_minor - i.applied_minor as left_minor from portfolios.invoice i
      where ${OWN(sql`i`)} and i.settled_on is null and ${INVOICE} and i.issue_date <= s.as_of
      union all
      select i.id, i.due_date, i.applied_minor, i.amount_minor - i.applied_minor from portfolios.invoice i
      where ${OWN(sql`i`)} and i.settled_on > s.as_of and ${INVOICE} and i.issue_date <= s.as_of
    ) o left join lateral (
      select sum(a.amount_minor) as minor from portfolios.application a where o.applied_minor > 0 and a.invoice_id = o.id and a.applied_on > s.as_of
    ) later on true
    group by 1, 4`,

  unapplied: (list: AskList) => sql`
    select k.ask, null, null, sum(u.minor), null, null, null, null
    from ${asked(list)} cross join lateral (
      select r.amount_minor - r.applied_minor + coalesce(later.minor, 0) as minor
      from portfolios.receipt r left join lateral (
        select sum(a.amount_minor) as minor from portfolios.application a where r.applied_minor > 0 and a.receipt_id = r.id and a.applied_on > s.as_of
      ) later on true
      where ${OWN(sql`r`)} and r.received_on <= s.as_of
      union all
      select i.amount_minor - i.applied_minor + coalesce(taken.minor, 0) + coalesce(stated.minor, 0)
      from portfolios.invoice i left join lateral (
        select sum(a.amount_minor) as minor from portfolios.application a where i.applied_minor > 0 and a.credit_note_id = i.id and a.applied_on > s.as_of
      ) taken on true left join lateral (
        select sum(a.amount_minor) as minor from portfolios.application a where i.applied_minor > 0 and a.invoice_id = i.id and a.applied_on > s.as_of
      ) stated on true
      where ${OWN(sql`i`)} and i.kind = 'CREDIT_NOTE' and not i.cancelled and i.issue_date <= s.as_of
    ) u group by 1`,

  // Nothing is due before it is issued: by its due date what was issued in the window is found through an index.
  sales: (list: AskList) => sql`
    select k.ask, null, null, sum(case i.kind when 'INVOICE' then i.amount_minor else -i.amount_minor end), null, null, null, null
    from ${asked(list)} join portfolios.invoice i on ${OWN(sql`i`)} and not i.cancelled and i.due_date > k.after and i.issue_date > k.after and i.issue_date <= s.as_of group by 1`,

  months: (list: AskList) => sql`
    select k.ask, date_trunc('month', i.issue_date)::date::text, null, sum(case i.kind when 'INVOICE' then i.amount_minor else -i.amount_minor end), null, null, null, null
    from ${asked(list)} join portfolios.invoice i on ${OWN(sql`i`)} and not i.cancelled and i.issue_date <= s.as_of group by 1, 2`,

  settled: (list: AskList) => sql`
    select k.ask, null, null, count(*), count(*) filter (where i.settled_on > i.due_date), sum(i.amount_minor), sum(i.amount_minor::numeric * (i.settled_on - i.due_date)), null
    from ${asked(list)} join portfolios.invoice i on ${OWN(sql`i`)} and ${INVOICE} and i.settled_on > k.after and i.settled_on <= s.as_of group by 1`,

  disputed: (list: AskList) => sql`
    select k.ask, null, null, sum(${openMinorOn(sql`s.as_of`)}), null, null, null, null
    from ${asked(list)} join portfolios.dispute d on d.customer_id = s.customer_id and d.currency = s.currency and d.opened_on <= s.as_of and (d.resolved_on is null or d.resolved_on > s.as_of)
      join portfolios.invoice i on i.id = d.invoice_id and i.issue_date <= s.as_of group by 1`,
} as const;

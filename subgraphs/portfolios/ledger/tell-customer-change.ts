import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import { BROKEN_PER_CUSTOMER, CUSTOMERS_PER_EVENT } from '../../../src/events/catalogue.js';
import { recordEach } from '../../../src/events/record.js';
import { openMinorOn } from '../forecast/read-open-invoice.js';

/** The hint that customers are to be told of again. */
export const CUSTOMERS_DUE = 'customers-due';
/** For how long a broken promise is told. */
const MONTHS_OF_PROMISES = 24;

/** Tells scoring how this customer stands now, in the caller's transaction, as its last step: what is told of a customer is locked after everything else. */
export async function tellCustomerChange(em: EntityManager, firmId: string, today: Temporal.PlainDate, customerId: string): Promise<void> {
  await tellCustomerChanges(em, firmId, today, sql`select ${customerId}::uuid as customer_id`);
}

/**
 * The same for a set that may be tens of thousands: `changed` selects a `customer_id`. Whoever stands as it was last told is not
 * told again. The revision grows with every look, under a lock, and what is told was read after it: the highest is the truth.
 */
export async function tellCustomerChanges(em: EntityManager, firmId: string, today: Temporal.PlainDate, changed: RawBuilder<unknown>): Promise<void> {
  const db = em.getKysely<unknown>();
  // A statement of its own, and in the order of their ids: who waits here for another one then sees what that one wrote.
  await sql`
    insert into portfolios.customer_told (customer_id) select distinct customer_id from (${changed}) c order by customer_id
    on conflict (firm_id, customer_id) do update set revision = customer_told.revision + 1
  `.execute(db);
  const { rows } = await sql<{ id: string; differs: boolean }>`
    with asked as materialized (select distinct customer_id from (${changed}) c), ${standings(today)}
    update portfolios.customer_told t set facts = s.facts, due_on = s.due_on
    from (select standing.*, k.facts as told from standing join portfolios.customer_told k using (customer_id)) s
    where t.customer_id = s.customer_id and (t.facts is distinct from s.facts or t.due_on is distinct from s.due_on)
    returning t.customer_id as id, s.told is distinct from s.facts as differs
  `.execute(db);
  const ids = rows.filter(({ differs }) => differs).map(({ id }) => id);
  if (ids.length === 0) return;
  await recordEach(em, firmId, 'customers.changed', sql`
    select jsonb_build_object(
      'customerIds', jsonb_agg(customer_id), 'countries', jsonb_agg(facts -> 'country'), 'sectors', jsonb_agg(facts -> 'sector'), 'limitCurrencies', jsonb_agg(facts -> 'limitCurrency'),
      'limitsMinor', jsonb_agg(facts -> 'limitMinor'), 'reservedMinor', jsonb_agg(facts -> 'reservedMinor'), 'openDisputes', jsonb_agg(facts -> 'openDisputes'),
      'brokenOn', jsonb_agg(facts -> 'brokenOn'), 'revisions', jsonb_agg(revision)
    ) as data
    from (
      select t.*, (row_number() over (order by customer_id) - 1) / ${sql.lit(CUSTOMERS_PER_EVENT)} as batch from portfolios.customer_told t where t.customer_id = any(${ids}::uuid[])
    ) batched group by batch
  `);
}

/** Parts of a `with`, of which `standing` is what is told of each customer of `asked`, and the next day on which time alone changes it. */
function standings(today: Temporal.PlainDate): RawBuilder<unknown> {
  const day = sql`${today.toString()}::date`;
  return sql`
    reserved as (
      select o.customer_id, o.currency, sum(o.amount_minor) as minor from portfolios.order_exposure o
      where o.released_at is null and o.customer_id in (select customer_id from asked) group by 1, 2
    ), disputed as (
      select d.customer_id, count(*)::int as count from portfolios.dispute d
      where d.resolved_on is null and d.customer_id in (select customer_id from asked) group by 1
    ), promised as (
      -- Those that are not kept as things are: broken from the day after the promised one (disputes/promise-status.ts).
      select p.customer_id, p.promised_on + 1 as breaks_on
      from portfolios.payment_promise p
      join portfolios.payment_promise_invoice n on n.promise_id = p.id
      join portfolios.invoice i on i.id = n.invoice_id
      where p.customer_id in (select customer_id from asked) and p.promised_on >= ${today.subtract({ months: MONTHS_OF_PROMISES }).toString()}::date
        and (p.replaced_on is null or p.replaced_on > ${day})
      group by p.id having sum(${openMinorOn(sql`least(p.promised_on, ${day})`)}) > p.left_minor
    ), broken as (
      select customer_id, (array_agg(breaks_on order by breaks_on desc) filter (where breaks_on <= ${day}))[1:${sql.lit(BROKEN_PER_CUSTOMER)}] as days,
        min(breaks_on) filter (where breaks_on > ${day}) as next_day
      from promised group by 1
    ), standing as (
      select c.id as customer_id, broken.next_day as due_on, jsonb_build_object(
        'country', c.country, 'sector', c.sector, 'limitCurrency', c.credit_limit_currency, 'limitMinor', c.credit_limit_minor::text,
        'reservedMinor', coalesce(reserved.minor, 0)::text, 'openDisputes', coalesce(disputed.count, 0), 'brokenOn', coalesce(to_jsonb(broken.days), '[]')
      ) as facts
      from portfolios.customer c
      left join reserved on reserved.customer_id = c.id and reserved.currency = c.credit_limit_currency
      left join disputed on disputed.customer_id = c.id
      left join broken on broken.customer_id = c.id
      where c.id in (select customer_id from asked)
    )
  `;
}

/**
 * Marks customers that have promised something: whether they kept it may have changed with their invoices. `changed` selects a
 * `customer_id`. Appended and never looked up: nobody waits for anybody, and a run that is just telling keeps none of it from
 * being told after.
 */
export async function markCustomersDue(em: EntityManager, changed: RawBuilder<unknown>): Promise<void> {
  // Without a promise of anybody `changed`, which may be a million invoices, is not even read.
  const { rows } = await sql<{ any: boolean }>`
    with marked as (
      insert into portfolios.customer_due (customer_id)
      select distinct c.customer_id from (${changed}) c
      where (select exists (select from portfolios.payment_promise)) and exists (select from portfolios.payment_promise p where p.customer_id = c.customer_id)
      returning customer_id
    ) select exists (select from marked) as any
  `.execute(em.getKysely<unknown>());
  if (rows[0]!.any) afterCommit(em, (hints) => hints.publish(CUSTOMERS_DUE));
}

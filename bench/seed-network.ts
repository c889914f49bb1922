import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { Epoch } from '../subgraphs/community/benchmark/epoch.js';

/** The blind key that a seeded customer is told by. */
export function seededKey(subject: string): string {
  return createHash('sha256').update(subject).digest('hex');
}

/** A network in which every firm has every customer, and invoiced it `invoicesEach` times in the window of an epoch. */
export interface SeededNetwork {
  readonly firms: number;
  readonly customers: number;
  readonly invoicesEach: number;
}

/** The one statement that the closing of an epoch is held against: each firm's figures for each customer from its raw invoices, and their plain means. */
export const PLAIN_MEANS = `
  select key.subject, avg(dso) as "DSO", avg(beyond_terms) as "DAYS_BEYOND_TERMS", avg(late_share) as "LATE_SHARE"
  from (select firm_id, customer_id, ${figuresOf('$1', '$2')} from bench.invoice
    where issue_date between $1::date and $2::date and kind = 'INVOICE' and not cancelled group by firm_id, customer_id) as figure
  join community.customer_key as key using (firm_id, customer_id)
  group by key.subject`;

function figuresOf(from: string, to: string): string {
  const settledIn = `filter (where settled_on between ${from}::date and ${to}::date)`;
  return `
    coalesce(sum(amount_minor) filter (where settled_on is null or settled_on > ${to}::date), 0)::float8 * (${to}::date - ${from}::date + 1) / sum(amount_minor)::float8 as dso,
    sum(amount_minor * (settled_on - due_date)) ${settledIn}::float8 / (sum(amount_minor) ${settledIn})::float8 as beyond_terms,
    (count(*) filter (where settled_on > due_date and settled_on <= ${to}::date))::float8 / nullif(count(*) ${settledIn}, 0) as late_share`;
}

/**
 * Writes a network as the owner of the database: members of two years' standing, their customers, raw invoices of an
 * epoch's window in a table with the columns of the ledger's, and what the members told of them.
 */
export async function seedNetwork(owner: Client, { firms, customers, invoicesEach }: SeededNetwork, epoch: Epoch): Promise<void> {
  const days = epoch.periodStart.until(epoch.periodEnd).days;
  const window = [String(epoch.periodStart), String(epoch.periodEnd)];
  await owner.query('create schema if not exists bench');
  await owner.query(`insert into community.membership (firm_id, verified, joined_at, metrics)
    select gen_random_uuid(), true, $2::date - interval '2 years', '{DSO,DAYS_BEYOND_TERMS,LATE_SHARE,PAYMENT_TERMS}' from generate_series(1, $1::int)`, [firms, window[0]]);
  await owner.query(`insert into community.customer_key (firm_id, customer_id, subject, revision)
    select firm_id, gen_random_uuid(), subject, 1 from community.membership cross join (select gen_random_uuid()::text as subject from generate_series(1, $1::int)) as customer`, [customers]);
  await owner.query(`insert into community.subject_key (blind_key, subject) select encode(sha256(subject::bytea), 'hex'), subject from (select distinct subject from community.customer_key) as customer`);
  await owner.query('create table bench.invoice (like portfolios.invoice)');
  // Each customer has a habit of its own, each firm its luck with it: figures that lie around something, as real ones do.
  await owner.query(
    `insert into bench.invoice (id, firm_id, customer_id, number, kind, issue_date, due_date, due_date_assumed, currency, amount_minor, applied_minor, settled_on, cancelled, revision)
     select gen_random_uuid(), firm_id, customer_id, 'F' || n, 'INVOICE', issued, issued + 30, false, 'EUR', minor, minor, issued + 10 + abs(hashtext(subject)) % 30 + (random() * 25)::int, false, 1
     from community.customer_key cross join generate_series(1, $1::int) as n
     cross join lateral (select $2::date + (random() * $3)::int + n * 0 as issued, 1000 + (random() * 900000)::int + n * 0 as minor) as made`,
    [invoicesEach, window[0], days]);
  await tellNetwork(owner, epoch);
}

/** What every member tells of the epoch's window: its figures from the raw invoices. */
async function tellNetwork(owner: Client, epoch: Epoch): Promise<void> {
  const [from, to] = [`'${String(epoch.periodStart)}'`, `'${String(epoch.periodEnd)}'`];
  await owner.query(`
    insert into community.contribution (subject, firm_id, month, dso, days_beyond_terms, late_share, payment_terms, evidenced, revision)
    select key.subject, firm_id, '${String(epoch.periodEnd).slice(0, 7)}', dso, beyond_terms, late_share, 30, true, 1
    from (select firm_id, customer_id, ${figuresOf(from, to)} from bench.invoice group by firm_id, customer_id) as told
    join community.customer_key as key using (firm_id, customer_id)
    order by firm_id`);
}

/**
 * Gives a network a past: what the last `months` epochs before this one took and published, made from what its members told
 * of this one, a little of it moved. Without it, the first closing has nothing to compare with and costs less than all others.
 */
export async function seedPast(owner: Client, epoch: Epoch, months: number): Promise<void> {
  const month = String(epoch.periodEnd).slice(0, 7);
  for (let back = months; back > 0; back -= 1) {
    const end = epoch.periodEnd.with({ day: 1 }).subtract({ months: back - 1 }).subtract({ days: 1 });
    const { rows: [made] } = await owner.query<{ id: string }>(
      `insert into community.epoch (family, period_start, period_end, published_on, policy_version) values ($1, $2, $3, $4, 1) returning id`,
      [epoch.family, String(end.with({ day: 1 }).subtract({ months: 2 })), String(end), String(end.add({ days: 30 }))]);
    await owner.query(
      `insert into community.intake (subject, metric, epoch_id, firm_ids, panel_size, figures, inputs)
       select subject, metric, $1, array_agg(firm_id), count(*), array_agg(figure), array_agg(case metric when 'LATE_SHARE' then figure else least(greatest(figure + (random() - 0.5) * 8, 0), 150) end)
       from (
         select subject, metric, firm_id, figure from community.contribution
         cross join lateral (values ('DSO', dso), ('DAYS_BEYOND_TERMS', days_beyond_terms), ('LATE_SHARE', late_share)) as each (metric, figure)
         where month = $2 and figure is not null order by subject, metric, firm_id
       ) as told group by subject, metric`, [made!.id, month]);
    await owner.query(
      `insert into community.cell (subject, metric, epoch_id, tier, value, rounded_to, policy_version) select subject, metric, epoch_id, 'T3', 50, 5, 1 from community.intake where epoch_id = $1`, [made!.id]);
    await owner.query(
      `insert into community.panel (subject, metric, quarter, members, withheld) select subject, metric, to_char($2::date, 'YYYY-"Q"Q'), firm_ids, false from community.intake where epoch_id = $1
       on conflict do nothing`, [made!.id, String(end)]);
  }
}

/** Takes one closing back, as only a superuser can, so that it can be done again. */
export async function reopenEpoch(owner: Client, epoch: Epoch): Promise<void> {
  await owner.query('set session_replication_role = replica');
  const { rows: [closed] } = await owner.query<{ id: string }>('select id from community.epoch where family = $1 and period_end = $2', [epoch.family, String(epoch.periodEnd)]);
  for (const table of ['cell', 'intake', 'release']) await owner.query(`delete from community.${table} where epoch_id = $1`, [closed!.id]);
  await owner.query('delete from community.epoch where id = $1', [closed!.id]);
  await owner.query(`delete from community.panel where quarter = to_char($1::date, 'YYYY-"Q"Q') and not exists (
    select from community.intake join community.epoch on epoch.id = epoch_id where to_char(period_end, 'YYYY-"Q"Q') = quarter)`, [String(epoch.periodEnd)]);
  await owner.query('set session_replication_role = default');
  await owner.query('vacuum community.cell, community.intake, community.panel');
}

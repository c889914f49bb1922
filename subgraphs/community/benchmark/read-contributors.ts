import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Metric } from '../../../src/values/metric.js';
import { monthOf } from '../../../src/values/day.js';
import type { Admitted, EarlierInput, Release } from './decide-cell.js';
import type { Epoch } from './epoch.js';
import { unpackIds, unpackNumbers } from './packed.js';
import { metricsOf, type DisclosurePolicy } from './policy.js';
import { toCell, type CellRow } from './read-cell.js';

/** What is known of one customer when an epoch closes: which members have it, and what they told of the window. */
export interface ToldSubject {
  readonly subject: string;
  /** Ids of contributors that have the customer and do not keep it out. */
  readonly firmIds: readonly string[];
  readonly figures: ReadonlyMap<Metric, ReadonlyMap<string, number>>;
}

export interface PanelRow {
  readonly subject: string;
  readonly metric: Metric;
  readonly quarter: string;
  readonly members: readonly string[];
  readonly withheld: boolean;
}

/** What earlier epochs took and published of one cell. */
export interface Past {
  readonly subject: string;
  readonly metric: Metric;
  /** As far back as a figure may stand in or a direction looks, the latest last. */
  readonly earlier: readonly EarlierInput[];
  /** The last ones that the release gate looks back on, the latest last. */
  readonly published: readonly Release[];
}

/** Texts of ids, each made once, by their bytes. */
export type KnownIds = Map<string, string>;

/**
 * Who counts, on the day of publication: verified, and a member long enough. Their memberships stay locked until the epoch
 * is out, so whoever leaves, changes its metrics or keeps a customer out is either not in it or waits until it is out.
 */
export async function lockContributors(em: EntityManager, epoch: Epoch, policy: DisclosurePolicy): Promise<ReadonlyMap<string, Admitted>> {
  const { rows } = await sql<Admitted & { readonly group: string | null }>`
    select membership.firm_id as "firmId", metrics, (joined_at at time zone 'UTC')::date::text as "joinedOn", group_mark as "group"
    from community.membership left join community.firm_group on firm_group.firm_id = membership.firm_id
    where verified and joined_at is not null and (joined_at at time zone 'UTC')::date + ${policy.tenureDays}::int <= ${String(epoch.publishedOn)}::date
    order by membership.firm_id
    for share of membership
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map(({ group, ...firm }) => [firm.firmId, group === null ? firm : { ...firm, group }]));
}

interface ToldRow extends Readonly<Record<`firms_${number}` | `figures_${number}`, Buffer | null>> {
  readonly subject: string;
  readonly holders: Buffer | null;
}

/**
 * The customers of which somebody told an evidenced figure for the epoch, in the order of their keys, so many at once. All
 * of it is as it was when the first were read, however long it takes, and memory stays flat.
 */
export async function* readToldSubjects(em: EntityManager, epoch: Epoch, contributors: readonly string[], known: KnownIds, count: number): AsyncGenerator<readonly ToldSubject[]> {
  const db = em.getKysely<unknown>();
  const metrics = metricsOf(epoch.family);
  const columns = metrics.map((metric, place) => sql`
    array_send(array_agg(firm_id) filter (where metric = ${metric})) as ${sql.ref(`firms_${place}`)},
    array_send(array_agg(figure) filter (where metric = ${metric})) as ${sql.ref(`figures_${place}`)}`);
  await sql`
    declare told no scroll cursor for
    select told.*, holder.holders
    from (
      select subject, ${sql.join(columns)} from community.contribution
      where month = ${monthOf(epoch.periodEnd)} and metric = any(${[...metrics]}::text[]) and evidenced and figure is not null
      group by subject
    ) as told
    left join (
      -- One firm may have one customer under several ids; kept out under one of them, it is kept out.
      select subject, array_send(array_agg(distinct firm_id)) as holders from community.customer_key as key
      where subject is not null and firm_id = any(${[...contributors]}::uuid[])
        and not exists (
          select from community.sharing_exclusion as kept_out
          join community.customer_key as other on other.firm_id = kept_out.firm_id and other.customer_id = kept_out.customer_id
          where kept_out.firm_id = key.firm_id and other.subject = key.subject
        )
      group by subject
    ) as holder using (subject)
    order by told.subject
  `.execute(db);
  const fetch = sql<ToldRow>`fetch ${sql.lit(count)} from told`;
  // The next ones are on their way while these are decided.
  for (let next = fetch.execute(db); ; ) {
    const { rows } = await next;
    if (rows.length === 0) break;
    next = fetch.execute(db);
    yield rows.map((row) => toToldSubject(row, metrics, known));
  }
  await sql`close told`.execute(db);
}

function toToldSubject(row: ToldRow, metrics: readonly Metric[], known: KnownIds): ToldSubject {
  const figures = new Map<Metric, ReadonlyMap<string, number>>();
  for (const [place, metric] of metrics.entries()) {
    const [firms, numbers] = [row[`firms_${place}`], row[`figures_${place}`]];
    if (!firms || !numbers) continue;
    const unpacked = unpackNumbers(numbers);
    figures.set(metric, new Map(unpackIds(firms, known).map((firmId, index) => [firmId, unpacked[index]!])));
  }
  return { subject: row.subject, firmIds: row.holders ? unpackIds(row.holders, known) : [], figures };
}

/** The last panel of each cell up to `quarter`. */
export async function readPanels(em: EntityManager, epoch: Epoch, subjects: readonly string[], quarter: string, known: KnownIds): Promise<readonly PanelRow[]> {
  const { rows } = await sql<Omit<PanelRow, 'members'> & { readonly members: Buffer }>`
    select distinct on (subject, metric) subject, metric, quarter, array_send(members) as members, withheld from community.panel
    where subject = any(${[...subjects]}::text[]) and metric = any(${[...metricsOf(epoch.family)]}::text[]) and quarter <= ${quarter}
    order by subject, metric, quarter desc
  `.execute(em.getKysely<unknown>());
  return rows.map((row) => ({ ...row, members: unpackIds(row.members, known) }));
}

type PastRow = CellRow & { readonly subject: string; readonly metric: Metric; readonly month: string; readonly firms: Buffer; readonly inputs: Buffer; readonly stoodIn: readonly number[]; readonly panelSize: number };

/** What earlier epochs took and published of each cell; all of it for the customers in `gated`, for the others the last few months. */
export async function readPast(em: EntityManager, epoch: Epoch, subjects: readonly string[], gated: readonly string[], policy: DisclosurePolicy, known: KnownIds): Promise<readonly Past[]> {
  const from = monthOf(epoch.periodEnd.with({ day: 1 }).subtract({ months: Math.max(policy.carryMonths, policy.direction.months) }));
  const { rows } = await sql<PastRow>`
    select taken.subject, taken.metric, to_char(epoch.period_end, 'YYYY-MM') as month, array_send(taken.firm_ids) as firms, array_send(taken.inputs) as inputs,
      array_positions(taken.figures, null) as "stoodIn", taken.panel_size as "panelSize",
      cell.tier, cell.band_from, cell.band_to, cell.value, cell.rounded_to, cell.direction, cell.lower_quartile, cell.upper_quartile
    from community.intake as taken join community.epoch on epoch.id = taken.epoch_id
    left join community.cell on cell.subject = taken.subject and cell.metric = taken.metric and cell.epoch_id = taken.epoch_id
    where taken.subject = any(${[...subjects]}::text[]) and taken.metric = any(${[...metricsOf(epoch.family)]}::text[])
      and epoch.family = ${epoch.family} and epoch.period_end < ${String(epoch.periodEnd)}::date
      and (to_char(epoch.period_end, 'YYYY-MM') >= ${from} or (cell.subject is not null and taken.subject = any(${[...gated]}::text[])))
    order by epoch.period_end
  `.execute(em.getKysely<unknown>());
  const isGated = new Set(gated);
  return [...Map.groupBy(rows, ({ subject, metric }) => `${metric} ${subject}`).values()].map((past) => {
    const { subject, metric } = past[0]!;
    const earlier: EarlierInput[] = [];
    const published: Release[] = [];
    const toPublish = isGated.has(subject) ? past.filter(({ tier }) => tier !== null).slice(-policy.gate.epochs) : [];
    for (const row of past) {
      const { month, panelSize } = row;
      const numbers = unpackNumbers(row.inputs);
      const stoodIn = new Set(row.stoodIn);
      const inputs = unpackIds(row.firms, known).map((firmId, index) => ({ firmId, input: numbers[index]!, month, told: !stoodIn.has(index + 1) }));
      if (month >= from) earlier.push(...inputs);
      if (toPublish.includes(row)) published.push({ month, cell: toCell(row), inputs: inputs.slice(0, panelSize) });
    }
    return { subject, metric, earlier, published };
  });
}

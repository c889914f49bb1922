import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Metric } from '../../../src/values/metric.js';
import { monthOf } from '../../../src/values/day.js';
import type { Admitted, ByFirm, EarlierIntake, Release } from './decide-cell.js';
import type { Epoch } from './epoch.js';
import { NumbersByFirm, readNumbers, type IdList, type IdReader } from './packed.js';
import { metricsOf, type DisclosurePolicy } from './policy.js';
import { toCell, type CellRow } from './read-cell.js';

/** What is known of one customer when an epoch closes: which members have it, and what they told of the window. */
export interface ToldSubject {
  readonly subject: string;
  /** Ids of contributors that have the customer and do not keep it out. */
  readonly firmIds: readonly string[];
  readonly figures: ReadonlyMap<Metric, ByFirm>;
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
  readonly intakes: readonly EarlierIntake[];
  /** The last ones that the release gate looks back on, the latest last. */
  readonly published: readonly Release[];
}

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

/** The next customers, as many as asked for; none when there are no more. */
export type FetchTold = (count: number) => Promise<readonly ToldSubject[]>;

/**
 * The customers of which somebody told an evidenced figure for the epoch, in the order of their keys. All of it is as it
 * was when this was called, however long it takes, and memory stays flat.
 */
export async function readTold(em: EntityManager, epoch: Epoch, contributors: readonly string[], ids: IdReader): Promise<FetchTold> {
  const db = em.getKysely<unknown>();
  const metrics = metricsOf(epoch.family);
  const firms = (place: number) => sql.ref(`firms_${place}`);
  const figures = (place: number) => sql.ref(`figures_${place}`);
  const made = metrics.map((metric, place) => sql`
    array_agg(firm_id) filter (where metric = ${metric}) as ${firms(place)}, array_agg(figure) filter (where metric = ${metric}) as ${figures(place)}`);
  // Of most customers the same firms tell every metric: they are sent once.
  const sent = metrics.map((_, place) => sql`
    array_send(case when ${place} = 0 or ${firms(place)} is distinct from ${firms(0)} then ${firms(place)} end) as ${firms(place)},
    array_send(${figures(place)}) as ${figures(place)}`);
  await sql`
    declare told no scroll cursor for
    select told.subject, holder.holders, ${sql.join(sent)}
    from (
      select subject, ${sql.join(made)} from community.contribution
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
  return async (count) => {
    const { rows } = await sql<ToldRow>`fetch ${sql.lit(count)} from told`.execute(db);
    return rows.map((row) => toToldSubject(row, metrics, ids));
  };
}

function toToldSubject(row: ToldRow, metrics: readonly Metric[], ids: IdReader): ToldSubject {
  const figures = new Map<Metric, ByFirm>();
  for (const [place, metric] of metrics.entries()) {
    const numbers = row[`figures_${place}`];
    if (numbers) figures.set(metric, new NumbersByFirm(ids.read((row[`firms_${place}`] ?? row.firms_0)!), readNumbers(numbers)));
  }
  return { subject: row.subject, firmIds: row.holders ? ids.read(row.holders).ids : [], figures };
}

/** The last panel of each cell up to `quarter`. */
export async function readPanels(em: EntityManager, epoch: Epoch, subjects: readonly string[], quarter: string, ids: IdReader): Promise<readonly PanelRow[]> {
  const { rows } = await sql<Omit<PanelRow, 'members'> & { readonly members: Buffer }>`
    select distinct on (subject, metric) subject, metric, quarter, array_send(members) as members, withheld from community.panel
    where subject = any(${[...subjects]}::text[]) and metric = any(${[...metricsOf(epoch.family)]}::text[]) and quarter <= ${quarter}
    order by subject, metric, quarter desc
  `.execute(em.getKysely<unknown>());
  return rows.map((row) => ({ ...row, members: ids.read(row.members).ids }));
}

type PastRow = CellRow & { readonly subject: string; readonly metric: Metric; readonly month: string; readonly firms: Buffer | null; readonly inputs: Buffer; readonly stoodIn: readonly number[]; readonly panelSize: number; readonly shiftedBy: number };

/**
 * What earlier epochs took and published of each cell; all of it for the customers in `gated`, for the others what counts of
 * the last few months: an epoch between the one that a direction looks at and the last one does not, when the last one
 * took a figure of each of the same firms.
 */
export async function readPast(em: EntityManager, epoch: Epoch, subjects: readonly string[], gated: readonly string[], policy: DisclosurePolicy, ids: IdReader): Promise<readonly Past[]> {
  const monthsBack = (months: number): string => monthOf(epoch.periodEnd.with({ day: 1 }).subtract({ months }));
  const oldest = monthsBack(Math.max(policy.carryMonths, policy.direction.months));
  const { rows } = await sql<PastRow>`
    select taken.subject, taken.metric, to_char(epoch.period_end, 'YYYY-MM') as month,
      array_send(case when taken.epoch_id = last.epoch_id or taken.firm_ids is distinct from last.firm_ids then taken.firm_ids end) as firms, array_send(taken.inputs) as inputs,
      array_positions(taken.figures, null) as "stoodIn", taken.panel_size as "panelSize", taken.shifted_by as "shiftedBy",
      cell.tier, cell.band_from, cell.band_to, cell.value, cell.rounded_to, cell.direction, cell.lower_quartile, cell.upper_quartile
    from community.intake as taken join community.epoch on epoch.id = taken.epoch_id
    left join community.cell on cell.subject = taken.subject and cell.metric = taken.metric and cell.epoch_id = taken.epoch_id
    left join community.intake as last on last.subject = taken.subject and last.metric = taken.metric
      and last.epoch_id = (select id from community.epoch where family = ${epoch.family} and period_end < ${String(epoch.periodEnd)}::date order by period_end desc limit 1)
    where taken.subject = any(${[...subjects]}::text[]) and taken.metric = any(${[...metricsOf(epoch.family)]}::text[])
      and epoch.family = ${epoch.family} and epoch.period_end < ${String(epoch.periodEnd)}::date
      and ((cell.subject is not null and taken.subject = any(${[...gated]}::text[]))
        or to_char(epoch.period_end, 'YYYY-MM') = ${monthsBack(policy.direction.months)}
        or (to_char(epoch.period_end, 'YYYY-MM') >= ${oldest}
          and (last.epoch_id is null or taken.epoch_id = last.epoch_id or taken.firm_ids is distinct from last.firm_ids or array_position(last.figures, null) is not null)))
    order by epoch.period_end
  `.execute(em.getKysely<unknown>());
  const isGated = new Set(gated);
  return [...Map.groupBy(rows, ({ subject, metric }) => `${metric} ${subject}`).values()].map((rowsOfCell) => {
    const { subject, metric } = rowsOfCell[0]!;
    const last = rowsOfCell.at(-1)!;
    const past = rowsOfCell.map((row) => ({ row, ...toIntake(row, ids.read((row.firms ?? last.firms)!)) }));
    const published = isGated.has(subject) ? past.filter(({ row }) => row.tier !== null).slice(-policy.gate.epochs) : [];
    return {
      subject,
      metric,
      intakes: past.filter(({ row }) => row.month >= oldest),
      published: published.map(({ row, month, inputs }) => ({
        month,
        cell: toCell(row),
        shiftedBy: row.shiftedBy,
        inputs: inputs.list.ids.slice(0, row.panelSize).map((firmId, place) => ({ firmId, input: inputs.numbers[place]! })),
      })),
    };
  });
}

function toIntake({ month, inputs, stoodIn }: PastRow, list: IdList): { readonly month: string; readonly inputs: NumbersByFirm; readonly stoodIn: ReadonlySet<string> } {
  return { month, inputs: new NumbersByFirm(list, readNumbers(inputs)), stoodIn: new Set(stoodIn.map((place) => list.ids[place - 1]!)) };
}

import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import type { Metric } from '../../../src/values/metric.js';
import { monthOf } from '../../../src/values/day.js';
import { columnOf, columnsOf, holdsFigure } from '../membership/contribution.table.js';
import type { Admitted, ByFirm, EarlierIntake, Release } from './decide-cell.js';
import type { Epoch } from './epoch.js';
import { NumbersByFirm, readNumbers, type IdList, type IdReader, type PackedRow } from './packed.js';
import { metricsOf, type DisclosurePolicy } from './policy.js';
import { toCell, type CellRow } from './read-cell.js';

/** Runs a select without values on a connection of its own: its rows in PostgreSQL's binary form, one after another. */
export type Stream = (select: RawBuilder<unknown>) => AsyncGenerator<PackedRow, void, undefined>;

/** What is known of one customer when an epoch closes: which members have it, and what they told of the window. */
export interface ToldSubject {
  readonly subject: string;
  /** The contributors that have the customer and do not keep it out. */
  readonly admitted: readonly Admitted[];
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

/**
 * The customers of which somebody told an evidenced figure for the epoch, in the order of their keys. All of it is as it
 * was when this was called, however long it takes, and memory stays flat: each part comes in the order of an index.
 */
export async function* readTold(stream: Stream, epoch: Epoch, contributors: ReadonlyMap<string, Admitted>, ids: IdReader): AsyncGenerator<ToldSubject, void, undefined> {
  const metrics = metricsOf(epoch.family);
  const rows = stream(sql`
    select told.*, holder.firms, kept_out.firms
    from (
      select subject, array_agg(firm_id), ${columnsOf(metrics, (metric) => sql`array_agg(${columnOf(metric)})`)}
      from community.contribution where month = ${sql.lit(monthOf(epoch.periodEnd))} and evidenced and ${holdsFigure('contribution', metrics)}
      group by subject
    ) as told
    left join (
      select subject, array_agg(distinct firm_id) as firms from community.customer_key where subject is not null group by subject
    ) as holder using (subject)
    left join (
      -- One firm may have one customer under several ids; kept out under one of them, it is kept out.
      select subject, array_agg(distinct firm_id) as firms
      from community.sharing_exclusion join community.customer_key using (firm_id, customer_id) where subject is not null group by subject
    ) as kept_out using (subject)
    order by told.subject`);
  // Of most customers the same firms come one after another.
  let last: { readonly holders: IdList; readonly admitted: readonly Admitted[] } | undefined;
  for await (const [subject, firms, ...rest] of rows) {
    const list = ids.read(firms!);
    const figures = new Map(metrics.map((metric, place) => [metric, new NumbersByFirm(list, readNumbers(rest[place]!))]));
    const [packedHolders, packedKeptOut] = rest.slice(metrics.length);
    const holders = packedHolders && ids.read(packedHolders);
    if (holders && last?.holders !== holders) last = { holders, admitted: holders.ids.flatMap((firmId) => contributors.get(firmId) ?? []) };
    const keptOut = packedKeptOut && new Set(ids.read(packedKeptOut).ids);
    const admitted = holders ? last!.admitted : [];
    yield { subject: subject!.toString(), admitted: keptOut ? admitted.filter(({ firmId }) => !keptOut.has(firmId)) : admitted, figures };
  }
}

/** The last panel of each cell up to `quarter`. */
export async function readPanels(stream: Stream, epoch: Epoch, subjects: readonly string[], quarter: string, ids: IdReader): Promise<readonly PanelRow[]> {
  const rows = stream(sql`
    select distinct on (subject, metric) subject, metric, quarter, withheld::text, members from community.panel
    where subject = any(${listOf(subjects)}) and metric = any(${listOf(metricsOf(epoch.family))}) and quarter <= ${sql.lit(quarter)}
    order by subject, metric, quarter desc`);
  const panels: PanelRow[] = [];
  for await (const [subject, metric, of, withheld, members] of rows) {
    panels.push({ subject: subject!.toString(), metric: metric!.toString() as Metric, quarter: of!.toString(), withheld: withheld!.toString() === 'true', members: ids.read(members!).ids });
  }
  return panels;
}

interface PastFacts extends CellRow {
  readonly subject: string;
  readonly metric: Metric;
  readonly month: string;
  readonly stoodIn: readonly number[];
  readonly panelSize: number;
  readonly shiftedBy: number;
}

/**
 * What earlier epochs took and published of each cell; all of it for the customers in `gated`, for the others what counts of
 * the last few months: an epoch between the one that a direction looks at and the last one does not, when the last one
 * took a figure of each of the same firms.
 */
export async function readPast(stream: Stream, epoch: Epoch, subjects: readonly string[], gated: readonly string[], policy: DisclosurePolicy, ids: IdReader): Promise<readonly Past[]> {
  const monthsBack = (months: number): string => monthOf(epoch.periodEnd.with({ day: 1 }).subtract({ months }));
  const oldest = monthsBack(Math.max(policy.carryMonths, policy.direction.months));
  const before = sql`family = ${sql.lit(epoch.family)} and period_end < ${sql.lit(String(epoch.periodEnd))}::date`;
  const rows = stream(sql`
    select json_build_object('subject', taken.subject, 'metric', taken.metric, 'month', epoch.month, 'stoodIn', array_positions(taken.figures, null), 'panelSize', taken.panel_size, 'shiftedBy', taken.shifted_by,
        'tier', cell.tier, 'band_from', cell.band_from, 'band_to', cell.band_to, 'value', cell.value, 'rounded_to', cell.rounded_to, 'direction', cell.direction,
        'lower_quartile', cell.lower_quartile, 'upper_quartile', cell.upper_quartile)::text,
      case when taken.epoch_id = last.epoch_id or taken.firm_ids is distinct from last.firm_ids then taken.firm_ids end, taken.inputs
    from community.intake as taken
    join (select id, period_end, to_char(period_end, 'YYYY-MM') as month from community.epoch where ${before}) as epoch on epoch.id = taken.epoch_id
    left join community.cell on cell.subject = taken.subject and cell.metric = taken.metric and cell.epoch_id = taken.epoch_id
    left join community.intake as last on last.subject = taken.subject and last.metric = taken.metric
      and last.epoch_id = (select id from community.epoch where ${before} order by period_end desc limit 1)
    where taken.subject = any(${listOf(subjects)}) and taken.metric = any(${listOf(metricsOf(epoch.family))})
      and ((cell.subject is not null and taken.subject = any(${listOf(gated)}))
        or epoch.month = ${sql.lit(monthsBack(policy.direction.months))}
        or (epoch.month >= ${sql.lit(oldest)}
          and (last.epoch_id is null or taken.epoch_id = last.epoch_id or taken.firm_ids is distinct from last.firm_ids or array_position(last.figures, null) is not null)))
    order by epoch.period_end`);
  const found: PastRow[] = [];
  for await (const [facts, firms, inputs] of rows) found.push({ ...(JSON.parse(facts!.toString()) as PastFacts), firms: firms ?? null, inputs: inputs! });
  const isGated = new Set(gated);
  return [...Map.groupBy(found, ({ subject, metric }) => `${metric} ${subject}`).values()].map((rowsOfCell) => {
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

interface PastRow extends PastFacts {
  /** Null: the same as the last epoch's. */
  readonly firms: Buffer | null;
  readonly inputs: Buffer;
}

/** A `text[]` written out: COPY takes no values. */
function listOf(texts: readonly string[]): RawBuilder<unknown> {
  return sql`array[${sql.join(texts.map((text) => sql.lit(text)))}]::text[]`;
}

function toIntake({ month, inputs, stoodIn }: PastRow, list: IdList): { readonly month: string; readonly inputs: NumbersByFirm; readonly stoodIn: ReadonlySet<string> } {
  return { month, inputs: new NumbersByFirm(list, readNumbers(inputs)), stoodIn: new Set(stoodIn.map((place) => list.ids[place - 1]!)) };
}

import { sql, type RawBuilder } from 'kysely';
import type { Metric } from '../../../src/values/metric.js';
import { writtenOnce } from '../../../src/database/written-once.js';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { Cell } from './cell.js';
import { figureOf } from '../membership/contribution.table.js';
import { familyOf, POLICY, type Family } from './policy.js';
import { toCell, type CellRow } from './read-cell.js';
import type { EpochRow } from './read-epoch.js';

export interface BenchmarkKey {
  readonly customerId: string;
  readonly metric: Metric;
  /** The epoch's uuid; `null`: the metric's latest. */
  readonly epochId: string | null;
}

export interface HistoryKey {
  readonly customerId: string;
  readonly metric: Metric;
  /** How many epochs back from the metric's latest. */
  readonly epochs: number;
}

/** What a viewer may read of one customer: the published cell, and its own figure in that epoch. */
export interface Benchmark {
  readonly cell: Cell;
  readonly epoch: EpochRow;
  readonly own: number | null;
}

interface BenchmarkRow extends CellRow {
  readonly own: number | null;
  readonly place: number;
  readonly id: string;
  readonly family: Family;
  readonly period_start: string;
  readonly period_end: string;
  readonly published_on: string;
}

/** The columns of a `CellRow`, of `cell`. */
export const CELL_COLUMNS = sql`cell.tier, cell.band_from, cell.band_to, cell.value, cell.rounded_to, cell.direction, cell.lower_quartile, cell.upper_quartile`;

/**
 * Whether the viewer of `membership` may read `metric` at all: it is admitted and shares it. What it may read of one
 * customer follows from `isShared` and `toldLately`, of one epoch from `isOpenTo`.
 */
export function mayRead(metric: RawBuilder<unknown>, today: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    membership.joined_at is not null and membership.verified
    and ${JOINED_ON} + ${POLICY.tenureDays}::int <= ${today}
    and ${metric} = any(membership.metrics)
  `;
}

/** Whether the customer of a subject is kept out under none of its ids. */
export function isShared(subject: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    not exists (
      select from community.sharing_exclusion as kept_out join community.customer_key as other on other.customer_id = kept_out.customer_id
      where other.subject = ${subject}
    )
  `;
}

/** The rows of `community.contribution`, as `mine`, in which the viewer of `membership` told a figure of `metric` lately. */
export function toldLately(metric: RawBuilder<unknown>, today: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    mine.firm_id = membership.firm_id and mine.evidenced and ${figureOf(metric, 'mine')} is not null
    and mine.month >= least(to_char(${today} - ${POLICY.freshDays}::int, 'YYYY-MM'),
      (select to_char(max(period_end), 'YYYY-MM') from community.epoch as latest where latest.family = 'PAYMENT' and latest.published_on <= ${today}))
  `;
}

const JOINED_ON = sql`(membership.joined_at at time zone 'UTC')::date`;

/**
 * Whether `epoch` is out, and came out after the day on which the viewer of `membership` joined last.
 *
 * Claim: what was published before a firm was a member, or while it was none, it never reads.
 * Why: reciprocity: a newcomer would get the history of a group that it gave nothing to, and history is what averaging
 * lives on; and whoever leaves and comes back would read what the group looked like without it (A06).
 */
export function isOpenTo(epoch: RawBuilder<unknown>, today: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${epoch}.published_on > ${JOINED_ON} and ${epoch}.published_on <= ${today}`;
}

/** What is asked of one customer: its latest epochs, or one of them. */
interface Asked {
  readonly customerId: string;
  readonly metric: Metric;
  readonly epochId: string | null;
  readonly epochs: number;
}

/**
 * The benchmarks of many customers in one statement; `null` for whatever may not be read, whatever the cause.
 *
 * Claim: every cause of "unavailable" is the absence of a row of one and the same statement: no member, not verified, not
 * long enough, metric not shared, customer kept out, unknown, another firm's or without a key, epoch unknown, not out yet
 * or from before the firm joined, nothing fresh of one's own, cell not published.
 * Why: what has no branch of its own has no answer, no error and no timing of its own.
 */
export const readBenchmarks: BatchRead<BenchmarkKey, Benchmark> = async (request, keys) => {
  const found = await readCells(request, keys.map((key) => ({ ...key, epochs: 1 })));
  return keys.map((_, place) => found.get(place)?.[0] ?? null);
};

/** The benchmarks of many customers over their latest epochs, the earliest first, in one statement: by the rules of one. */
export const readBenchmarkHistories: BatchRead<HistoryKey, readonly Benchmark[]> = async (request, keys) => {
  const found = await readCells(request, keys.map((key) => ({ ...key, epochId: null })));
  return keys.map((_, place) => found.get(place) ?? []);
};

async function readCells(request: Request, keys: readonly Asked[]): Promise<ReadonlyMap<number, readonly Benchmark[]>> {
  const today = request.room.clock.today();
  // A malformed id asks for a customer that nobody has: it goes the way of all others.
  const asked = keys.map(({ customerId, metric, epochId, epochs }, place) => ({ place, customerId: isUuid(customerId) ? customerId : NOBODY, metric, family: familyOf(metric), epochId, epochs }));
  // Planning eight tables costs more than looking up one row in each, and no value makes another plan better.
  const rows = await request.read((em) => selectCells(em, { asked: JSON.stringify(asked), today: String(today) }), 'once');
  return Map.groupBy(rows.map((row) => ({ ...toBenchmark(row), place: row.place })), ({ place }) => place);
}

const selectCells = writtenOnce<{ readonly asked: string; readonly today: string }, BenchmarkRow>((value) => {
  const today = sql`${value('today')}::date`;
  return sql`
    select asked.place, ${CELL_COLUMNS}, community.own_figure(cell.subject, cell.metric, cell.epoch_id) as own,
      epoch.id, epoch.family, epoch.period_start::text as period_start, epoch.period_end::text as period_end, epoch.published_on::text as published_on
    from jsonb_to_recordset(${value('asked')}::jsonb) as asked (place int, "customerId" uuid, metric text, family text, "epochId" uuid, epochs int)
    cross join community.membership
    join community.customer_key as key on key.customer_id = asked."customerId" and key.subject is not null
    cross join lateral (
      select * from community.epoch as published
      where published.family = asked.family and (asked."epochId" is null or published.id = asked."epochId") and ${isOpenTo(sql`published`, today)}
      order by published.period_end desc limit asked.epochs
    ) as epoch
    join community.cell on cell.subject = key.subject and cell.metric = asked.metric and cell.epoch_id = epoch.id
    where ${mayRead(sql`asked.metric`, today)} and ${isShared(sql`key.subject`)}
      and exists (select from community.contribution as mine where mine.subject = key.subject and ${toldLately(sql`asked.metric`, today)})
    order by asked.place, epoch.period_end
  `;
});

const NOBODY = '00000000-0000-0000-0000-000000000000';

function toBenchmark(row: BenchmarkRow): Benchmark {
  return { cell: toCell(row), epoch: { id: row.id, family: row.family, periodStart: row.period_start, periodEnd: row.period_end, publishedOn: row.published_on }, own: row.own };
}

import { sql } from 'kysely';
import type { Metric } from '../../../src/values/metric.js';
import type { BatchRead } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { monthOf } from '../../../src/values/day.js';
import type { Cell } from './cell.js';
import { familyOf, POLICY, type Family } from './policy.js';
import { toCell, type CellRow } from './read-cell.js';
import type { EpochRow } from './read-epoch.js';

export interface BenchmarkKey {
  readonly customerId: string;
  readonly metric: Metric;
  /** The epoch's uuid; `null`: the metric's latest. */
  readonly epochId: string | null;
}

/** What a viewer may read of one customer: the published cell, and its own figure in that epoch. */
export interface Benchmark {
  readonly cell: Cell;
  readonly epoch: EpochRow;
  readonly own: number | null;
}

interface BenchmarkRow extends CellRow {
  readonly place: string;
  readonly own: number | null;
  readonly id: string;
  readonly family: Family;
  readonly period_start: string;
  readonly period_end: string;
  readonly published_on: string;
}

/**
 * The benchmarks of many customers in one statement; `null` for whatever may not be read, whatever the cause.
 *
 * Claim: every cause of "unavailable" is the absence of a row of one and the same statement: no member, not verified, not
 * long enough, metric not shared, customer kept out, unknown, another firm's or without a key, epoch unknown or not out
 * yet, nothing fresh of one's own, cell not published.
 * Why: what has no branch of its own has no answer, no error and no timing of its own.
 */
export const readBenchmarks: BatchRead<BenchmarkKey, Benchmark> = async (request, keys) => {
  const today = request.room.clock.today();
  // A malformed id asks for a customer that nobody has: it goes the way of all others.
  const asked = keys.map(({ customerId, metric, epochId }) => ({ customerId: isUuid(customerId) ? customerId : NOBODY, metric, family: familyOf(metric), epochId }));
  const { rows } = await request.read((em) =>
    sql<BenchmarkRow>`
      select asked.place, cell.tier, cell.band_from, cell.band_to, cell.value, cell.rounded_to, cell.direction, cell.lower_quartile, cell.upper_quartile,
        community.own_figure(cell.subject, cell.metric, cell.epoch_id) as own, epoch.id, epoch.family, epoch.period_start::text as period_start, epoch.period_end::text as period_end, epoch.published_on::text as published_on
      from jsonb_to_recordset(${JSON.stringify(asked.map((key, place) => ({ ...key, place })))}::jsonb)
        as asked (place int, "customerId" uuid, metric text, family text, "epochId" uuid)
      cross join community.membership
      join community.customer_key as key on key.customer_id = asked."customerId" and key.subject is not null
      join community.epoch on epoch.family = asked.family and epoch.id = coalesce(asked."epochId", (
        select latest.id from community.epoch as latest
        where latest.family = asked.family and latest.published_on <= ${String(today)}::date order by latest.period_end desc limit 1
      ))
      join community.cell on cell.subject = key.subject and cell.metric = asked.metric and cell.epoch_id = epoch.id
      where membership.joined_at is not null and membership.verified
        and (membership.joined_at at time zone 'UTC')::date + ${POLICY.tenureDays}::int <= ${String(today)}::date
        and asked.metric = any(membership.metrics)
        and epoch.published_on <= ${String(today)}::date
        and not exists (
          select from community.sharing_exclusion as kept_out join community.customer_key as other on other.customer_id = kept_out.customer_id
          where other.subject = key.subject
        )
        and exists (
          select from community.contribution as mine
          where mine.subject = key.subject and mine.metric = asked.metric and mine.firm_id = membership.firm_id and mine.evidenced and mine.figure is not null
            and mine.month >= least(${monthOf(today.subtract({ days: POLICY.freshDays }))},
              (select to_char(max(period_end), 'YYYY-MM') from community.epoch as latest where latest.family = 'PAYMENT' and latest.published_on <= ${String(today)}::date))
        )
    `.execute(em.getKysely<unknown>()),
  );
  const found = new Map(rows.map((row) => [Number(row.place), toBenchmark(row)]));
  return keys.map((_, place) => found.get(place) ?? null);
};

const NOBODY = '00000000-0000-0000-0000-000000000000';

function toBenchmark(row: BenchmarkRow): Benchmark {
  const epoch = { id: row.id, family: row.family, periodStart: row.period_start, periodEnd: row.period_end, publishedOn: row.published_on };
  return { cell: toCell(row), epoch, own: row.own };
}

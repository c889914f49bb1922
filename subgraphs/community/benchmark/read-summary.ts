import { sql } from 'kysely';
import type { Metric } from '../../../src/values/metric.js';
import type { BatchRead } from '../../../src/server/request.js';
import { familyOf, POLICY, type Family } from './policy.js';
import { CELL_COLUMNS, isOpenTo, isShared, mayRead, toldLately } from './read-benchmark.js';
import { toCell, type CellRow } from './read-cell.js';
import type { EpochRow } from './read-epoch.js';
import { summarise, type Summary } from './summary.js';

/** The summary of a metric, with the epoch that it is made of; no epoch: none of the metric is out. */
export interface PortfolioSummary extends Summary {
  readonly epoch: EpochRow | null;
}

interface SummaryRow extends CellRow {
  readonly metric: Metric;
  readonly family: Family;
  /** Null in the one row of a metric of which nothing may be read. */
  readonly customer_id: string | null;
  readonly own: number | null;
  readonly id: string;
  readonly period_start: string;
  readonly period_end: string;
  readonly published_on: string;
}

/**
 * The asker's whole portfolio against the others, by the latest epoch of each metric: one statement for all metrics. What
 * may not be read of one customer is not in it either; two accounts of one legal unit are one customer.
 */
export const readSummaries: BatchRead<Metric, PortfolioSummary> = async (request, metrics) => {
  const today = sql`${String(request.room.clock.today())}::date`;
  const asked = JSON.stringify(metrics.map((metric) => ({ metric, family: familyOf(metric) })));
  const { rows } = await request.read((em) =>
    sql<SummaryRow>`
      select asked.metric, asked.family, read.*,
        epoch.id, epoch.period_start::text as period_start, epoch.period_end::text as period_end, epoch.published_on::text as published_on
      from jsonb_to_recordset(${asked}::jsonb) as asked (metric text, family text)
      cross join lateral (
        select * from community.epoch as published
        where published.family = asked.family and published.published_on <= ${today} order by published.period_end desc limit 1
      ) as epoch
      left join lateral (
        with viewer as materialized (
          select * from community.membership where ${isOpenTo(sql`epoch`, today)} and ${mayRead(sql`asked.metric`, today)}
        ), told as materialized (
          select distinct mine.subject from viewer as membership cross join community.contribution as mine where ${toldLately(sql`asked.metric`, today)}
        )
        select cell.customer_id, ${CELL_COLUMNS}, cell.own
        from community.own_cells(asked.metric, epoch.id) as cell join told on told.subject = cell.subject
        where cell.own is not null and ${isShared(sql`cell.subject`)}
          and not exists (select from community.customer_key as account where account.subject = cell.subject and account.customer_id < cell.customer_id)
      ) as read on true
    `.execute(em.getKysely<unknown>()),
  );
  const byMetric = Map.groupBy(rows, ({ metric }) => metric);
  return metrics.map((metric) => {
    const found = byMetric.get(metric) ?? [];
    const placed = found.flatMap((row) => (row.customer_id === null || row.own === null ? [] : { customerId: row.customer_id, cell: toCell(row), own: row.own }));
    const epoch = found[0] ? { id: found[0].id, family: found[0].family, periodStart: found[0].period_start, periodEnd: found[0].period_end, publishedOn: found[0].published_on } : null;
    return { epoch, ...summarise(metric, placed, POLICY) };
  });
};

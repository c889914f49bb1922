import { sql, type RawBuilder } from 'kysely';
import { METRICS, type Metric } from '../../../src/values/metric.js';

/**
 * What a firm told of one customer and month is one row of `community.contribution`, with a column for the figure of each
 * metric: null where it told none or does not share it. The row stays without any, so that an older telling that comes late
 * does not bring a figure back.
 */
const COLUMNS: Readonly<Record<Metric, string>> = { DSO: 'dso', DAYS_BEYOND_TERMS: 'days_beyond_terms', LATE_SHARE: 'late_share', PAYMENT_TERMS: 'payment_terms' };

/** The column of a metric. */
export function columnOf(metric: Metric, row?: string): RawBuilder<unknown> {
  return sql.ref(row === undefined ? COLUMNS[metric] : `${row}.${COLUMNS[metric]}`);
}

/** The columns of these metrics, or what is made of each. */
export function columnsOf(metrics: readonly Metric[], of: (metric: Metric) => RawBuilder<unknown> = columnOf): RawBuilder<unknown> {
  return sql.join(metrics.map((metric) => of(metric)));
}

/** The figure of a metric whose name only the statement knows. */
export function figureOf(metric: RawBuilder<unknown>, row: string): RawBuilder<unknown> {
  return sql`(case ${metric} ${sql.join(METRICS.map((each) => sql`when ${sql.lit(each)} then ${columnOf(each, row)}`), sql` `)} end)`;
}

/** Whether a row holds a figure of any of these metrics. */
export function holdsFigure(row: string, metrics: readonly Metric[] = METRICS): RawBuilder<unknown> {
  return sql`coalesce(${columnsOf(metrics, (metric) => columnOf(metric, row))}) is not null`;
}

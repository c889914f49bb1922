import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import type { Metric } from '../../../src/values/metric.js';
import type { Position } from '../../../src/values/position.js';
import { gapOf, type Shown } from './shown.js';

/** How a customer pays other members against how it pays the firm. */
export interface BenchmarkGap {
  /** By so many days members are paid later than the firm; below 0: sooner. */
  readonly days: number;
  /** The firm's own figure against what is shown: BELOW, members are paid later. */
  readonly position: Position;
}

/** By how many days beyond terms these customers pay other members later than the firm, as it is shown in the latest epoch. Who is not in it: nothing is shown, or the firm has no figure of its own. */
export async function readBenchmarkGaps(em: Reader, customerIds: readonly string[]): Promise<ReadonlyMap<string, BenchmarkGap>> {
  const shown = await readShownBenchmarks(em, customerIds, ['DAYS_BEYOND_TERMS']);
  return new Map(shown.flatMap(({ customerId, shown: benchmark }) => {
    const days = gapOf(benchmark);
    return days === null || benchmark.position === null ? [] : [[customerId, { days, position: benchmark.position }] as const];
  }));
}

/** What the firm is shown of a customer by one metric. */
export interface ShownBenchmark {
  readonly customerId: string;
  readonly metric: Metric;
  readonly shown: Shown;
}

/** What the firm is shown of these customers in the latest epoch of each of these metrics, as it was told last. */
async function readShownBenchmarks(em: Reader, customerIds: readonly string[], metrics: readonly Metric[]): Promise<readonly ShownBenchmark[]> {
  const { rows } = await sql<ShownBenchmark>`
    select f.customer_id as "customerId", f.metric, f.shown
    from scoring.benchmark_fact f join scoring.benchmark_told t on t.metric = f.metric and t.period_end = f.period_end and t.revision = f.revision
    where f.customer_id = any(${[...customerIds]}::uuid[]) and f.metric = any(${[...metrics]}::text[])
  `.execute(em.getKysely<unknown>());
  return rows;
}

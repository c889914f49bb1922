import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
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
  const benchmarks = await readShownBenchmarks(em, customerIds);
  return new Map([...benchmarks].flatMap(([customerId, shown]) => {
    const days = gapOf(shown);
    return days === null || shown.position === null ? [] : [[customerId, { days, position: shown.position }] as const];
  }));
}

/** The days beyond terms that the firm is shown of these customers in the latest epoch, as it was told last. Who is not in it: nothing is shown. */
export async function readShownBenchmarks(em: Reader, customerIds: readonly string[]): Promise<ReadonlyMap<string, Shown>> {
  const { rows } = await sql<{ customerId: string; shown: Shown }>`
    select f.customer_id as "customerId", f.shown
    from scoring.benchmark_fact f join scoring.benchmark_told t on t.metric = f.metric and t.period_end = f.period_end and t.revision = f.revision
    where f.customer_id = any(${[...customerIds]}::uuid[]) and f.metric = 'DAYS_BEYOND_TERMS'
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map(({ customerId, shown }) => [customerId, shown]));
}

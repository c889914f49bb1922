import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import type { Shown } from './shown.js';

/** The days beyond terms that the firm is shown of these customers in the latest epoch, as it was told last. Who is not in it: nothing is shown. */
export async function readShownBenchmarks(em: Reader, customerIds: readonly string[]): Promise<ReadonlyMap<string, Shown>> {
  const { rows } = await sql<{ customerId: string; shown: Shown }>`
    select f.customer_id as "customerId", f.shown
    from scoring.benchmark_fact f join scoring.benchmark_told t on t.metric = f.metric and t.period_end = f.period_end and t.revision = f.revision
    where f.customer_id = any(${[...customerIds]}::uuid[]) and f.metric = 'DAYS_BEYOND_TERMS'
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map(({ customerId, shown }) => [customerId, shown]));
}

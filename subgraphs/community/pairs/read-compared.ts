import { sql } from 'kysely';
import { METRICS, type Metric } from '../../../src/values/metric.js';
import type { BatchRead } from '../../../src/server/request.js';

/** What the asker's firm agreed to compare in each match. */
export const readCompared: BatchRead<string, readonly Metric[]> = async (request, peeringIds) => {
  const { rows } = await request.read((em) =>
    sql<{ peering_id: string; metrics: Metric[] }>`
      select peering_id, array_agg(metric) as metrics from community.pair_ask
      where firm_id = ${request.demand().firmId} and peering_id = any(${[...peeringIds]}::uuid[]) group by peering_id
    `.execute(em.getKysely<unknown>()),
  );
  const found = new Map(rows.map(({ peering_id, metrics }) => [peering_id, METRICS.filter((metric) => metrics.includes(metric))]));
  return peeringIds.map((id) => found.get(id) ?? []);
};

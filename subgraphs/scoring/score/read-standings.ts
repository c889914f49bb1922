import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import { computeStandings, type Standing } from './compute-standings.js';

export interface DatedStanding extends Standing {
  readonly computedAt: Temporal.Instant;
}

interface Row extends Standing {
  readonly customerId: string;
  readonly computedAt: string;
}

/**
 * How customers of the asker's firm stand today: one statement for a page of them. Who is due to be scored again, or was last scored
 * on another day, is computed now: nobody is shown a score of yesterday, or of before a payment.
 */
export const readStandings: BatchRead<string, DatedStanding> = async (request, customerIds) => {
  const today = request.room.clock.today();
  const kept = await request.read(async (em) => {
    const { rows } = await sql<Row>`
      select customer_id as "customerId", behaviour, features, score, model_version as "modelVersion", lateness, computed_at::text as "computedAt"
      from scoring.standing s
      where customer_id = any(${[...customerIds]}::uuid[]) and as_of = ${today.toString()}::date
        and not exists (select from scoring.rescore_due d where d.firm_id = s.firm_id and d.customer_id = s.customer_id)
    `.execute(em.getKysely<unknown>());
    return new Map(rows.map(({ customerId, computedAt, ...standing }) => [customerId, { ...standing, computedAt: Temporal.Instant.from(computedAt.replace(' ', 'T')) }]));
  });
  const others = customerIds.filter((id) => !kept.has(id));
  if (others.length === 0) return customerIds.map((id) => kept.get(id)!);
  const computed = await request.read((em) => computeStandings(em, others, today));
  const computedAt = request.room.clock.now();
  return customerIds.map((id) => {
    const found = kept.get(id) ?? computed.get(id);
    return found ? { computedAt, ...found } : null;
  });
};

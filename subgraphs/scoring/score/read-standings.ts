import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import { computeStandings, type Standing } from './compute-standings.js';

export interface DatedStanding extends Standing {
  readonly computedAt: Temporal.Instant;
}

interface Row extends Standing {
  readonly customerId: string;
  readonly asOf: string;
  readonly computedAt: string;
}

/**
 * How customers of the asker's firm stand today: one statement for a page of them. Who is due to be scored again, or was last scored
 * on another day, is computed now: nobody is shown a score of yesterday, or of before a payment.
 */
export const readStandings: BatchRead<string, DatedStanding> = async (request, customerIds) => {
  const today = request.room.clock.today();
  const kept = await request.read(async (em) => {
    const ids = sql`${[...customerIds]}::uuid[]`;
    // Those that are due are found once for all: looked up one by one, a table that is mostly empty would be read as a whole for each.
    // The day is compared afterwards: nothing but the customers may be what the rows are found by.
    const { rows } = await sql<Row>`
      select customer_id as "customerId", behaviour, features, score, model_version as "modelVersion", lateness, as_of::text as "asOf", computed_at::text as "computedAt"
      from scoring.standing
      where customer_id = any(${ids}) and customer_id <> all(array(select customer_id from scoring.rescore_due where customer_id = any(${ids})))
    `.execute(em.getKysely<unknown>());
    const ofToday = rows.filter(({ asOf }) => asOf === today.toString());
    return new Map(ofToday.map(({ customerId, computedAt, ...standing }) => [customerId, { ...standing, computedAt: Temporal.Instant.from(computedAt.replace(' ', 'T')) }]));
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

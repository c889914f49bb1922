import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import type { RiskBand } from './model.js';

interface Point {
  readonly value: number;
  readonly band: RiskBand;
  readonly at: Temporal.Instant;
}

/** The newest values of customers' scores, the newest first; so many of each as are asked for. */
export const readScorePoints: BatchRead<{ readonly customerId: string; readonly first: number }, Point[]> = async (request, keys) => {
  const { rows } = await request.read((em) => sql<{ place: number; value: number; band: RiskBand; at: string }>`
    select asked.place::int - 1 as place, p.value, p.band, p.at::text as at
    from unnest(${keys.map(({ customerId }) => customerId)}::uuid[], ${keys.map(({ first }) => first)}::int[]) with ordinality as asked (customer_id, first, place)
    cross join lateral (select * from scoring.score_point s where s.customer_id = asked.customer_id order by s.at desc limit asked.first) p
    order by asked.place, p.at desc
  `.execute(em.getKysely<unknown>()));
  const byPlace = Map.groupBy(rows, ({ place }) => place);
  return keys.map((_, place) => (byPlace.get(place) ?? []).map(({ value, band, at }) => ({ value, band, at: Temporal.Instant.from(at.replace(' ', 'T')) })));
};

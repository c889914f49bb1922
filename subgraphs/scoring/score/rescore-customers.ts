import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import { measuredOf, type Known } from '../alerts/measured.js';
import { raiseAlerts } from '../alerts/raise-alerts.js';
import { computeStandings, type ComputedStanding } from './compute-standings.js';

/** Scored in one transaction: whoever tells of one of them waits for no more than these, and whoever asks something for their sums. */
export const RESCORED_AT_ONCE = 50;

/** Scores customers of a firm that are due, some of them, and keeps how they stand; how many there were. */
export async function rescoreCustomers(room: Room, firmId: string): Promise<number> {
  return room.db.forFirm(firmId).transaction(async (em) => {
    // Before anything of them is read: what is told from here on makes them due again. Another process takes others.
    const { rows } = await sql<{ id: string }>`
      delete from scoring.rescore_due where (firm_id, customer_id) in (
        select firm_id, customer_id from scoring.rescore_due order by customer_id limit ${sql.lit(RESCORED_AT_ONCE)} for update skip locked
      ) returning customer_id as id
    `.execute(em.getKysely<unknown>());
    if (rows.length === 0) return 0;
    const today = room.clock.today();
    const standings = await computeStandings(em, rows.map(({ id }) => id), today);
    const now = room.clock.now();
    await keepStandings(em, standings, today, now);
    await raiseAlerts(em, firmId, [...standings].map(([id, standing]) => measuredOf(id, knownOf(standing))), now);
    return rows.length;
  });
}

/** What rules may watch of it. */
function knownOf({ score, behaviour, features, owed, benchmark }: ComputedStanding): Known {
  return { score, index: behaviour?.index ?? null, utilisation: features.utilisation, owed, benchmark };
}

/** Keeps them, and of each whose score is another than before, from when on it is. */
async function keepStandings(em: EntityManager, standings: ReadonlyMap<string, ComputedStanding>, today: Temporal.PlainDate, now: Temporal.Instant): Promise<void> {
  const kept = JSON.stringify([...standings].map(([customer_id, { behaviour, features, score, modelVersion, lateness }]) => ({
    customer_id, behaviour, features, score, value: score.value, band: score.band, model_version: modelVersion, lateness,
  })));
  const told = sql`json_to_recordset(${kept}::json) as t (customer_id uuid, behaviour jsonb, features jsonb, score jsonb, value int, band text, model_version text, lateness jsonb)`;
  await sql`
    insert into scoring.score_point (customer_id, at, value, band, model_version, features)
    select t.customer_id, ${now.toString()}::timestamptz, t.value, t.band, t.model_version, t.features
    from ${told}
    left join scoring.standing s on s.customer_id = t.customer_id
    where s.value is distinct from t.value or s.band <> t.band or s.model_version <> t.model_version
    on conflict do nothing
  `.execute(em.getKysely<unknown>());
  await sql`
    insert into scoring.standing (customer_id, as_of, behaviour, features, score, value, band, model_version, lateness, computed_at)
    select customer_id, ${today.toString()}::date, behaviour, features, score, value, band, model_version, lateness, ${now.toString()}::timestamptz from ${told} order by customer_id
    on conflict (firm_id, customer_id) do update set
      as_of = excluded.as_of, behaviour = excluded.behaviour, features = excluded.features, score = excluded.score, value = excluded.value, band = excluded.band,
      model_version = excluded.model_version, lateness = excluded.lateness, computed_at = excluded.computed_at
  `.execute(em.getKysely<unknown>());
}

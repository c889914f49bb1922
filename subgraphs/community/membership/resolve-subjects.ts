import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { invariant } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';

/** Something told of a customer by its blind key, and while the matching key is exchanged by the former one as well. */
export interface Keyed {
  readonly subject: string | null;
  readonly former?: string | undefined;
}

/**
 * Has `write` run, which finds the room's own subject of each blind key in `community.subject_key`; every other table knows
 * customers by subject alone, so a matching key is exchanged without touching any of them. `write` says whether it found all
 * of them, and does nothing otherwise. Mostly they are known, and it is one trip to the database; a key heard for the first
 * time, or beside a former one, gets its subject first.
 */
export async function resolveSubjects(room: Room, told: readonly Keyed[], exchange: number | undefined, write: (em: Reader) => Promise<boolean>): Promise<void> {
  const pairs = told.flatMap(({ subject, former }) => (subject !== null && former !== undefined ? [{ subject, former }] : []));
  const system = room.db.asSystem();
  if (pairs.length === 0 && (await system.inOneTrip(write))) return;
  await system.transaction(async (em) => {
    await pairKeys(em, pairs, exchange ?? 0);
    const keys = [...new Set(told.map(({ subject }) => subject).filter((key) => key !== null))];
    // In order, so that two who hear the same customers at once wait for each other instead of blocking each other.
    await sql`
      insert into community.subject_key (blind_key, subject, exchange)
      select key, gen_random_uuid()::text, ${exchange ?? 0}::int from unnest(${keys}::text[]) as key
      where not exists (select from community.subject_key as known where known.blind_key = key) order by key
      on conflict (blind_key) do nothing
    `.execute(em.getKysely<unknown>());
    // Unknown again: an exchange of keys ended in between. The event is heard once more.
    invariant(await write(em), 'every blind key has a subject');
  });
}

/**
 * Notes that two blind keys stand for one customer. The former key comes first: whoever hears it alone at the same moment
 * either made its subject before, or waits and finds this one.
 */
export async function pairKeys(em: EntityManager, pairs: readonly { readonly subject: string; readonly former: string }[], exchange: number): Promise<void> {
  if (pairs.length === 0) return;
  const db = em.getKysely<unknown>();
  const told = sql`(select distinct subject as current, former from jsonb_to_recordset(${JSON.stringify(pairs)}::jsonb) as told (subject text, former text))`;
  await sql`
    insert into community.subject_key (blind_key, subject, exchange)
    select former, coalesce(known.subject, gen_random_uuid()::text), ${exchange}::int - 1 from ${told} as pair
    left join community.subject_key as known on known.blind_key = pair.current order by former
    on conflict (blind_key) do nothing
  `.execute(db);
  await sql`
    insert into community.subject_key (blind_key, subject, exchange)
    select pair.current, known.subject, ${exchange}::int from ${told} as pair join community.subject_key as known on known.blind_key = pair.former order by pair.current
    on conflict (blind_key) do nothing
  `.execute(db);
}

import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';

/** Something told of a customer by its blind key, and while the matching key is exchanged by the former one as well. */
export interface Keyed {
  readonly subject: string | null;
  readonly former?: string | undefined;
}

/**
 * The same with the room's own subject in place of each blind key; a key heard for the first time gets a subject. Every
 * other table knows customers by subject alone, so a matching key is exchanged without touching any of them.
 */
export async function resolveSubjects<Told extends Keyed>(em: EntityManager, told: readonly Told[], exchange = 0): Promise<readonly Told[]> {
  await pairKeys(em, told.flatMap(({ subject, former }) => (subject !== null && former !== undefined ? [{ subject, former }] : [])), exchange);
  const keys = [...new Set(told.map(({ subject }) => subject).filter((key) => key !== null))];
  let known = await readSubjects(em, keys);
  const unknown = keys.filter((key) => !known.has(key));
  if (unknown.length > 0) {
    // In order, so that two who hear the same customers at once wait for each other instead of blocking each other.
    await sql`
      insert into community.subject_key (blind_key, subject, exchange)
      select key, gen_random_uuid()::text, ${exchange}::int from unnest(${unknown}::text[]) as key order by key
      on conflict (blind_key) do nothing
    `.execute(em.getKysely<unknown>());
    known = await readSubjects(em, keys);
  }
  return told.map((item) => ({ ...item, subject: item.subject === null ? null : known.get(item.subject)! }));
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

async function readSubjects(em: EntityManager, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ blind_key: string; subject: string }>`
    select blind_key, subject from community.subject_key where blind_key = any(${[...keys]}::text[])
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map(({ blind_key, subject }) => [blind_key, subject]));
}

import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import { record } from '../../../src/events/record.js';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import { MATCHING_LOCK, NAMING_FORMER, readTelling } from './read-matching-keys.js';

/** As many pairs as one event holds. */
const BATCH = 500;

/** How long what community could not take rests before it is told again. */
const RETOLD_AFTER = '1 minute';

/** The exchange under way. */
interface Exchange {
  readonly version: number;
  readonly paired: boolean;
}

/** Who begins an exchange, and why: written down with it. */
export interface Word {
  readonly by: string;
  readonly why: string;
}

/**
 * Begins an exchange of the matching key and returns its number. From here on community is told new blind keys, each beside
 * the former one; `rekeyCustomers` does the rest. Refused while another is under way. It changes no answer.
 */
export async function rotateMatchingKey(room: Room, { by, why }: Word): Promise<number> {
  if (by.trim() === '' || why.trim() === '') throw new Refusal('REQUIRED', 'Say who you are and why.', [by.trim() === '' ? 'by' : 'why']);
  return room.db.asSystem().transaction(async (em) => {
    await lockMatching(em);
    const version = await beginExchange(em, { by, why });
    if (version === undefined) throw new Refusal('CONFLICT', 'An exchange of the matching key is under way; it must end before the next one.', []);
    return version;
  });
}

/** Waits until nobody tells keys, nor moves an exchange on, and keeps it so until the transaction ends. */
export async function lockMatching(em: EntityManager): Promise<void> {
  await sql`select pg_advisory_xact_lock(${MATCHING_LOCK})`.execute(em.getKysely<unknown>());
}

/** Begins an exchange in the caller's transaction, which holds the lock; nothing while another is under way. */
export async function beginExchange(em: EntityManager, { by, why }: Word): Promise<number | undefined> {
  const db = em.getKysely<unknown>();
  const { rows: [known] } = await sql<{ version: number; done: boolean }>`
    select coalesce(max(version), 0)::int as version, coalesce(bool_and(retired_at is not null), true) as done from portfolios.matching_key
  `.execute(db);
  // One that waits to be heard would make community forget keys of the next exchange.
  const { rows: unheard } = await sql`select from events.delivery where producer = 'portfolios' and name = 'keys.retired' limit 1`.execute(db);
  if (!known!.done || unheard.length > 0) return undefined;
  const version = known!.version + 1;
  await sql`insert into portfolios.matching_key (version, salt, operator, why) values (${version}, ${randomBytes(32)}, ${by.trim()}, ${why.trim()})`.execute(db);
  return version;
}

/**
 * Does what is left of an exchange: tells each firm's blind keys in pairs, a transaction each; then only the new ones are
 * told; and once community has heard everything that names a former key, it is told to forget them and the former salt is
 * erased. Ended at any moment, it goes on where it was; two at once do nothing twice.
 */
export async function rekeyCustomers(room: Room): Promise<void> {
  const system = room.db.asSystem();
  const exchange = await system.transaction(async (em) => {
    const { rows } = await sql<Exchange>`select version, paired_at is not null as paired from portfolios.matching_key where retired_at is null`.execute(em.getKysely<unknown>());
    return rows[0];
  });
  if (!exchange) return;
  if (!exchange.paired && !(await pairAll(room, exchange.version))) return;
  await retireFormer(room, exchange.version);
}

export const rekeyCustomersJob: Job = { name: 'rekey-customers', everySeconds: 2, run: rekeyCustomers };

/** Pairs the keys of every firm, then ends the telling of former keys. Returns whether it did. */
async function pairAll(room: Room, version: number): Promise<boolean> {
  const system = room.db.asSystem();
  const untold = sql<{ firmId: string }>`
    select firm_id as "firmId" from portfolios.contribution_consent as known
    where not exists (select from portfolios.matching_key_told as told where told.firm_id = known.firm_id and told.version = ${version}) order by firm_id
  `;
  const { rows: firms } = await system.transaction((em) => untold.execute(em.getKysely<unknown>()));
  for (const { firmId } of firms) await pairFirm(room, firmId, version);
  return system.transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // Whoever still tells former keys has ended when this is granted; a firm that joined meanwhile is paired in the next run.
    await lockMatching(em);
    if ((await untold.execute(db)).rows.length > 0) return false;
    await sql`update portfolios.matching_key set paired_at = clock_timestamp() where version = ${version} and paired_at is null`.execute(db);
    return true;
  });
}

/** Tells every pseudonym that the firm ever told under its new key and its former one. */
async function pairFirm(room: Room, firmId: string, version: number): Promise<void> {
  await room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const telling = await readTelling(em, room.keys.matchingKey);
    const { rows: mine } = await sql`insert into portfolios.matching_key_told (version) values (${version}) on conflict do nothing returning version`.execute(db);
    if (mine.length === 0 || telling.exchange !== version) return;
    const { rows } = await sql<{ subject: string }>`
      select subject from portfolios.contribution_key where subject is not null union select subject from portfolios.contribution order by subject
    `.execute(db);
    const pairs = rows.map(({ subject }) => telling.keysOf(subject)).map(({ subject, former }) => ({ subject, former: former! }));
    for (let start = 0; start < pairs.length; start += BATCH) await record(em, firmId, 'keys.paired', { exchange: version, pairs: pairs.slice(start, start + BATCH) });
  });
}

/**
 * Takes up what was set aside of an exchange, for as long as community cannot take it: a customer whose pair it never took
 * would lose its subject with the former key, and a key that it never forgets stands in the way of the next exchange.
 */
export async function tellAgain(em: EntityManager): Promise<void> {
  await sql`
    update events.delivery set set_aside = false, attempts = 0, due_at = clock_timestamp() + ${RETOLD_AFTER}::interval
    where producer = 'portfolios' and name in ('keys.paired', 'keys.retired') and set_aside
  `.execute(em.getKysely<unknown>());
}

/** Ends the exchange once nothing that names a former key is on its way any more. */
async function retireFormer(room: Room, version: number): Promise<void> {
  await room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    await lockMatching(em);
    await tellAgain(em);
    const { rows } = await sql`
      update portfolios.matching_key set retired_at = clock_timestamp()
      where version = ${version} and retired_at is null and paired_at is not null and not exists (select ${NAMING_FORMER}) returning version
    `.execute(db);
    if (rows.length === 0) return;
    await sql`update portfolios.matching_key set salt = null where version < ${version}`.execute(db);
    await record(em, null, 'keys.retired', { exchange: version });
  });
}

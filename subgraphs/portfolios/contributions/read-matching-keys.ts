import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import { toldKey, type MatchingKey } from './blind-key.js';

/** How the pseudonyms of customers are told to community at this moment. */
export interface Telling {
  /** How often the matching key has been exchanged. */
  readonly exchange: number;
  /** The former key as well, until every key in use has been told in pairs. */
  readonly keysOf: (pseudonym: string) => { readonly subject: string; readonly former?: string };
}

/** Taken by whoever tells keys, alone by whoever moves an exchange on: so all that is told is before or after a step, never beside it. */
export const MATCHING_LOCK = sql`hashtext('portfolios.matching-key')`;

/** The keys in use, held until the transaction ends. */
export async function readTelling(em: EntityManager, secret: Buffer): Promise<Telling> {
  const db = em.getKysely<unknown>();
  await sql`select pg_advisory_xact_lock_shared(${MATCHING_LOCK})`.execute(db);
  const { rows } = await sql<MatchingKey & { pairing: boolean }>`
    select version, salt, paired_at is null as pairing from portfolios.matching_key order by version desc limit 2
  `.execute(db);
  const [latest, before] = rows;
  const current = toldKey(secret, latest ?? ORIGINAL);
  if (!latest?.pairing) return { exchange: latest?.version ?? 0, keysOf: (pseudonym) => ({ subject: current(pseudonym) }) };
  invariant(latest.salt && (!before || before.salt), 'a key in use has its salt');
  const former = toldKey(secret, before ?? ORIGINAL);
  return { exchange: latest.version, keysOf: (pseudonym) => ({ subject: current(pseudonym), former: former(pseudonym) }) };
}

const ORIGINAL: MatchingKey = { version: 0, salt: null };

import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import { toldKey, type MatchingKey } from './blind-key.js';
import { exchangeDueOn } from './key-age.js';

/** How the pseudonyms of customers are told to community at this moment. */
export interface Telling {
  /** How often the matching key has been exchanged. */
  readonly exchange: number;
  /** The former key as well, until every key in use has been told in pairs. */
  readonly keysOf: (pseudonym: string) => { readonly subject: string; readonly former?: string };
}

/** Taken by whoever tells keys, alone by whoever moves an exchange on: so all that is told is before or after a step, never beside it. */
export const MATCHING_LOCK = sql`hashtext('portfolios.matching-key')`;

/** What names the key that an exchange replaces and is not heard yet; until the pairs are told, whatever is on its way. */
export const NAMING_FORMER = sql`
  from events.delivery where producer = 'portfolios' and consumer = 'community' and not set_aside
    and name in ('customer.keyed', 'contribution.closed', 'keys.paired') and recorded_at <= coalesce(matching_key.paired_at, 'infinity')
`;

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

/** How old the matching key in use is. */
export interface KeyAge {
  readonly inUseSince: Temporal.PlainDate;
  readonly dueOn: Temporal.PlainDate;
  readonly isDue: boolean;
}

/** By the clock of the database, which dates the exchanges: a secret ages in real time, wherever a sandbox has moved its business time. */
export async function readKeyAge(em: EntityManager): Promise<KeyAge> {
  const { rows: [row] } = await sql<{ since: string; today: string }>`
    select (coalesce(max(started_at), (select in_use_since from portfolios.first_matching_key)) at time zone 'UTC')::date::text as since,
      (clock_timestamp() at time zone 'UTC')::date::text as today
    from portfolios.matching_key
  `.execute(em.getKysely<unknown>());
  const inUseSince = Temporal.PlainDate.from(row!.since);
  const dueOn = exchangeDueOn(inUseSince);
  return { inUseSince, dueOn, isDue: Temporal.PlainDate.compare(dueOn, row!.today) <= 0 };
}

import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { SCOPES_BY_ROLE, type Asker, type Role, type Scope } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';

interface AskerRow {
  /** The session or the key's hash, as it was asked. */
  readonly name: string;
  readonly firm_id: string;
  readonly person_id: string;
  readonly role: Role;
  /** Null for a session. */
  readonly scopes: readonly Scope[] | null;
  /** Whether it is time to note that it is used. */
  readonly is_note_due: boolean;
}

/**
 * Who each live session and each live API key stands for, with today's role: the sessions in their order, then the keys in
 * theirs; `null` for one that is revoked, expired, malformed or unknown. One trip to the database, which writes nothing.
 */
export async function findAskers(room: Room, sessionIds: readonly string[], apiKeyHashes: readonly string[]): Promise<(Asker | null)[]> {
  const reads = room.db.asSystem().reads();
  const [sessions, keys] = await Promise.all([readSessions(reads, sessionIds.filter(isUuid)), readKeys(reads, apiKeyHashes.filter((hash) => /^[\da-f]{64}$/.test(hash)))]);
  const due = [...keys.values()].flatMap(({ name, is_note_due: isDue }) => (isDue ? [name] : []));
  // Not awaited: when a key was last used is of no moment to who waits for the answer.
  if (due.length > 0) void noteUse(room, due).catch((error: unknown) => room.log.warn({ error }, 'when API keys were used is not noted'));
  return [...sessionIds.map((id) => toAsker(sessions.get(id))), ...apiKeyHashes.map((hash) => toAsker(keys.get(hash)))];
}

async function readSessions(reads: Reader, ids: readonly string[]): Promise<ReadonlyMap<string, AskerRow>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<AskerRow>`
    select s.id::text as name, s.firm_id, s.person_id, p.role, null as scopes, false as is_note_due
    from identity.session s join identity.person p on p.id = s.person_id
    where s.id = any(${ids}::uuid[]) and s.revoked_at is null and s.expires_at > clock_timestamp()`.execute(reads.getKysely<unknown>());
  return byName(rows);
}

async function readKeys(reads: Reader, hashes: readonly string[]): Promise<ReadonlyMap<string, AskerRow>> {
  if (hashes.length === 0) return new Map();
  const { rows } = await sql<AskerRow>`
    select k.secret_hash as name, k.firm_id, k.person_id, p.role, k.scopes,
      k.last_used_at is null or k.last_used_at < clock_timestamp() - interval '1 minute' as is_note_due
    from identity.api_key k join identity.person p on p.id = k.person_id
    where k.secret_hash = any(${hashes}::text[]) and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())`.execute(reads.getKysely<unknown>());
  return byName(rows);
}

/** Notes that keys are used now, of each at most once a minute: a note is a commit, and a busy key is asked about all the time. */
async function noteUse(room: Room, hashes: readonly string[]): Promise<void> {
  // A key that somebody else writes just now is left to them: two who note the same keys would wait for each other in a circle.
  await room.db.asSystem().inOneTrip((em) => sql`
    update identity.api_key set last_used_at = clock_timestamp() where id in (
      select id from identity.api_key
      where secret_hash = any(${hashes}::text[]) and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')
      for update skip locked
    )`.execute(em.getKysely<unknown>()));
}

function byName(rows: readonly AskerRow[]): ReadonlyMap<string, AskerRow> {
  return new Map(rows.map((row) => [row.name, row]));
}

function toAsker(row: AskerRow | undefined): Asker | null {
  if (!row) return null;
  const granted = SCOPES_BY_ROLE[row.role];
  return {
    firmId: row.firm_id,
    userId: row.person_id,
    byKey: row.scopes !== null,
    role: row.role,
    scopes: row.scopes ? granted.filter((scope) => row.scopes?.includes(scope)) : granted,
  };
}

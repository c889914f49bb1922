import { sql } from 'kysely';
import { SCOPES_BY_ROLE, type Asker, type Role, type Scope } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';

interface AskerRow {
  readonly firm_id: string;
  readonly person_id: string;
  readonly role: Role;
  readonly scopes: Scope[] | null;
}

/** Who a live session or API key stands for, with today's role; `null` once it is revoked or expired. */
export async function findAsker(room: Room, by: { sessionId: string } | { apiKeyHash: string }): Promise<Asker | null> {
  const row = await room.db.asSystem().transaction(async (em) => {
    const query = 'sessionId' in by
      ? sql<AskerRow>`
          select s.firm_id, s.person_id, p.role, null as scopes
          from identity.session s join identity.person p on p.id = s.person_id
          where s.id = ${by.sessionId} and s.revoked_at is null and s.expires_at > clock_timestamp()`
      : sql<AskerRow>`
          update identity.api_key k set last_used_at = clock_timestamp()
          from identity.person p
          where k.secret_hash = ${by.apiKeyHash} and p.id = k.person_id and k.revoked_at is null
            and (k.expires_at is null or k.expires_at > clock_timestamp())
          returning k.firm_id, k.person_id, p.role, k.scopes`;
    return (await query.execute(em.getKysely<unknown>())).rows[0];
  });
  if (!row) return null;
  const granted = SCOPES_BY_ROLE[row.role];
  return {
    firmId: row.firm_id,
    userId: row.person_id,
    byKey: 'apiKeyHash' in by,
    role: row.role,
    scopes: row.scopes ? granted.filter((scope) => row.scopes?.includes(scope)) : granted,
  };
}

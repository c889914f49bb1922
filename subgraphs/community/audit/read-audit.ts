import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Request } from '../../../src/server/request.js';
import { LARGEST_TOTAL } from '../../../src/graph/page.graph.js';
import type { AuditAction, AuditEntry } from './audit-entry.js';

export interface AuditRow {
  readonly id: string;
  readonly entered_at: string;
  readonly action: AuditAction;
  readonly person_id: string | null;
  readonly by_key: boolean;
  readonly object_id: string;
}

/** One page of the asker's firm's log, the latest first, with one row more where there is one, and how many there are in all; counting stops above 10,000. */
export async function readAuditPage(request: Request, first: number, afterId: string | undefined): Promise<{ readonly rows: readonly AuditRow[]; readonly total: number }> {
  const { firmId } = request.demand();
  return request.read(async (em) => {
    const db = em.getKysely<unknown>();
    // Numbers count everybody's entries, so they stay here: a cursor is an entry's id.
    const page = sql<AuditRow>`
      select id, entered_at::text as entered_at, action, person_id, by_key, object_id from community.audit_entry
      where firm_id = ${firmId}
        and (${afterId ?? null}::uuid is null or number < (select number from community.audit_entry where firm_id = ${firmId} and id = ${afterId ?? null}::uuid))
      order by number desc limit ${first + 1}
    `.execute(db);
    const counted = sql<{ count: number }>`
      select count(*)::int as count from (select from community.audit_entry where firm_id = ${firmId} limit ${LARGEST_TOTAL}) counted
    `.execute(db);
    return { rows: (await page).rows, total: (await counted).rows[0]?.count ?? 0 };
  });
}

/** The last entry's number and hash, as the room keeps them apart from the entries. */
export async function readAuditHead(em: EntityManager): Promise<{ readonly number: number; readonly hash: string | null }> {
  const { rows } = await sql<{ number: string; hash: string | null }>`select number, hash from community.audit_head`.execute(em.getKysely<unknown>());
  return { number: Number(rows[0]?.number ?? 0), hash: rows[0]?.hash ?? null };
}

/** Up to `limit` entries of everybody from `number` on, in the order of their numbers. */
export async function readAuditEntries(em: EntityManager, from: number, limit: number): Promise<readonly AuditEntry[]> {
  const { rows } = await sql<Omit<AuditEntry, 'number'> & { number: string }>`
    select number, id, firm_id as "firmId", to_char(entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "enteredAt", action, person_id as "personId", by_key as "byKey",
      operator, object_id as "objectId", detail, previous_hash as "previousHash", hash
    from community.audit_entry where number >= ${from} order by number limit ${limit}
  `.execute(em.getKysely<unknown>());
  return rows.map((row) => ({ ...row, number: Number(row.number) }));
}

import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Asker } from '../../../src/server/asker.js';
import type { AuditAction, NetworkAction } from './audit-entry.js';

/** Which firm does something, and who of it; nobody, when the room itself does. */
export type Actor = Pick<Asker, 'firmId'> & Partial<Pick<Asker, 'userId' | 'byKey'>>;

interface NewEntry {
  readonly action: AuditAction;
  /** The row's own id of what it is about. */
  readonly objectId: string;
  readonly detail?: string;
}

/**
 * Writes what a firm did, or was shown, into its log, in the caller's transaction; several entries in the order given. It must
 * come last there: the chain's head is held from here to the end, and whoever holds it waits for nothing else.
 */
export async function noteAudit(em: EntityManager, at: Temporal.Instant, entries: readonly (NewEntry & { readonly by: Actor })[]): Promise<void> {
  if (entries.length === 0) return;
  await sql`
    insert into community.audit_entry (firm_id, entered_at, action, person_id, by_key, object_id, detail)
    select "firmId", ${inMilliseconds(at)}::timestamptz, action, "userId", "byKey", "objectId", detail
    from jsonb_to_recordset(${JSON.stringify(entries.map(({ by, ...entry }, place) => ({ place, ...entry, firmId: by.firmId, userId: by.userId, byKey: by.byKey ?? false })))}::jsonb)
      as entry (place int, "firmId" uuid, action text, "userId" uuid, "byKey" boolean, "objectId" uuid, detail text)
    order by place
  `.execute(em.getKysely<unknown>());
}

/** Writes what was done for the whole network into its log, in the caller's transaction, which acts as the room; last, as above. */
export async function noteNetworkAudit(em: EntityManager, at: Temporal.Instant, entry: { readonly action: NetworkAction; readonly operator?: string; readonly objectId?: string; readonly detail: string }): Promise<void> {
  await sql`
    insert into community.audit_entry (entered_at, action, operator, object_id, detail)
    values (${inMilliseconds(at)}::timestamptz, ${entry.action}, ${entry.operator ?? null}, ${entry.objectId ?? null}::uuid, ${entry.detail})
  `.execute(em.getKysely<unknown>());
}

/** What is hashed has milliseconds; what is kept must have no more. */
function inMilliseconds(at: Temporal.Instant): string {
  return at.round({ smallestUnit: 'millisecond', roundingMode: 'floor' }).toString();
}

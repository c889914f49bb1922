import { sql } from 'kysely';
import { notFound } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isoOf } from '../../../src/values/day.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { markRescoreDue } from '../score/mark-rescore-due.js';
import { readLatestVersion } from './upsert-statement.js';

/** Takes a statement back; its versions are kept, and sending the period again brings it back. Twice is the same as once. */
export async function withdrawStatement(room: Room, asker: Asker, id: string): Promise<void> {
  const path = ['input', 'id'];
  if (!isUuid(id)) throw notFound(path);
  await room.db.forFirm(asker.firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows: [statement] } = await sql<{ customerId: string }>`select customer_id as "customerId" from scoring.statement where id = ${id} for update`.execute(db);
    if (!statement) throw notFound(path);
    const latest = await readLatestVersion(em, id);
    if (!latest?.figures) return;
    await sql`
      insert into scoring.statement_version (statement_id, version, months, currency, figures, recorded_on, recorded_at, recorded_by, by_key)
      values (${id}, ${latest.version + 1}, ${latest.months}, ${latest.currency}, null, ${isoOf(room.clock.today())}::date,
        ${room.clock.now().toString()}::timestamptz, ${asker.userId ?? null}::uuid, ${asker.byKey ?? false})
    `.execute(db);
    await markRescoreDue(em, sql`select ${statement.customerId}::uuid`);
  });
}

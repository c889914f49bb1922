import { LockMode } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isoOf } from '../../../src/values/day.js';
import { parseLine } from '../../../src/values/written-text.js';
import { demandCustomer } from '../demand-customer.js';
import { markRescoreDue } from '../score/mark-rescore-due.js';
import { countsOn, LASTING_YEARS, LONGEST_SOURCE, type InsolvencyKind } from './insolvency.js';
import { InsolvencyNoticeTable } from './insolvency-notice.table.js';

export interface PublicNotice {
  readonly customerId: string;
  readonly kind: InsolvencyKind;
  readonly openedOn: Temporal.PlainDate;
  readonly source: string;
}

/**
 * Notes a public insolvency notice and returns its id. The same kind opened on the same day is the same notice: again it changes
 * nothing, with another source it is refused.
 */
export async function recordInsolvency(room: Room, asker: Asker, notice: PublicNotice): Promise<string> {
  const today = room.clock.today();
  const source = parseLine(notice.source, LONGEST_SOURCE);
  if (!source) throw new Refusal('INVALID', `A source has 1 to ${LONGEST_SOURCE} characters and no control characters.`, ['input', 'source']);
  if (Temporal.PlainDate.compare(notice.openedOn, today) > 0) throw new Refusal('INVALID', 'Proceedings are not opened in the future.', ['input', 'openedOn']);
  if (!countsOn(today, notice.openedOn, null)) throw new Refusal('INVALID', `A notice counts for ${LASTING_YEARS} years, which are over.`, ['input', 'openedOn']);
  await demandCustomer(room, asker.firmId, notice.customerId);
  return room.db.forFirm(asker.firmId).transaction(async (em) => {
    const day = isoOf(notice.openedOn);
    for (;;) {
      // Two at once: one inserts, the other waits for it here and then finds its row.
      const { rows: [added] } = await sql<{ id: string }>`
        insert into scoring.insolvency_notice (customer_id, kind, opened_on, source, recorded_at, recorded_by, by_key)
        values (${notice.customerId}, ${notice.kind}, ${day}::date, ${source}, ${room.clock.now().toString()}::timestamptz, ${asker.userId ?? null}::uuid, ${asker.byKey ?? false})
        on conflict (firm_id, customer_id, kind, opened_on) where withdrawn_on is null do nothing returning id
      `.execute(em.getKysely<unknown>());
      if (added) {
        await markRescoreDue(em, sql`select ${notice.customerId}::uuid`);
        return added.id;
      }
      const standing = await em.findOne(InsolvencyNoticeTable, { customerId: notice.customerId, kind: notice.kind, openedOn: day, withdrawnOn: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      // Withdrawn in between: then nothing stands in the way any more.
      if (!standing) continue;
      if (standing.source !== source) throw new Refusal('CONFLICT', 'This notice was recorded from another source.', ['input', 'source']);
      return standing.id;
    }
  });
}

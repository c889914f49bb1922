import { LockMode } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { parseLine } from '../../../src/values/written-text.js';
import { markRescoreDue } from '../score/mark-rescore-due.js';
import { LONGEST_SOURCE } from './insolvency.js';
import { InsolvencyNoticeTable } from './insolvency-notice.table.js';

/** Takes a notice back from today on; who did so and why is kept. The same again changes nothing, another reason is refused. */
export async function withdrawInsolvency(room: Room, asker: Asker, id: string, why: string): Promise<void> {
  const path = ['input', 'id'];
  const reason = parseLine(why, LONGEST_SOURCE);
  if (!reason) throw new Refusal('INVALID', `A reason has 1 to ${LONGEST_SOURCE} characters and no control characters.`, ['input', 'reason']);
  if (!isUuid(id)) throw notFound(path);
  await room.db.forFirm(asker.firmId).transaction(async (em) => {
    const notice = await em.findOne(InsolvencyNoticeTable, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!notice) throw notFound(path);
    if (notice.withdrawnOn) {
      if (notice.withdrawalReason !== reason) throw new Refusal('CONFLICT', 'This notice was withdrawn for another reason.', ['input', 'reason']);
      return;
    }
    notice.withdrawnOn = room.clock.today().toString();
    notice.withdrawnAt = new Date(room.clock.now().epochMilliseconds);
    notice.withdrawnBy = asker.userId ?? null;
    notice.withdrawnByKey = asker.byKey ?? false;
    notice.withdrawalReason = reason;
    await em.flush();
    await markRescoreDue(em, sql`select ${notice.customerId}::uuid`);
  });
}

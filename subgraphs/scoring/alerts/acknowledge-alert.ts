import { LockMode } from '@mikro-orm/postgresql';
import type { Clock } from '../../../src/clock.js';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { AlertTable } from './alert.table.js';

/** Notes that somebody has seen to an alert. Whoever was first stays: the same again changes nothing. */
export async function acknowledgeAlert(firm: FirmDatabase, asker: Asker, id: string, clock: Clock): Promise<void> {
  if (!isUuid(id)) throw notFound(['input', 'id']);
  await firm.transaction(async (em) => {
    const alert = await em.findOne(AlertTable, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!alert) throw notFound(['input', 'id']);
    if (alert.acknowledgedAt) return;
    alert.acknowledgedAt = new Date(clock.now().epochMilliseconds);
    alert.acknowledgedBy = asker.userId ?? null;
    await em.flush();
  });
}

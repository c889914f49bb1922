import { notFound } from '../../../src/errors.js';
import { record } from '../../../src/events/record.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { FirmTable, type FirmRow } from './firm.table.js';

/** Notes that a firm's registration was checked, and tells the community. Again it changes nothing. */
export async function verifyFirm(room: Room, firmId: string): Promise<FirmRow> {
  return room.db.asSystem().transaction(async (em) => {
    const firm = isUuid(firmId) ? await em.findOne(FirmTable, { id: firmId }) : null;
    if (!firm) throw notFound(['firmId']);
    if (!firm.verified) {
      firm.verified = true;
      await record(em, firm.id, 'firm.verified', { verified: true });
      await em.flush();
    }
    return firm;
  });
}

import { sql } from 'kysely';
import { forEachFirm } from '../../../src/server/for-each-firm.js';
import type { Room } from '../../../src/server/room.js';
import { closeMonths } from './close-months.js';
import { closedMonths } from './closed-month.js';

/** Closes the months of every firm whose ledger changed, or that has not told the last month yet. */
export async function closeDueMonths(room: Room): Promise<void> {
  const { last } = closedMonths(room.clock.today());
  const firmIds = await room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<{ firmId: string }>`
      select firm_id as "firmId" from portfolios.contribution_due
      union
      select firm_id from portfolios.contribution_consent where metrics <> '{}' and told_month is distinct from ${String(last)}::date
    `.execute(em.getKysely<unknown>());
    return rows.map(({ firmId }) => firmId);
  });
  await forEachFirm(firmIds, (firmId) => closeMonths(room, firmId));
}

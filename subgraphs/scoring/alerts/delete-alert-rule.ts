import { sql } from 'kysely';
import type { Clock } from '../../../src/clock.js';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound } from '../../../src/errors.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { AlertRuleTable } from './alert-rule.table.js';

/** Ends a rule; its alerts stay, and say which rule it was. The same again changes nothing. */
export async function deleteAlertRule(firm: FirmDatabase, id: string, clock: Clock): Promise<void> {
  if (!isUuid(id)) throw notFound(['input', 'id']);
  await firm.transaction(async (em) => {
    // Two at once wait for one another here; whoever raises an alert of this rule does not.
    await sql`select from scoring.alert_rule where id = ${id} for no key update`.execute(em.getKysely<unknown>());
    const rule = await em.findOne(AlertRuleTable, { id });
    if (!rule) throw notFound(['input', 'id']);
    if (rule.deletedAt) return;
    rule.deletedAt = new Date(clock.now().epochMilliseconds);
    await em.flush();
    await sql`delete from scoring.alert_standing where rule_id = ${id}`.execute(em.getKysely<unknown>());
  });
}

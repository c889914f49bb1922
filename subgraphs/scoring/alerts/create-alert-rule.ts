import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { demandCustomer } from '../demand-customer.js';
import { MOST_RULES, ruleTerms, type AskedRule } from './alert-rule.js';
import { AlertRuleTable, type AlertRuleRow } from './alert-rule.table.js';
import { awaitFigures } from './await-figures.js';
import type { RuleTerms } from './decide-alert.js';

/**
 * Makes a rule and returns its id. It starts from what is known of each customer now: nothing that is so already raises an
 * alert. A rule that says the same as one that stands is that one.
 */
export async function createAlertRule(room: Room, asker: Asker, asked: AskedRule, customerId: string | null): Promise<string> {
  const terms = ruleTerms(asked);
  if (customerId !== null) await demandCustomer(room, asker.firmId, customerId);
  await awaitFigures(room, asker.firmId);
  return room.db.forFirm(asker.firmId).transaction(async (em) => {
    // Two at once wait for one another here: neither the same rule twice nor one too many.
    await sql`insert into scoring.alert_book (last_number) values (0) on conflict (firm_id) do update set last_number = alert_book.last_number`.execute(em.getKysely<unknown>());
    const standing = await em.find(AlertRuleTable, { deletedAt: null });
    const same = standing.find((rule) => isSame(rule, { ...terms, customerId }));
    if (same) return same.id;
    if (standing.length >= MOST_RULES) throw new Refusal('LIMIT_REACHED', `A firm has at most ${MOST_RULES} rules.`, ['input']);
    const rule = em.create(AlertRuleTable, { ...terms, customerId, createdAt: new Date(room.clock.now().epochMilliseconds), createdBy: asker.userId ?? null, deletedAt: null });
    await em.flush();
    return rule.id;
  });
}

function isSame(rule: AlertRuleRow, asked: RuleTerms & { readonly customerId: string | null }): boolean {
  return (
    rule.metric === asked.metric && rule.direction === asked.direction
    && (rule.delta ?? null) === asked.delta && (rule.threshold ?? null) === asked.threshold && (rule.customerId ?? null) === asked.customerId
  );
}

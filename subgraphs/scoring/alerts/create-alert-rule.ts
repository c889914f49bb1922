import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Clock } from '../../../src/clock.js';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { MOST_RULES, ruleTerms, type AskedRule } from './alert-rule.js';
import { AlertRuleTable, type AlertRuleRow } from './alert-rule.table.js';
import type { RuleTerms } from './decide-alert.js';

/**
 * Makes a rule and returns its id. It starts from what is known of each customer now: nothing that is so already raises an
 * alert. A rule that says the same as one that stands is that one.
 */
export async function createAlertRule(firm: FirmDatabase, asker: Asker, asked: AskedRule, customerId: string | null, clock: Clock): Promise<string> {
  const terms = ruleTerms(asked);
  if (customerId !== null && !isUuid(customerId)) throw notFound(['input', 'customerId']);
  return firm.transaction(async (em) => {
    // Two at once wait for one another here: neither the same rule twice nor one too many.
    await sql`insert into scoring.alert_book (last_number) values (0) on conflict (firm_id) do update set last_number = alert_book.last_number`.execute(em.getKysely<unknown>());
    if (customerId !== null && !(await isKnown(em, customerId))) throw notFound(['input', 'customerId']);
    const standing = await em.find(AlertRuleTable, { deletedAt: null });
    const same = standing.find((rule) => isSame(rule, { ...terms, customerId }));
    if (same) return same.id;
    if (standing.length >= MOST_RULES) throw new Refusal('LIMIT_REACHED', `A firm has at most ${MOST_RULES} rules.`, ['input']);
    const rule = em.create(AlertRuleTable, { ...terms, customerId, createdAt: new Date(clock.now().epochMilliseconds), createdBy: asker.userId ?? null, deletedAt: null });
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

/** Whether this room was ever told of the customer, which a new one is within a second or so. */
async function isKnown(em: EntityManager, customerId: string): Promise<boolean> {
  const { rows } = await sql`
    select where exists (select from scoring.alert_measure where customer_id = ${customerId}) or exists (select from scoring.invoice_fact where customer_id = ${customerId})
  `.execute(em.getKysely<unknown>());
  return rows.length > 0;
}

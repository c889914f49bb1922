import { sql } from 'kysely';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { AlertDirection, AlertMetric } from './alert-metric.js';
import { MOST_RULES } from './alert-rule.js';

/** A rule as the database gives it. */
export interface AlertRuleRecord {
  readonly id: string;
  readonly metric: AlertMetric;
  readonly direction: AlertDirection;
  readonly delta: number | null;
  readonly threshold: number | null;
  readonly customerId: string | null;
  readonly createdAt: string | Date;
  readonly deletedAt: string | Date | null;
}

const ruleColumns = sql`r.id, r.metric, r.direction, r.delta, r.threshold, r.customer_id as "customerId", r.created_at as "createdAt", r.deleted_at as "deletedAt"`;

/** Rules by id, deleted ones too; what is malformed, unknown or another firm's is null. */
export const readAlertRules: BatchRead<string, AlertRuleRecord> = async (request, ids) => {
  const known = ids.filter(isUuid);
  if (known.length === 0) return ids.map(() => null);
  const { rows } = await request.read((em) => sql<AlertRuleRecord>`select ${ruleColumns} from scoring.alert_rule r where r.id = any(${known}::uuid[])`.execute(em.getKysely<unknown>()));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

/** The rules that stand, the oldest first. */
export async function listAlertRules(request: Request): Promise<readonly AlertRuleRecord[]> {
  const { rows } = await request.read((em) => sql<AlertRuleRecord>`select ${ruleColumns} from scoring.alert_rule r where r.deleted_at is null order by r.id limit ${sql.lit(MOST_RULES)}`.execute(em.getKysely<unknown>()));
  return rows;
}

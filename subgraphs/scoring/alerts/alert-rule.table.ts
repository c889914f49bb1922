import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { AlertDirection, AlertMetric } from './alert-metric.js';

/** What a firm wants to be told of. A rule that is deleted stays, for its alerts. */
export const AlertRuleTable = defineEntity({
  name: 'AlertRule',
  tableName: 'alert_rule',
  schema: 'scoring',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    metric: p.text().$type<AlertMetric>(),
    direction: p.text().$type<AlertDirection>(),
    delta: p.double().nullable(),
    threshold: p.double().nullable(),
    /** Null: every customer. */
    customerId: p.uuid().nullable(),
    createdAt: p.datetime(),
    createdBy: p.uuid().nullable(),
    deletedAt: p.datetime().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type AlertRuleRow = InferEntity<typeof AlertRuleTable>;

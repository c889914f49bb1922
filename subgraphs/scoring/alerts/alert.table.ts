import { defineEntity, p } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';

/** One move of a customer's figure that a rule asked for. Alerts are raised as sets; only their acknowledgement is written here. */
export const AlertTable = defineEntity({
  name: 'Alert',
  tableName: 'alert',
  schema: 'scoring',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    acknowledgedAt: p.datetime().nullable(),
    acknowledgedBy: p.uuid().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

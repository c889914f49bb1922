import { defineEntity, p } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';

/** A change of a customer's credit limit: who, when, from what to what. It is only ever added. */
export const CreditLimitChangeTable = defineEntity({
  name: 'CreditLimitChange',
  tableName: 'credit_limit_change',
  schema: 'portfolios',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    customerId: p.uuid(),
    changedAt: p.datetime(),
    changedBy: p.uuid().nullable(),
    byKey: p.boolean(),
    fromMinor: p.bigint('bigint').nullable(),
    fromCurrency: p.text().nullable(),
    toMinor: p.bigint('bigint').nullable(),
    toCurrency: p.text().nullable(),
    /** The approved request that it carries out; null: it was set directly. */
    requestId: p.uuid().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

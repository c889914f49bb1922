import { defineEntity, p } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { RequestState } from './request-state.js';

/** Somebody's wish that a customer have another credit limit, and what became of it. It is never deleted. */
export const CreditLimitRequestTable = defineEntity({
  name: 'CreditLimitRequest',
  tableName: 'credit_limit_request',
  schema: 'scoring',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    customerId: p.uuid(),
    limitMinor: p.bigint('bigint'),
    currency: p.text(),
    reason: p.text(),
    state: p.text().$type<RequestState>(),
    requestedBy: p.uuid(),
    requestedByKey: p.boolean(),
    requestedAt: p.datetime(),
    expiresOn: p.date(),
    decidedBy: p.uuid().nullable(),
    decidedByKey: p.boolean().nullable(),
    decidedAt: p.datetime().nullable(),
    note: p.text().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

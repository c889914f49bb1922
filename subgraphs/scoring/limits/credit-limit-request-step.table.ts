import { defineEntity, p } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { RequestState } from './request-state.js';

/** What somebody did to a request, or the ledger answered. It is only ever added. */
export const CreditLimitRequestStepTable = defineEntity({
  name: 'CreditLimitRequestStep',
  tableName: 'credit_limit_request_step',
  schema: 'scoring',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    requestId: p.uuid(),
    state: p.text().$type<RequestState>(),
    at: p.datetime(),
    takenBy: p.uuid().nullable(),
    byKey: p.boolean(),
    note: p.text().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

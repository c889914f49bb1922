import { defineEntity, p } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { Role } from '../../../src/server/asker.js';

/** Up to which amount a role may approve, from when on. It is only ever added; the newest of a role counts. */
export const CreditLimitPolicyTable = defineEntity({
  name: 'CreditLimitPolicy',
  tableName: 'credit_limit_policy',
  schema: 'scoring',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    role: p.text().$type<Role>(),
    upToMinor: p.bigint('bigint').nullable(),
    currency: p.text().nullable(),
    setBy: p.uuid(),
    byKey: p.boolean(),
    setAt: p.datetime(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

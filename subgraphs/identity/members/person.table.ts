import { defineEntity, p } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { Role } from '../../../src/server/asker.js';

/** Somebody who works for a firm. */
export const PersonTable = defineEntity({
  name: 'Person',
  tableName: 'person',
  schema: 'identity',
  properties: {
    id: p.uuid().primary(),
    firmId: p.uuid(),
    name: p.text(),
    /** Lower case; unique in the whole network. */
    email: p.text(),
    passwordHash: p.text(),
    role: p.text().$type<Role>(),
    locale: p.text().default('en'),
    createdAt: p.datetime().onCreate(() => new Date()),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

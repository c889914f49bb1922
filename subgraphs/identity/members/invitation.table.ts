import { defineEntity, p } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { Role } from '../../../src/server/asker.js';

/** An offer to join a firm, good for one person and some days. Only the hash of its token is kept. */
export const InvitationTable = defineEntity({
  name: 'Invitation',
  tableName: 'invitation',
  schema: 'identity',
  properties: {
    id: p.uuid().primary(),
    firmId: p.uuid(),
    email: p.text(),
    role: p.text().$type<Role>(),
    tokenHash: p.text(),
    expiresAt: p.datetime(),
    acceptedAt: p.datetime().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

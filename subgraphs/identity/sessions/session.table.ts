import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';

/** A signed-in person on one device. Only hashes of its refresh tokens are kept. */
export const SessionTable = defineEntity({
  name: 'Session',
  tableName: 'session',
  schema: 'identity',
  properties: {
    id: p.uuid().primary(),
    firmId: p.uuid(),
    personId: p.uuid(),
    /** Of the part that all refresh tokens of the session have in common: any of them, however old, leads here. */
    familyHash: p.text(),
    refreshHash: p.text(),
    /** The token before the present one: met again, it means theft, except just after it was spent. */
    spentRefreshHash: p.text().nullable(),
    spentAt: p.datetime().nullable(),
    expiresAt: p.datetime(),
    revokedAt: p.datetime().nullable(),
    createdAt: p.datetime().onCreate(() => new Date()),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type SessionRow = InferEntity<typeof SessionTable>;

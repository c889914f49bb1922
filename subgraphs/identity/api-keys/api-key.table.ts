import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { Scope } from '../../../src/server/asker.js';

/** A secret by which a program acts for a firm. Only its hash is kept. */
export const ApiKeyTable = defineEntity({
  name: 'ApiKey',
  tableName: 'api_key',
  schema: 'identity',
  properties: {
    id: p.uuid().primary(),
    firmId: p.uuid(),
    /** Who made it: it never may more than that person may. */
    personId: p.uuid(),
    name: p.text(),
    scopes: p.array().$type<Scope[]>(),
    secretHash: p.text(),
    expiresAt: p.datetime().nullable(),
    lastUsedAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
    createdAt: p.datetime().onCreate(() => new Date()),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type ApiKeyRow = InferEntity<typeof ApiKeyTable>;

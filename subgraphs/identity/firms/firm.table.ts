import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { CURRENT_FIRM } from '../../../src/database/own-firm.js';

/** A member firm. Its row belongs to itself. */
export const FirmTable = defineEntity({
  name: 'Firm',
  tableName: 'firm',
  schema: 'identity',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    country: p.text(),
    registrationScheme: p.text(),
    registrationValue: p.text(),
    verified: p.boolean().default(false),
    /** Grows with every change of `verified`. */
    verificationRevision: p.bigint('number').default(0),
    createdAt: p.datetime().onCreate(() => new Date()),
  },
  rowLevelSecurity: 'force',
  policies: [{
    name: 'own_firm',
    using: `id = ${CURRENT_FIRM}`,
    check: `id = ${CURRENT_FIRM}`,
  }],
});
export type FirmRow = InferEntity<typeof FirmTable>;

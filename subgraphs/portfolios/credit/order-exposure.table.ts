import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';

/** An accepted order that is not invoiced yet, by the firm's own reference. A released one no longer counts. */
export const OrderExposureTable = defineEntity({
  name: 'OrderExposure',
  tableName: 'order_exposure',
  schema: 'portfolios',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    customerId: p.uuid(),
    orderReference: p.text(),
    currency: p.text(),
    amountMinor: p.bigint('bigint'),
    setAt: p.datetime(),
    /** Who let it go beyond the headroom; null when it was within. */
    overriddenBy: p.uuid().nullable(),
    releasedAt: p.datetime().nullable(),
  },
  uniques: [{ properties: ['firmId', 'customerId', 'orderReference'] }],
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type OrderExposureRow = InferEntity<typeof OrderExposureTable>;

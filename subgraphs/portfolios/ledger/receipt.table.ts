import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';

/** A payment that came in. What no invoice has taken of it is unapplied. */
export const ReceiptTable = defineEntity({
  name: 'Receipt',
  tableName: 'receipt',
  schema: 'portfolios',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    /** Null: nobody knows yet who paid. */
    customerId: p.uuid().nullable(),
    reference: p.text(),
    receivedOn: p.date(),
    currency: p.text(),
    amountMinor: p.bigint('bigint'),
    appliedMinor: p.bigint('bigint').default(0),
    /** Numbers of the invoices it was sent for, in that order. */
    namedInvoices: p.array().defaultRaw(`'{}'`),
  },
  uniques: [{ properties: ['firmId', 'customerId', 'reference'] }],
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type ReceiptRow = InferEntity<typeof ReceiptTable>;

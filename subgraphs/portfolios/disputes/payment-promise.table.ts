import { defineEntity, p } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';

/** A customer said that it will pay invoices by a day. Days are `yyyy-MM-dd`. */
export const PaymentPromiseTable = defineEntity({
  name: 'PaymentPromise',
  tableName: 'payment_promise',
  schema: 'portfolios',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    customerId: p.uuid(),
    madeOn: p.date(),
    promisedOn: p.date(),
    currency: p.text(),
    amountMinor: p.bigint('bigint'),
    /** What may still be open of its invoices when it is kept. */
    leftMinor: p.bigint('bigint'),
    note: p.text().nullable(),
    recordedBy: p.uuid().nullable(),
    replacedOn: p.date().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

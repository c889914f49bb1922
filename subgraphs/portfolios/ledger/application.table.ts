import { defineEntity, p } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';

/** A part of an invoice settled on a day, and by what: a receipt, a credit note, or neither when a ledger only states it. */
export const ApplicationTable = defineEntity({
  name: 'Application',
  tableName: 'application',
  schema: 'portfolios',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    customerId: p.uuid(),
    invoiceId: p.uuid(),
    receiptId: p.uuid().nullable(),
    creditNoteId: p.uuid().nullable(),
    appliedOn: p.date(),
    amountMinor: p.bigint('bigint'),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';

/** An invoice or a credit note. Days are `yyyy-MM-dd` in rows. */
export const InvoiceTable = defineEntity({
  name: 'Invoice',
  tableName: 'invoice',
  schema: 'portfolios',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    customerId: p.uuid(),
    number: p.text(),
    kind: p.text().$type<'INVOICE' | 'CREDIT_NOTE'>().default('INVOICE'),
    issueDate: p.date(),
    dueDate: p.date(),
    dueDateAssumed: p.boolean().default(false),
    currency: p.text(),
    amountMinor: p.bigint('bigint'),
    appliedMinor: p.bigint('bigint').default(0),
    settledOn: p.date().nullable(),
    cancelled: p.boolean().default(false),
    revision: p.bigint('bigint').default(1),
  },
  uniques: [{ properties: ['firmId', 'customerId', 'number'] }],
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type InvoiceRow = InferEntity<typeof InvoiceTable>;

import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { DisputeOutcome, DisputeReason } from './dispute-reason.js';

/** A customer contests an invoice. Days are `yyyy-MM-dd`; on the day it is resolved it is no longer open. */
export const DisputeTable = defineEntity({
  name: 'Dispute',
  tableName: 'dispute',
  schema: 'portfolios',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    customerId: p.uuid(),
    invoiceId: p.uuid(),
    reason: p.text().$type<DisputeReason>(),
    responsible: p.text(),
    note: p.text().nullable(),
    currency: p.text(),
    /** What was open of the invoice on the day it was opened. */
    amountMinor: p.bigint('bigint'),
    openedOn: p.date(),
    openedBy: p.uuid().nullable(),
    resolvedOn: p.date().nullable(),
    outcome: p.text().$type<DisputeOutcome>().nullable(),
    resolutionNote: p.text().nullable(),
    resolvedBy: p.uuid().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type DisputeRow = InferEntity<typeof DisputeTable>;

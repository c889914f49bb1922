import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { InsolvencyKind } from './insolvency.js';

/** A public notice that a customer is insolvent. Days are `yyyy-MM-dd`; on the day it is withdrawn it no longer counts. */
export const InsolvencyNoticeTable = defineEntity({
  name: 'InsolvencyNotice',
  tableName: 'insolvency_notice',
  schema: 'scoring',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    customerId: p.uuid(),
    kind: p.text().$type<InsolvencyKind>(),
    openedOn: p.date(),
    source: p.text(),
    recordedAt: p.datetime(),
    recordedBy: p.uuid().nullable(),
    byKey: p.boolean(),
    withdrawnOn: p.date().nullable(),
    withdrawnAt: p.datetime().nullable(),
    withdrawnBy: p.uuid().nullable(),
    withdrawnByKey: p.boolean().nullable(),
    withdrawalReason: p.text().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type InsolvencyNoticeRow = InferEntity<typeof InsolvencyNoticeTable>;

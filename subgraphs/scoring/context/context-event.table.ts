import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { ContextKind } from './context-event.js';

/** Something that makes customers of some countries and sectors riskier or safer for a time. Only its end is ever changed. */
export const ContextEventTable = defineEntity({
  name: 'ContextEvent',
  tableName: 'context_event',
  schema: 'scoring',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    name: p.text(),
    kind: p.text().$type<ContextKind>(),
    countries: p.array(),
    sectors: p.array(),
    sectorPrefixes: p.array(),
    startsOn: p.date(),
    lastOn: p.date().nullable(),
    shift: p.integer(),
    createdAt: p.datetime(),
    createdBy: p.uuid().nullable(),
    byKey: p.boolean(),
    endedOn: p.date().nullable(),
    endedAt: p.datetime().nullable(),
    endedBy: p.uuid().nullable(),
    endedByKey: p.boolean().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type ContextEventRow = InferEntity<typeof ContextEventTable>;

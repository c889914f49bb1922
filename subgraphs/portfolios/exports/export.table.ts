import { defineEntity, p } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { ownFirm } from '../../../src/database/own-firm.js';
import { isUuid } from '../../../src/values/opaque-id.js';

export const EXPORT_CONTENTS = ['INVOICES', 'CUSTOMERS'] as const;
export type ExportContent = (typeof EXPORT_CONTENTS)[number];
export const EXPORT_FORMATS = ['CSV', 'JSON_LINES'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The conditions of a list, as they were asked for; null where nothing was. Days are `yyyy-MM-dd`. */
export interface ExportFilter {
  readonly customerId: string | null;
  readonly open: boolean | null;
  readonly overdue: boolean | null;
  readonly dueFrom: string | null;
  readonly dueTo: string | null;
  readonly search: string | null;
}

export const ExportTable = defineEntity({
  name: 'Export',
  tableName: 'export',
  schema: 'portfolios',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    content: p.text().$type<ExportContent>(),
    format: p.text().$type<ExportFormat>(),
    filter: p.json<ExportFilter>(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

/** An export as its firm sees it. */
export interface ExportState {
  readonly id: string;
  readonly content: ExportContent;
  readonly format: ExportFormat;
  readonly filter: ExportFilter;
  readonly expiresAt: string;
  readonly isExpired: boolean;
}

/** An export of the firm; `undefined` for a malformed, unknown or foreign id. */
export async function readExport(em: Reader, id: string): Promise<ExportState | undefined> {
  if (!isUuid(id)) return undefined;
  const { rows } = await sql<ExportState>`
    select id, content, format, filter, expires_at::text as "expiresAt", expires_at <= clock_timestamp() as "isExpired" from portfolios.export where id = ${id}
  `.execute(em.getKysely<unknown>());
  return rows[0];
}

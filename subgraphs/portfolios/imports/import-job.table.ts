import { defineEntity, p } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { UserErrorCode } from '../../../src/errors.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { EndOfMonth } from '../terms/due-date.js';
import type { ColumnMapping } from './import-field.js';
import { MOST_WARNINGS, type Warning } from './import-warning.js';
import { mergeProgressOf } from './merge-progress.js';
import type { RejectionCode } from './rejection.js';

export const IMPORT_FORMATS = ['CSV', 'FEC', 'UBL', 'CII', 'FACTURX', 'CAMT053'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];
export const IMPORT_MODES = ['DELTA', 'SNAPSHOT'] as const;
export type ImportMode = (typeof IMPORT_MODES)[number];
export const IMPORT_STATUSES = ['AWAITING_UPLOAD', 'RUNNING', 'COMPLETED', 'FAILED'] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

/** One file to be taken into the ledger. The columns that the upload and the merge keep are written by them in SQL. */
export const ImportJobTable = defineEntity({
  name: 'ImportJob',
  tableName: 'import_job',
  schema: 'portfolios',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    format: p.text().$type<ImportFormat>(),
    mode: p.text().$type<ImportMode>(),
    dryRun: p.boolean(),
    status: p.text().$type<ImportStatus>().default('AWAITING_UPLOAD'),
    /** Of the rows that name none. */
    currency: p.text(),
    /** For invoices without a due date whose customer has no terms; null: 30 days. */
    termsDays: p.integer().nullable(),
    termsEndOfMonth: p.text().$type<EndOfMonth>().nullable(),
    termsFixedDay: p.integer().nullable(),
    /** Null: the columns are the field names in lower case. */
    mapping: p.json<readonly ColumnMapping[]>().nullable(),
    dateFormat: p.text(),
    /** Null: taken from the header. */
    delimiter: p.text().nullable(),
    fileName: p.text().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});

/** A job as its firm sees it. */
export interface JobState {
  readonly id: string;
  readonly format: ImportFormat;
  readonly mode: ImportMode;
  readonly dryRun: boolean;
  readonly status: ImportStatus;
  readonly fileName: string | null;
  readonly rowsRead: number;
  readonly rowsAccepted: number;
  readonly rowsUnchanged: number;
  readonly rowsRejected: number;
  /** From 0 to 1; null until the whole file has come in, and when it failed. */
  readonly mergeProgress: number | null;
  readonly failure: { readonly code: UserErrorCode; readonly message: string; readonly path: readonly string[] } | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** The columns of a `JobState`, of `portfolios.import_job`. */
export const jobColumns = sql`
  id, format, mode, dry_run as "dryRun", status, file_name as "fileName", rows_read as "rowsRead", rows_accepted as "rowsAccepted",
  rows_unchanged as "rowsUnchanged", rows_rejected as "rowsRejected",
  case when status = 'COMPLETED' then 1 when status = 'RUNNING' and staged_at is not null then ${mergeProgressOf(sql`id`)} end as "mergeProgress",
  case when failure_code is not null then jsonb_build_object('code', failure_code, 'message', failure_message, 'path', failure_path) end as failure,
  created_at::text as "createdAt", started_at::text as "startedAt", finished_at::text as "finishedAt"
`;

/** A job of the firm; `undefined` for a malformed, unknown or foreign id. */
export async function readJob(em: Reader, id: string): Promise<JobState | undefined> {
  if (!isUuid(id)) return undefined;
  const { rows } = await sql<JobState>`select ${jobColumns} from portfolios.import_job where id = ${id}`.execute(em.getKysely<unknown>());
  return rows[0];
}

export interface RejectionRow {
  /** Counted on through all files of a zip: what orders the rejections. */
  readonly line: number;
  /** The name of the file in a zip; null when the upload is one file. */
  readonly file: string | null;
  /** The line within that file. */
  readonly fileLine: number;
  readonly position: number;
  readonly column: string | null;
  readonly value: string | null;
  readonly code: RejectionCode;
  readonly message: string;
}

/** The refused rows of a job after a place in its file, by line. */
export async function listRejections(em: Reader, jobId: string, limit: number, after: { readonly line: number; readonly position: number }): Promise<readonly RejectionRow[]> {
  const { rows } = await sql<RejectionRow>`
    select r.line, r.position, f.name as file, r.line - coalesce(f.line, 0) as "fileLine", r.column_name as column, r.value, r.code, r.message
    from portfolios.import_rejection r ${fileOf(sql`r`)}
    where r.job_id = ${jobId} and (r.line, r.position) > (${after.line}, ${after.position}) order by r.line, r.position limit ${limit}
  `.execute(em.getKysely<unknown>());
  return rows;
}

/** How many rejections a job has, counted up to `limit`. */
export async function countRejections(em: Reader, jobId: string, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (select from portfolios.import_rejection where job_id = ${jobId} limit ${limit}) counted
  `.execute(em.getKysely<unknown>());
  return rows[0]!.count;
}

/** The warnings of a job, by line; what is about the whole file first. */
export async function listWarnings(em: Reader, jobId: string): Promise<readonly Warning[]> {
  const { rows } = await sql<Warning>`
    select f.name as file, w.line - coalesce(f.line, 0) as line, w.code, w.message
    from portfolios.import_warning w ${fileOf(sql`w`)} where w.job_id = ${jobId} order by w.line nulls first, w.id limit ${MOST_WARNINGS}
  `.execute(em.getKysely<unknown>());
  return rows;
}

/** Joins the file of a zip in which a row's line is, as `f`. */
function fileOf(row: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`left join lateral (select line, name from portfolios.import_file where job_id = ${row}.job_id and line < ${row}.line order by line desc limit 1) f on true`;
}

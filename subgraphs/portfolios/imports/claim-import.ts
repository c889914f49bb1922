import { sql } from 'kysely';
import { afterCommit, type FirmDatabase } from '../../../src/database/room-database.js';
import { ApiError, type Refusal } from '../../../src/errors.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { Registration } from '../../../src/values/registration.js';
import type { ColumnMapping } from './import-field.js';
import type { ImportFormat } from './import-job.table.js';
import { forgetStaged } from './forget-staged.js';

/** What an upload must know of its job. `attempt` tells it from every other upload to the same job. */
export interface ClaimedImport {
  readonly id: string;
  readonly attempt: number;
  readonly format: ImportFormat;
  readonly mode: 'DELTA' | 'SNAPSHOT';
  readonly mapping: readonly ColumnMapping[] | null;
  readonly currency: string;
  readonly dateFormat: string;
  readonly delimiter: string | null;
  /** Under which the firm signed up; null when it named none. */
  readonly own: Registration | null;
}

/** The topic of a job's hints. */
export function importTopic(id: string): string {
  return `import:${id}`;
}

/**
 * Takes a job that awaits its file for this upload, and for no other. `NOT_FOUND` for a malformed, unknown or foreign id,
 * `CONFLICT` when it has had its file or another upload is under way.
 */
export async function claimImport(firm: FirmDatabase, id: string): Promise<ClaimedImport> {
  if (!isUuid(id)) throw noSuchImport();
  return firm.transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows } = await sql<ClaimedImport>`
      update portfolios.import_job set status = 'RUNNING', attempt = attempt + 1, started_at = clock_timestamp(), heartbeat_at = clock_timestamp()
      where id = ${id} and status = 'AWAITING_UPLOAD'
      returning id, attempt, format, mode, mapping, currency, date_format as "dateFormat", delimiter,
        (select jsonb_build_object('scheme', scheme, 'value', value) from portfolios.own_registration) as own
    `.execute(db);
    if (rows[0]) {
      afterCommit(em, (hints) => hints.publish(importTopic(id)));
      return rows[0];
    }
    const { rows: known } = await sql`select from portfolios.import_job where id = ${id}`.execute(db);
    if (known.length === 0) throw noSuchImport();
    throw new ApiError('CONFLICT', 'This import has had its file. Create another import to send another file.');
  });
}

/** Gives a job back after its upload broke off: nothing of it stays, and the file can be sent again. */
export async function releaseImport(firm: FirmDatabase, { id, attempt }: Pick<ClaimedImport, 'id' | 'attempt'>): Promise<void> {
  await firm.transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows } = await sql`
      update portfolios.import_job set status = 'AWAITING_UPLOAD', started_at = null, rows_read = 0, rows_accepted = 0, rows_rejected = 0
      where id = ${id} and attempt = ${attempt} and status = 'RUNNING' and staged_at is null returning id
    `.execute(db);
    if (rows.length === 0) return;
    await sql`delete from portfolios.import_row where job_id = ${id}`.execute(db);
    await forgetStaged(em, id);
    await sql`delete from portfolios.import_rejection where job_id = ${id}`.execute(db);
    await sql`delete from portfolios.import_warning where job_id = ${id}`.execute(db);
    await sql`delete from portfolios.import_file where job_id = ${id}`.execute(db);
    afterCommit(em, (hints) => hints.publish(importTopic(id)));
  });
}

/** Ends a job whose file cannot be taken. Nothing of the file lands; what was refused of it stays readable. */
export async function failImport(firm: FirmDatabase, { id, attempt }: Pick<ClaimedImport, 'id' | 'attempt'>, failure: Refusal): Promise<void> {
  await firm.transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows } = await sql`
      update portfolios.import_job set status = 'FAILED', failure_code = ${failure.code}, failure_message = ${failure.message},
        failure_path = ${[...failure.path]}::text[], rows_accepted = 0, finished_at = clock_timestamp()
      where id = ${id} and attempt = ${attempt} and status = 'RUNNING' returning id
    `.execute(db);
    if (rows.length === 0) return;
    await sql`delete from portfolios.import_row where job_id = ${id}`.execute(db);
    await forgetStaged(em, id);
    afterCommit(em, (hints) => hints.publish(importTopic(id)));
  });
}

function noSuchImport(): ApiError {
  return new ApiError('NOT_FOUND', 'There is no such import.');
}

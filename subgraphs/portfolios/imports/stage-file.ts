import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { PoolClient } from 'pg';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { ApiError, Refusal } from '../../../src/errors.js';
import type { Hints } from '../../../src/events/hints.js';
import { importTopic, type ClaimedImport } from './claim-import.js';
import type { LedgerRow, RefusedRow } from './parse-row.js';
import { rowsOf, type ReadRow } from './read-file.js';
import { readUpload } from './read-upload.js';
import type { Rejection } from './rejection.js';
import { copyCells, type StagedRow, type StagedTable } from './staged-table.js';

/** Rows are staged when there are this many, or when the last were this long ago: so often progress is seen. */
const BATCH_ROWS = 5_000;
const BATCH_MILLISECONDS = 250;

/** So many rows are held as texts before they become bytes. */
const ENCODED_AT_ONCE = 250;

/** A file with more refused rows than this, and more than it has good ones, is the wrong file: it fails as a whole. */
const MOST_REFUSED = 10_000;

/** How often an upload says that it is still there, in milliseconds; see `STALE_SECONDS`. */
const HEARTBEAT_MILLISECONDS = 5_000;

/** What is known once a file is read to its end. */
interface Tally {
  read: number;
  accepted: number;
  refused: number;
  /** Refused rows that do not say which invoice they mean. */
  unreadable: number;
}

/** Rows on their way to the staging table. */
interface Batch {
  readonly rows: string[];
  /** Rows as bytes: as texts they would live so long that the heap grows with the file. */
  readonly encoded: Buffer[];
  encodedRows: number;
  /** Lines of rows that name their customer by its legal unit. */
  readonly units: { readonly line: number; readonly legalUnit: string }[];
  /** Rows of a format's own, by their table. */
  readonly others: Map<StagedTable, string[]>;
  readonly rejections: Rejection[];
}

/**
 * Reads a file as it comes in and stages its rows, a batch to a transaction, then marks the job as staged. A file that
 * cannot be read is a `Refusal`. Whatever it throws, the job is still this upload's to release or to fail.
 */
export async function stageFile(firm: FirmDatabase, hints: Hints, job: ClaimedImport, bytes: AsyncIterable<Uint8Array>, encoding: string, today: Temporal.PlainDate): Promise<void> {
  const tally: Tally = { read: 0, accepted: 0, refused: 0, unreadable: 0 };
  let batch: Batch = emptyBatch();
  let flushed = Date.now();
  let flushing: Promise<void> = Promise.resolve();
  const heartbeat = setInterval(() => void touch(firm, job).catch(() => undefined), HEARTBEAT_MILLISECONDS);
  /** Hands a batch to the database and goes on reading; the one before must have landed. */
  const flush = async (): Promise<void> => {
    await flushing;
    const full = batch;
    const counts = { ...tally };
    batch = emptyBatch();
    flushed = Date.now();
    flushing = stageBatch(firm, job, full, counts).then(() => hints.publish(importTopic(job.id)));
    // Met by the next `await flushing`; until then it must not count as unhandled.
    flushing.catch(() => undefined);
  };
  try {
    const { fields, rows } = await readUpload(bytes, encoding, job);
    for await (const read of rows) {
      for (const row of rowsOf(read)) addRow(batch, tally, row);
      if (batch.rows.length >= ENCODED_AT_ONCE) encodeRows(batch);
      if (tally.refused > MOST_REFUSED && tally.refused > tally.accepted) {
        throw new Refusal('LIMIT_REACHED', `More than ${MOST_REFUSED} rows are refused, and most of the file: it looks like another file, or another date format.`, ['file']);
      }
      if (sizeOf(batch) >= BATCH_ROWS || Date.now() - flushed >= BATCH_MILLISECONDS) await flush();
    }
    if (job.mode === 'SNAPSHOT' && tally.accepted === 0) throw new Refusal('REQUIRED', 'A snapshot without a row that can be taken would close every invoice.', ['file']);
    await flush();
    await flushing;
    await finishStaging(firm, job, fields, tally.unreadable, today);
  } catch (error) {
    // What was refused before the whole file was is still to be told.
    if (error instanceof Refusal && batch.rejections.length > 0) await flush().catch(() => undefined);
    // What still writes must have ended before the job is given back or failed.
    await flushing.catch(() => undefined);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

function emptyBatch(): Batch {
  return { rows: [], encoded: [], encodedRows: 0, units: [], others: new Map(), rejections: [] };
}

/** Turns the rows so far into bytes. */
function encodeRows(batch: Batch): void {
  if (batch.rows.length === 0) return;
  batch.encodedRows += batch.rows.length;
  batch.encoded.push(Buffer.from(batch.rows.join('')));
  batch.rows.length = 0;
}

function sizeOf({ rows, encodedRows, others, rejections }: Batch): number {
  let size = rows.length + encodedRows + rejections.length;
  for (const cells of others.values()) size += cells.length;
  return size;
}

function addRow(batch: Batch, tally: Tally, row: ReadRow): void {
  if (!('table' in row) || row.table.counts) tally.read += 1;
  if ('table' in row) addOther(batch, tally, row);
  else if ('rejections' in row) addRefused(batch, tally, row);
  else {
    tally.accepted += 1;
    batch.rows.push(copyLine(row));
    if (row.legalUnit !== undefined) batch.units.push({ line: row.line, legalUnit: row.legalUnit });
  }
}

function addOther(batch: Batch, tally: Tally, { table, cells }: StagedRow): void {
  if (table.counts) tally.accepted += 1;
  const known = batch.others.get(table);
  if (known) known.push(copyCells(cells));
  else batch.others.set(table, [copyCells(cells)]);
}

function addRefused(batch: Batch, tally: Tally, row: RefusedRow): void {
  tally.refused += 1;
  batch.rejections.push(...row.rejections);
  if (row.reference !== undefined && row.number !== undefined) {
    batch.rows.push(`${[row.line, 'f', escape(row.reference), escape(row.number), ...Array<string>(11).fill('\\N')].join('\t')}\n`);
  } else {
    tally.unreadable += 1;
  }
}

/** A row in the text form of COPY. */
function copyLine({ line, reference, number, name, country, registration, kind, issueDate, dueDate, currency, amountMinor, settledOn, openMinor }: LedgerRow): string {
  return `${line}\tt\t${escape(reference)}\t${escape(number)}\t${name === null ? '\\N' : escape(name)}\t${country ?? '\\N'}\t${registration?.scheme ?? '\\N'}\t${registration?.value ?? '\\N'}\t${kind}\t${issueDate}\t${dueDate ?? '\\N'}\t${currency}\t${amountMinor}\t${settledOn ?? '\\N'}\t${openMinor ?? '\\N'}\n`;
}

/** Labels hold no control characters; a backslash is all that COPY would read otherwise. */
function escape(label: string): string {
  return label.includes('\\') ? label.replaceAll('\\', '\\\\') : label;
}

/** Says that the upload is alive, and that it still holds the job: its row stays locked until the transaction ends. */
async function holdJob(client: PoolClient, job: ClaimedImport, counts: Tally): Promise<void> {
  const { rowCount } = await client.query(
    `update portfolios.import_job set heartbeat_at = clock_timestamp(), rows_read = $3, rows_accepted = $4, rows_rejected = $5
     where id = $1 and attempt = $2 and status = 'RUNNING' and staged_at is null`,
    [job.id, job.attempt, counts.read, counts.accepted, counts.refused],
  );
  if (rowCount === 0) throw new ApiError('CONFLICT', 'This upload was given up, and the import is another\'s.');
}

async function touch(firm: FirmDatabase, job: ClaimedImport): Promise<void> {
  await firm.driverTransaction(async (client) => {
    await client.query(`update portfolios.import_job set heartbeat_at = clock_timestamp() where id = $1 and attempt = $2`, [job.id, job.attempt]);
  });
}

/** PostgreSQL refuses COPY into a table under row-level security, so a batch goes through a table of the connection's own, which forgets its rows with the transaction. */
const LANDING = `create temp table if not exists import_landing (
  line int, accepted boolean, reference text, number text, name text, country text, registration_scheme text, registration_value text,
  kind text, issue_date date, due_date date, currency text, amount_minor bigint, settled_on date, open_minor bigint
) on commit delete rows`;

const STAGED_COLUMNS = `line, accepted, reference, number, name, country, registration_scheme, registration_value, kind, issue_date, due_date, currency, amount_minor, settled_on, open_minor`;

async function stageBatch(firm: FirmDatabase, job: ClaimedImport, batch: Batch, counts: Tally): Promise<void> {
  await firm.driverTransaction(async (client) => {
    // A batch lost in a crash of the server is lost with its job's progress; only the end of the staging must be durable.
    await client.query(`set local synchronous_commit = off; set local client_min_messages = warning; ${LANDING}`);
    await holdJob(client, job, counts);
    encodeRows(batch);
    if (batch.encoded.length > 0) {
      await pipeline(Readable.from(batch.encoded), client.query(copyFrom(`copy import_landing (${STAGED_COLUMNS}) from stdin`)));
      if (batch.units.length > 0) await referToKnown(client, batch.units);
      await client.query(`insert into portfolios.import_row (job_id, ${STAGED_COLUMNS}) select $1, ${STAGED_COLUMNS} from import_landing`, [job.id]);
    }
    for (const [table, rows] of batch.others) await stageOthers(client, job.id, table, rows);
    if (batch.rejections.length > 0) await insertRejections(client, job.id, batch.rejections);
  });
}

/** Gives rows the reference of the one customer that the firm knows by their legal unit; of several, none is meant. */
async function referToKnown(client: PoolClient, units: Batch['units']): Promise<void> {
  await client.query(
    `update import_landing landed set reference = known.reference
     from unnest($1::int[], $2::text[]) as given (line, legal_unit)
     join (
       select legal_unit, min(reference) as reference from portfolios.customer where legal_unit = any($2) group by legal_unit having count(*) = 1
     ) known using (legal_unit) where landed.line = given.line`,
    [units.map(({ line }) => line), units.map(({ legalUnit }) => legalUnit)],
  );
}

async function stageOthers(client: PoolClient, jobId: string, table: StagedTable, rows: readonly string[]): Promise<void> {
  const columns = table.columns.join(', ');
  await client.query(`create temp table if not exists landing_${table.name} on commit delete rows as select ${columns} from portfolios.${table.name} with no data`);
  await pipeline(Readable.from([Buffer.from(rows.join(''))]), client.query(copyFrom(`copy landing_${table.name} (${columns}) from stdin`)));
  await client.query(`insert into portfolios.${table.name} (job_id, ${columns}) select $1, ${columns} from landing_${table.name}`, [jobId]);
}

async function insertRejections(client: PoolClient, jobId: string, rejections: readonly Rejection[]): Promise<void> {
  await client.query(
    `insert into portfolios.import_rejection (job_id, line, position, column_name, value, code, message)
     select $1, line, coalesce(told.count, 0) + row_number() over (partition by line order by ordinality), column_name, value, code, message
     from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[]) with ordinality as given (line, column_name, value, code, message, ordinality)
     left join (select line, count(*) as count from portfolios.import_rejection where job_id = $1 and line = any($2) group by line) told using (line)`,
    [jobId, rejections.map(({ line }) => line), rejections.map(({ column }) => column), rejections.map(({ value }) => value), rejections.map(({ code }) => code), rejections.map(({ message }) => message)],
  );
}

async function finishStaging(firm: FirmDatabase, job: ClaimedImport, fields: readonly string[], unreadable: number, today: Temporal.PlainDate): Promise<void> {
  await firm.driverTransaction(async (client) => {
    const { rowCount } = await client.query(
      `update portfolios.import_job set staged_at = clock_timestamp(), heartbeat_at = clock_timestamp(), fields = $3, unreadable_rows = $4, business_day = $5
       where id = $1 and attempt = $2 and status = 'RUNNING' and staged_at is null`,
      [job.id, job.attempt, [...fields], unreadable, today.toString()],
    );
    if (rowCount === 0) throw new ApiError('CONFLICT', 'This upload was given up, and the import is another\'s.');
  });
}

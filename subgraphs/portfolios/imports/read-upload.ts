import { Refusal } from '../../../src/errors.js';
import type { ClaimedImport } from './claim-import.js';
import type { ImportField } from './import-field.js';
import type { LedgerRow, RefusedRow } from './parse-row.js';
import { FORMATS, type ReadFormat, type Reading, rowsOf } from './read-file.js';
import { LARGEST_FILE } from './read-records.js';
import { REJECTION_CODES, type RejectionCode } from './rejection.js';
import { STAGED_FILE, STAGED_WARNING, type StagedRow } from './staged-table.js';
import { XmlRefusal } from './xml/xml-refusal.js';
import { isZip, openZip, ZipRefusal, type ZippedFile } from './zip/open-zip.js';
import { storeUpload } from './zip/store-upload.js';

type Row = LedgerRow | RefusedRow | StagedRow;

/** Rows of a zip's file that are held until all of it is read. One that fails later leaves half of it: then the import fails. */
const HELD_ROWS = 1_000;

/** So many warnings of all files together are kept; the rest is no different. */
const MOST_WARNINGS_KEPT = 1_000;

/** Begins to read what was uploaded: one file of the job's format, or a zip of several. */
export async function readUpload(bytes: AsyncIterable<Uint8Array>, encoding: string, job: ClaimedImport): Promise<Reading> {
  const readFormat = FORMATS[job.format];
  const { head, rest, close } = await peek(bytes);
  // Else it would be refused for its encoding, which sends whoever reads that on a wrong way.
  if (job.format !== 'FACTURX' && isPdf(head)) {
    await close();
    throw new Refusal('INVALID', 'This is a PDF. An invoice in it is imported with the format FACTURX; of any other PDF nothing can be.', ['file', 'format']);
  }
  if (!isZip(head)) return readFormat(rest, encoding, job);
  const fields: ImportField[] = [];
  return { fields, rows: readZip(rest, encoding, job, readFormat, fields) };
}

function isPdf(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 4)).toString('latin1') === '%PDF';
}

/** The first four bytes, as far as there are so many; `rest` is the whole again, and whoever does not read it closes it. */
async function peek(bytes: AsyncIterable<Uint8Array>): Promise<{ head: Uint8Array; rest: AsyncIterable<Uint8Array>; close: () => Promise<unknown> }> {
  const chunks = bytes[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 4) {
    const next = await chunks.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, rest: prepend(head, chunks), close: async () => chunks.return?.() };
}

async function* prepend(head: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    if (head.length > 0) yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}

/** Each file of a zip in turn. A file that cannot be read is one refused row; the others are taken. */
async function* readZip(bytes: AsyncIterable<Uint8Array>, encoding: string, job: ClaimedImport, readFormat: ReadFormat, fields: ImportField[]): AsyncGenerator<Row, void, void> {
  await using spool = await storeUpload(bytes, LARGEST_FILE);
  const count = new Count();
  let first = true;
  for await (const file of openZip(spool, { bytes: LARGEST_FILE })) {
    count.begin();
    yield { table: STAGED_FILE, cells: [count.before.line, file.name] };
    let said: readonly ImportField[] | undefined;
    yield* readZipped(file, count, async () => {
      const reading = await readFormat(file.bytes, encoding, job);
      said = reading.fields;
      if (!first && said.includes('SETTLED_ON') !== fields.includes('SETTLED_ON')) {
        throw new Refusal('INVALID', 'Of the files of a zip either all have a column for the day of settlement or none: where there is one, an empty cell means open.', ['file', 'header']);
      }
      return reading;
    });
    if (said === undefined) continue;
    // What only some of them could have said, the absence of it does not say.
    fields.splice(0, fields.length, ...(first ? said : fields.filter((field) => said!.includes(field))));
    first = false;
  }
}

async function* readZipped(file: ZippedFile, count: Count, begin: () => Promise<Reading>): AsyncGenerator<Row, void, void> {
  let held: Row[] | undefined = [];
  try {
    const { rows } = await begin();
    for await (const read of rows) {
      for (const row of rowsOf(read)) {
        if ('table' in row && row.table === STAGED_WARNING && (count.warnings += 1) > MOST_WARNINGS_KEPT) continue;
        const placed = count.place(row);
        if (!held) {
          yield placed;
          continue;
        }
        held.push(placed);
        if (held.length < HELD_ROWS) continue;
        yield* held;
        held = undefined;
      }
    }
    if (held) yield* held;
  } catch (error) {
    if (!(error instanceof Refusal) || error instanceof ZipRefusal) throw error;
    if (!held) throw new Refusal(error.code, `${file.name}: ${error.message} Nothing of the zip is taken: part of this file was read already.`, error.path);
    yield* held.filter((row) => 'rejections' in row || ('table' in row && row.table.name === 'import_rejection'));
    yield refuseFile(count.lineOf(error instanceof XmlRefusal ? error.line : 1), error);
  }
}

function refuseFile(line: number, { message }: Refusal): RefusedRow {
  const code: RejectionCode = 'FILE_UNREADABLE';
  return { line, reference: undefined, number: undefined, rejections: [{ line, column: null, value: null, code, message: `The file is not taken: ${message} (${REJECTION_CODES[code]})` }] };
}

/** Counts the lines of a zip's files on, and whatever else formats number within a file. */
class Count {
  before = { line: 0, number: 0 };
  warnings = 0;
  private last = { line: 0, number: 0 };

  /** A file begins: at least one line lies between its beginning and that of the one before. */
  begin(): void {
    this.before = { ...this.last };
    this.last.line += 1;
  }

  lineOf(line: number): number {
    const placed = this.before.line + line;
    this.last.line = Math.max(this.last.line, placed);
    return placed;
  }

  place(row: Row): Row {
    if ('table' in row) {
      const numbered = row.table.numbered ?? [];
      return { table: row.table, cells: row.cells.map((cell, index) => {
        // What is about a whole file is told at its first line.
        if (index === 0 && (cell === null || typeof cell === 'number')) return this.lineOf(cell ?? 1);
        if (typeof cell !== 'number') return cell;
        return numbered.includes(row.table.columns[index]!) ? this.numberOf(cell) : cell;
      }) };
    }
    const line = this.lineOf(row.line);
    return 'rejections' in row ? { ...row, line, rejections: row.rejections.map((rejection) => ({ ...rejection, line: this.lineOf(rejection.line) })) } : { ...row, line };
  }

  private numberOf(number: number): number {
    const placed = this.before.number + number;
    this.last.number = Math.max(this.last.number, placed);
    return placed;
  }
}

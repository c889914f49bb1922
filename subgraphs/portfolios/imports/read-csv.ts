import { invariant, Refusal } from '../../../src/errors.js';
import { parseDayFormat } from '../../../src/values/day.js';
import type { ReadFormat } from './read-file.js';
import { readLayout } from './import-field.js';
import { rowReader, type LedgerRow, type RefusedRow } from './parse-row.js';
import { readRecords, type FileRecord } from './read-records.js';
import { REJECTION_CODES } from './rejection.js';

/** Reads a delimited table with a header: one invoice a row. */
export const readCsv: ReadFormat = async (bytes, encoding, job) => {
  const records = readRecords(bytes, encoding, job.delimiter);
  const header = await records.next();
  const layout = readLayout((header.done ? null : header.value.cells) ?? [], job.mapping);
  if ('code' in layout) throw new Refusal(layout.code, layout.message, ['file', 'header']);
  const dayFormat = parseDayFormat(job.dateFormat);
  invariant(dayFormat, 'a job has a date format that can be read');
  return { fields: [...layout.positions.keys()], rows: readRows(records, rowReader(layout, { dayFormat, currency: job.currency })) };
};

async function* readRows(records: AsyncIterable<FileRecord>, read: ReturnType<typeof rowReader>): AsyncGenerator<LedgerRow | RefusedRow, void, void> {
  for await (const { line, cells } of records) yield cells ? read(line, cells) : malformed(line);
}

function malformed(line: number): RefusedRow {
  return { line, reference: undefined, number: undefined, rejections: [{ line, column: null, value: null, code: 'ROW_MALFORMED', message: `The row is not taken: ${REJECTION_CODES.ROW_MALFORMED}.` }] };
}

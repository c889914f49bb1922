import { invariant, Refusal } from '../../../src/errors.js';
import { parseDayFormat } from '../../../src/values/day.js';
import type { ReadFormat, ReadRow } from './read-file.js';
import { readLayout } from './import-field.js';
import { rowReader, type RefusedRow } from './parse-row.js';
import { readRecords, type FileRecord } from './read-records.js';
import { REJECTION_CODES } from './rejection.js';

/** Reads a delimited table with a header: one invoice a row. */
export const readCsv: ReadFormat = async (bytes, encoding, job) => {
  const records = readRecords(bytes, encoding, job.delimiter);
  const first = await records.next();
  const [header, ...others] = first.done ? [] : first.value;
  const layout = readLayout(header?.cells ?? [], job.mapping);
  if ('code' in layout) throw new Refusal(layout.code, layout.message, ['file', 'header']);
  const dayFormat = parseDayFormat(job.dateFormat);
  invariant(dayFormat, 'a job has a date format that can be read');
  return { fields: [...layout.positions.keys()], rows: readRows(others, records, rowReader(layout, { dayFormat, currency: job.currency })) };
};

async function* readRows(first: readonly FileRecord[], records: AsyncIterable<readonly FileRecord[]>, read: ReturnType<typeof rowReader>): AsyncGenerator<readonly ReadRow[], void, void> {
  const readAll = (those: readonly FileRecord[]): readonly ReadRow[] => those.map(({ line, cells }) => (cells ? read(line, cells) : malformed(line)));
  yield readAll(first);
  for await (const those of records) yield readAll(those);
}

function malformed(line: number): RefusedRow {
  return { line, reference: undefined, number: undefined, rejections: [{ line, column: null, value: null, code: 'ROW_MALFORMED', message: `The row is not taken: ${REJECTION_CODES.ROW_MALFORMED}.` }] };
}

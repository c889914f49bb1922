import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { readRecords, type FileRecord } from './read-records.js';

/** What `csv-parse` alone makes of a whole file. */
function oracle(text: string): FileRecord[] {
  const records: FileRecord[] = [];
  let last = 0;
  let unclosed = false;
  const parsed = parse(text, {
    delimiter: ',', record_delimiter: ['\r\n', '\n', '\r'], relax_quotes: true, relax_column_count: true, skip_empty_lines: true, info: true,
    skip_records_with_error: true, on_skip: () => void (unclosed = true),
  }) as unknown as readonly { readonly record: string[]; readonly info: { readonly lines: number } }[];
  for (const { record, info } of parsed) {
    last = info.lines;
    const breaks = record.reduce((sum, cell) => sum + cell.split(/\r\n|\n|\r/).length - 1, 0);
    records.push({ line: info.lines - breaks, cells: record });
  }
  if (unclosed) records.push({ line: last + 1, cells: null });
  return records;
}

async function read(chunks: readonly string[]): Promise<FileRecord[]> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield new TextEncoder().encode(chunk);
  }
  const records: FileRecord[] = [];
  for await (const those of readRecords(bytes(), 'utf-8', ',')) records.push(...those);
  return records;
}

/** Where a row that never ends begins, `csv-parse` does not tell: blank lines before it are not counted. */
function placed(record: FileRecord): unknown {
  return record.cells === null ? null : record;
}

/** Cuts a text where the numbers say. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((one, other) => one - other);
  return [0, ...at].map((from, index) => text.slice(from, at[index]));
}

test('rows are the same with and without the short way, wherever the file is cut', async () => {
  const plain = fc.array(fc.constantFrom('a', 'é', ' ', ',', '\n', '\r', '\r\n'), { maxLength: 40 });
  const quoted = fc.array(fc.constantFrom('a', ',', '"', '""', '"b"', '"c\nd"', '\n', '\r\n'), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(plain, quoted, fc.array(fc.nat(), { maxLength: 8 }), async (one, other, places) => {
      const text = `h,i\n${[...one, ...other].join('')}`;
      expect((await read(cut(text, places))).map(placed)).toEqual(oracle(text).map(placed));
    }),
    { numRuns: 2000 },
  );
});

test('a carriage return at the end of a chunk is half of a break', async () => {
  expect(await read(['h,i\r', '\na,b\r', '\r', '\nc'])).toEqual([{ line: 1, cells: ['h', 'i'] }, { line: 2, cells: ['a', 'b'] }, { line: 4, cells: ['c'] }]);
});

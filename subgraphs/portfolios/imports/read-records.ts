import { pipeline, Readable } from 'node:stream';
import { parse, type CsvError, type InfoRecord } from 'csv-parse';
import { Refusal } from '../../../src/errors.js';
import { sniffDelimiter } from './sniff-delimiter.js';

/** The most bytes a row may have: far above any ledger's row, far below what would weigh on memory. */
export const LARGEST_RECORD = 64 * 1024;

/** The most bytes a file may have: some ten million invoices. */
export const LARGEST_FILE = 1024 ** 3;

/** Encodings that a client may declare; without a word it is UTF-8. Nothing is guessed: a wrong guess spoils names silently. */
const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['us-ascii', 'utf-8'],
  ['iso-8859-1', 'windows-1252'],
  ['latin1', 'windows-1252'],
  ['windows-1252', 'windows-1252'],
]);

/** One row of a file; `cells` is null when its quotes never end. */
export interface FileRecord {
  /** The line on which it begins, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[] | null;
}

/** The decoder's name for a declared `content-type`; refused when it names another encoding. */
export function demandEncoding(contentType: string | undefined): string {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  const encoding = ENCODINGS.get(charset);
  if (!encoding) throw unknownEncoding(`The encoding ${JSON.stringify(charset)} is not read; send UTF-8, or declare windows-1252 in the content-type.`);
  return encoding;
}

/**
 * Reads the rows of a delimited file as they come in, header included. Nothing larger than a row and a few buffers is ever
 * held; what cannot be such a file is refused at its first sign.
 */
export async function* readRecords(bytes: AsyncIterable<Uint8Array>, encoding: string, delimiter: string | null): AsyncGenerator<FileRecord, void, void> {
  const { header, rest } = await readHeader(checkedText(bytes, encoding));
  // A record whose quotes never end comes last, if at all.
  let unclosed = false;
  const parser = parse({
    delimiter: delimiter ?? sniffDelimiter(header),
    record_delimiter: ['\r\n', '\n', '\r'],
    // A quote inside a cell is a character like any other: a stray one must not swallow the rows behind it.
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LARGEST_RECORD,
    info: true,
    skip_records_with_error: true,
    on_skip: (error: CsvError | undefined) => {
      if (error?.code !== 'CSV_QUOTE_NOT_CLOSED') throw tooLong();
      unclosed = true;
    },
  });
  // Its outcome reaches the loop below through the parser, which it destroys.
  pipeline(Readable.from(rest, { objectMode: true, highWaterMark: 2 }), parser, () => undefined);
  let lastLine = 0;
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: InfoRecord }>) {
    lastLine = info.lines;
    yield { line: info.lines - breaksIn(record), cells: record };
  }
  if (unclosed) yield { line: lastLine + 1, cells: null };
}

/** The lines that a row's own cells hold beyond its first. */
function breaksIn(cells: readonly string[]): number {
  let breaks = 0;
  for (const cell of cells) if (cell.includes('\n') || cell.includes('\r')) breaks += cell.split(/\r\n|\n|\r/).length - 1;
  return breaks;
}

/** The file as text without its byte order mark, refused where it is none. */
async function* checkedText(bytes: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let size = 0;
  let first = true;
  for await (const chunk of bytes) {
    if (first && ((chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff))) throw unknownEncoding('The file is UTF-16; send it as UTF-8.');
    first = false;
    if ((size += chunk.length) > LARGEST_FILE) throw new Refusal('LIMIT_REACHED', `A file has at most ${LARGEST_FILE} bytes.`, ['file']);
    const text = decode(decoder, chunk);
    if (text.includes('\u0000')) throw unknownEncoding('The file holds NUL characters: it is no text, or another encoding than UTF-8.');
    if (text !== '') yield text;
  }
  const end = decode(decoder, undefined);
  if (end !== '') yield end;
}

function decode(decoder: TextDecoder, chunk: Uint8Array | undefined): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw unknownEncoding('The file is not UTF-8. Convert it, or declare windows-1252 in the content-type.');
  }
}

/** The first line that holds something, for its delimiter; `rest` is the whole file again. */
async function readHeader(texts: AsyncGenerator<string, void, void>): Promise<{ header: string; rest: AsyncIterable<string> }> {
  let head = '';
  for (;;) {
    const next = await texts.next();
    if (!next.done) head += next.value;
    const header = head.trimStart().split(/[\r\n]/, 2);
    if (header.length === 1 && head.length > LARGEST_RECORD) throw tooLong();
    if (next.done && header[0] === '') throw new Refusal('REQUIRED', 'The file is empty.', ['file']);
    if (header.length === 1 && !next.done) continue;
    return { header: header[0]!, rest: prepend(head, texts) };
  }
}

async function* prepend(head: string, texts: AsyncGenerator<string, void, void>): AsyncGenerator<string, void, void> {
  yield head;
  yield* texts;
}

function tooLong(): Refusal {
  return new Refusal('LIMIT_REACHED', `A row has more than ${LARGEST_RECORD} bytes: the file is no such table, or a quote is never closed.`, ['file', 'row']);
}

function unknownEncoding(message: string): Refusal {
  return new Refusal('INVALID', message, ['file', 'encoding']);
}

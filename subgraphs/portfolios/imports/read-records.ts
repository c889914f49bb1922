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
 * Reads the rows of a delimited file as they come in, header included, some at a time. Nothing larger than a row and a few
 * buffers is ever held; what cannot be such a file is refused at its first sign.
 *
 * Up to its first quote a file is cut where its lines and delimiters are, which is five times as fast; from the line of
 * that quote on `csv-parse` reads what is left. Both give the same rows.
 */
export async function* readRecords(bytes: AsyncIterable<Uint8Array>, encoding: string, delimiter: string | null): AsyncGenerator<readonly FileRecord[], void, void> {
  const { header, rest } = await readHeader(checkedText(bytes, encoding));
  const cut = delimiter ?? sniffDelimiter(header);
  let line = 1;
  let begun = '';
  const texts = rest[Symbol.asyncIterator]();
  for (let next = await texts.next(); !next.done; next = await texts.next()) {
    const text = begun + next.value;
    const quote = text.indexOf('"');
    const end = quote < 0 ? endOfLines(text) : startOfLine(text, quote);
    begun = text.slice(end);
    const records: FileRecord[] = [];
    line = cutLines(text.slice(0, end), cut, line, records);
    if (records.length > 0) yield records;
    if (quote >= 0) return yield* parseQuoted(prepend(begun, texts), cut, line - 1);
    if (begun.length > LARGEST_RECORD) throw tooLong();
  }
  const last: FileRecord[] = [];
  cutLines(begun, cut, line, last);
  if (last.length > 0) yield last;
}

/** Where the last whole line ends, with its break. A carriage return at the very end may be half of one. */
function endOfLines(text: string): number {
  const lineFeed = text.lastIndexOf('\n');
  const carriageReturn = text.slice(0, -1).lastIndexOf('\r');
  return Math.max(lineFeed, carriageReturn) + 1;
}

/** Where the line begins that holds this place. */
function startOfLine(text: string, place: number): number {
  return place === 0 ? 0 : Math.max(text.lastIndexOf('\n', place - 1), text.lastIndexOf('\r', place - 1)) + 1;
}

/** Cuts whole lines into cells; empty lines say nothing. Returns the number of the line after them. */
function cutLines(text: string, delimiter: string, first: number, records: FileRecord[]): number {
  if (text === '') return first;
  const lines = text.includes('\r') ? text.split(/\r\n|\n|\r/) : text.split('\n');
  for (const [index, content] of lines.entries()) {
    if (content === '') continue;
    if (content.length > LARGEST_RECORD) throw tooLong();
    records.push({ line: first + index, cells: content.split(delimiter) });
  }
  return first + lines.length - 1;
}

/** Reads rows that may be quoted; `before` lines of the file lie before them. */
async function* parseQuoted(texts: AsyncIterable<string>, delimiter: string, before: number): AsyncGenerator<readonly FileRecord[], void, void> {
  // A record whose quotes never end comes last, if at all.
  let unclosed = false;
  const parser = parse({
    delimiter,
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
  pipeline(Readable.from(texts, { objectMode: true, highWaterMark: 2 }), parser, () => undefined);
  let lastLine = 0;
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: InfoRecord }>) {
    lastLine = info.lines;
    yield [{ line: before + info.lines - breaksIn(record), cells: record }];
  }
  if (unclosed) yield [{ line: before + lastLine + 1, cells: null }];
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

async function* prepend(head: string, texts: AsyncIterator<string, void, void>): AsyncGenerator<string, void, void> {
  try {
    if (head !== '') yield head;
    for (let next = await texts.next(); !next.done; next = await texts.next()) yield next.value;
  } finally {
    await texts.return?.();
  }
}

function tooLong(): Refusal {
  return new Refusal('LIMIT_REACHED', `A row has more than ${LARGEST_RECORD} bytes: the file is no such table, or a quote is never closed.`, ['file', 'row']);
}

function unknownEncoding(message: string): Refusal {
  return new Refusal('INVALID', message, ['file', 'encoding']);
}

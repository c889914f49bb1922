import { isUtf8 } from 'node:buffer';
import { Refusal } from '../../../src/errors.js';
import { LARGEST_FILE, LARGEST_RECORD } from './read-records.js';

/** One line of a file, without its end. */
export interface FileLine {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Reads the lines of a text whose encoding nobody declared: a line that is not UTF-8 is read as windows-1252, of which
 * every byte is a character. Empty lines are counted and left out. Nothing larger than a line and a chunk is held.
 */
export async function* readLines(bytes: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<FileLine, void, void> {
  const latin = new TextDecoder('windows-1252');
  const unicode = new TextDecoder('utf-8');
  const decode = (raw: Uint8Array): string => (encoding === 'utf-8' && isUtf8(raw) ? unicode : latin).decode(raw);
  let line = 0;
  for await (const raw of splitLines(bytes)) {
    line += 1;
    if (raw.length === 0) continue;
    if (raw.includes(0)) throw new Refusal('INVALID', `Line ${line} holds NUL characters: the file is no text, or another encoding than UTF-8.`, ['file', 'encoding']);
    const text = decode(raw);
    if (text.trim() !== '') yield { line, text };
  }
}

/** The lines as bytes. An end of line is `\n`, `\r\n` or `\r`. */
async function* splitLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let begun: Uint8Array[] = [];
  let begunSize = 0;
  let size = 0;
  let afterReturn = false;
  const end = (last: Uint8Array): Uint8Array => {
    const whole = begunSize === 0 ? last : Buffer.concat([...begun, last]);
    begun = [];
    begunSize = 0;
    return whole;
  };
  for await (const chunk of bytes) {
    if (size === 0 && ((chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff))) throw new Refusal('INVALID', 'The file is UTF-16; send it as UTF-8.', ['file', 'encoding']);
    if ((size += chunk.length) > LARGEST_FILE) throw new Refusal('LIMIT_REACHED', `A file has at most ${LARGEST_FILE} bytes.`, ['file']);
    let start = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
        afterReturn = false;
        continue;
      }
      // The second half of an end of line.
      const swallowed = byte === LINE_FEED && afterReturn;
      afterReturn = byte === CARRIAGE_RETURN;
      if (!swallowed) yield end(chunk.subarray(start, index));
      start = index + 1;
    }
    begun.push(chunk.subarray(start));
    begunSize += chunk.length - start;
    if (begunSize > LARGEST_RECORD) throw new Refusal('LIMIT_REACHED', `A line has more than ${LARGEST_RECORD} bytes: the file is no such table.`, ['file', 'row']);
  }
  if (begunSize > 0) yield end(new Uint8Array());
}

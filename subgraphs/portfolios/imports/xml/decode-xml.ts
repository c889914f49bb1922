import { Refusal } from '../../../../src/errors.js';

/** Encodings that a document may declare, and their decoder. Without a word it is what the upload declares, else UTF-8. */
const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['us-ascii', 'utf-8'],
  ['ascii', 'utf-8'],
  ['iso-8859-1', 'windows-1252'],
  ['latin1', 'windows-1252'],
  ['iso-8859-15', 'iso-8859-15'],
  ['windows-1252', 'windows-1252'],
]);

/** A declaration that names an encoding is over by here: it is some sixty characters. */
const DECLARATION_BYTES = 1024;

/**
 * Makes of a document's bytes its characters, by its byte order mark, else its declaration, else `fallback`. Refused when
 * they are no such text.
 */
export async function* decodeXml(bytes: AsyncIterable<Uint8Array>, fallback: string, largest: number): AsyncGenerator<string, void, void> {
  let decoder: TextDecoder | undefined;
  let head: Uint8Array = new Uint8Array(0);
  let size = 0;
  for await (const chunk of bytes) {
    if ((size += chunk.length) > largest) throw new Refusal('LIMIT_REACHED', `Such a file has at most ${largest} bytes.`, ['file']);
    if (decoder) {
      yield decode(decoder, chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < DECLARATION_BYTES && !Buffer.from(head).includes('>')) continue;
    decoder = new TextDecoder(encodingOf(head, fallback), { fatal: true });
    yield decode(decoder, head);
  }
  if (size === 0) throw new Refusal('REQUIRED', 'The file is empty.', ['file']);
  if (!decoder) yield decode((decoder = new TextDecoder(encodingOf(head, fallback), { fatal: true })), head);
  yield decode(decoder, undefined);
}

/** The encoding that the first bytes of a document show (XML 1.0, appendix F). */
function encodingOf(head: Uint8Array, fallback: string): string {
  const [one, two, three, four] = head;
  if ((one === 0xff && two === 0xfe && three === 0 && four === 0) || (one === 0 && two === 0 && three === 0xfe && four === 0xff)) throw unreadable('The file is UTF-32; send it as UTF-8.');
  if ((one === 0xff && two === 0xfe) || (one === 0x3c && two === 0)) return 'utf-16le';
  if ((one === 0xfe && two === 0xff) || (one === 0 && two === 0x3c)) return 'utf-16be';
  if (one === 0xef && two === 0xbb && three === 0xbf) return 'utf-8';
  const declaration = Buffer.from(head.subarray(0, DECLARATION_BYTES)).toString('latin1');
  const declared = /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(declaration)?.[1];
  if (declared === undefined) return fallback;
  const encoding = ENCODINGS.get(declared.toLowerCase());
  if (!encoding) throw unreadable(`The encoding ${JSON.stringify(declared.slice(0, 40))} that the file declares is not read, or not its own; send UTF-8.`);
  return encoding;
}

function decode(decoder: TextDecoder, chunk: Uint8Array | undefined): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw unreadable(`The file is not ${decoder.encoding.toUpperCase()}, which it must be by what it declares.`);
  }
}

function unreadable(message: string): Refusal {
  return new Refusal('INVALID', message, ['file', 'encoding']);
}

import { crc32 } from 'node:zlib';
import { fromFdPromise, getFileNameLowLevel, type Entry, type ZipFile } from 'yauzl';
import { Refusal } from '../../../../src/errors.js';
import { isLeftAside, shownName } from './file-name.js';
import type { Spool } from './store-upload.js';

/** A year of invoices of a large firm, one to a file; opening so many takes some minutes. */
const MOST_FILES = 100_000;

/** How much may be unpacked of a zip, counted while it is: what a zip says of itself is its writer's word. */
export interface ZipLimits {
  /** Bytes of all files together. */
  readonly bytes: number;
}

/** One file of a zip. Its bytes can be asked for once, and before the next file is. */
export interface ZippedFile {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Limits of a whole zip, as against faults of one of its files. */
export class ZipRefusal extends Refusal {}

/** The first bytes of a zip, and of one without files. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

/**
 * The files of a zip in its own order, without folders and what systems add. A zip that cannot be read, holds no file or
 * more than the limits is a `ZipRefusal`; a file of it that cannot be unpacked, is encrypted or a zip itself is a `Refusal`
 * where its bytes are read.
 */
export async function* openZip(spool: Spool, limits: ZipLimits): AsyncGenerator<ZippedFile, void, void> {
  const zip = await readDirectory(spool);
  const unpacked = { bytes: 0 };
  let files = 0;
  const entries = zip.eachEntry();
  for (;;) {
    const next = await entries.next().catch((error: unknown) => {
      throw asDamage(error, (message) => new ZipRefusal('INVALID', `The zip is damaged: ${message}.`, ['file', 'zip']));
    });
    if (next.done) break;
    const name = getFileNameLowLevel(next.value.generalPurposeBitFlag, next.value.fileNameRaw, next.value.extraFields, false);
    if (name === '[Content_Types].xml') throw new ZipRefusal('INVALID', 'This is an office document. Save the table in it as CSV.', ['file', 'format']);
    if (isLeftAside(name)) continue;
    if ((files += 1) > MOST_FILES) throw new ZipRefusal('LIMIT_REACHED', `A zip holds at most ${MOST_FILES} files.`, ['file', 'zip']);
    yield { name: shownName(name), bytes: unpack(zip, next.value, unpacked, limits) };
  }
  if (files === 0) throw new ZipRefusal('REQUIRED', 'The zip holds no file.', ['file', 'zip']);
}

async function readDirectory(spool: Spool): Promise<ZipFile> {
  try {
    return await fromFdPromise(spool.descriptor, { autoClose: false, lazyEntries: true, decodeStrings: false });
  } catch (error) {
    throw asDamage(error, () => new ZipRefusal('INVALID', 'The zip is damaged or cut short.', ['file', 'zip']));
  }
}

async function* unpack(zip: ZipFile, entry: Entry, unpacked: { bytes: number }, limits: ZipLimits): AsyncGenerator<Uint8Array, void, void> {
  if (entry.isEncrypted()) throw new Refusal('INVALID', 'The file is encrypted. Send it without a password.', ['file', 'zip']);
  if (!entry.canDecodeFileData()) throw new Refusal('INVALID', `The file is packed in a way (${entry.compressionMethod}) that is not read; use deflate.`, ['file', 'zip']);
  let checksum = 0;
  let first = true;
  try {
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) {
      if ((unpacked.bytes += chunk.length) > limits.bytes) throw new ZipRefusal('LIMIT_REACHED', `The files of a zip have at most ${limits.bytes} bytes together.`, ['file', 'zip']);
      if (first && isZip(chunk)) throw new Refusal('INVALID', 'A zip within a zip is not read.', ['file', 'zip']);
      first = false;
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (error) {
    throw asDamage(error, (message) => new Refusal('INVALID', `The file is damaged: ${message}.`, ['file', 'zip']));
  }
  if (checksum !== entry.crc32) throw new Refusal('INVALID', 'The file is damaged: its bytes are not those that were packed.', ['file', 'zip']);
}

/** What the reader of zips throws is the zip's fault, unless the disk's. */
function asDamage(error: unknown, refuse: (message: string) => Refusal): unknown {
  if (error instanceof Refusal || typeof error !== 'object' || error === null || 'syscall' in error) return error;
  return refuse('message' in error ? String(error.message).slice(0, 200) : 'it cannot be unpacked');
}

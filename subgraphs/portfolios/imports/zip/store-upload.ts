import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError, Refusal } from '../../../../src/errors.js';

/** Bytes of all uploads on disk at once, of all firms: four of the largest. Who comes then comes again later. */
const LARGEST_TOTAL = 4 * 1024 ** 3;

let stored = 0;

/** An upload on disk, for as long as it is read. */
export class Spool implements AsyncDisposable {
  constructor(
    private readonly file: FileHandle,
    private readonly path: string | undefined,
  ) {}

  private size = 0;

  get descriptor(): number {
    return this.file.fd;
  }

  /** Adds bytes at the end. */
  async write(chunk: Uint8Array, largest: number): Promise<void> {
    if (this.size + chunk.length > largest) throw new Refusal('LIMIT_REACHED', `A file has at most ${largest} bytes.`, ['file']);
    if (stored + chunk.length > LARGEST_TOTAL) throw new ApiError('UNAVAILABLE', 'Too much is being uploaded at once. Send the file again in some minutes.');
    this.size += chunk.length;
    stored += chunk.length;
    for (let written = 0; written < chunk.length; ) written += (await this.file.write(chunk, written)).bytesWritten;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    stored -= this.size;
    this.size = 0;
    await this.file.close();
    if (this.path !== undefined) await unlink(this.path).catch(() => undefined);
  }
}

/**
 * Writes an upload to a file that nobody else can open. Its name is taken away at once, so that its space is given back
 * whatever becomes of the process; where a system keeps the name of an open file, it goes when the spool does.
 */
export async function storeUpload(bytes: AsyncIterable<Uint8Array>, largest: number): Promise<Spool> {
  const path = join(tmpdir(), `ardoise-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  const spool = new Spool(file, await unlink(path).then(() => undefined, () => path));
  try {
    for await (const chunk of bytes) await spool.write(chunk, largest);
    return spool;
  } catch (error) {
    await spool[Symbol.asyncDispose]();
    throw error;
  }
}

import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../../../../src/errors.js';

/** An upload on disk, for as long as it is read. */
export class Spool implements AsyncDisposable {
  constructor(
    private readonly file: FileHandle,
    private readonly path: string | undefined,
  ) {}

  get descriptor(): number {
    return this.file.fd;
  }

  async [Symbol.asyncDispose](): Promise<void> {
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
    let size = 0;
    for await (const chunk of bytes) {
      if ((size += chunk.length) > largest) throw new Refusal('LIMIT_REACHED', `A file has at most ${largest} bytes.`, ['file']);
      await writeAll(file, chunk);
    }
    return spool;
  } catch (error) {
    await spool[Symbol.asyncDispose]();
    throw error;
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) written += (await file.write(chunk, written)).bytesWritten;
}

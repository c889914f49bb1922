import { constants, deflateRawSync } from 'node:zlib';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { Refusal } from '../../../../src/errors.js';
import { zipSample, type ZipEntry } from '../../../../test/zip-sample.js';
import { openZip, ZipRefusal } from './open-zip.js';
import { storeUpload } from './store-upload.js';

async function* chunksOf(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array, void, void> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** What each file of a zip says, or why it does not. */
async function unzip(bytes: Uint8Array, limit = 1024 ** 2): Promise<readonly (readonly [string, string])[]> {
  await using spool = await storeUpload(chunksOf(bytes), 64 * 1024 ** 2);
  const found: (readonly [string, string])[] = [];
  for await (const file of openZip(spool, { bytes: limit })) {
    try {
      found.push([file.name, Buffer.concat(await Array.fromAsync(file.bytes)).toString()]);
    } catch (error) {
      if (!(error instanceof Refusal) || error instanceof ZipRefusal) throw error;
      found.push([file.name, `${error.code} ${error.message}`]);
    }
  }
  return found;
}

test('the files of a zip come in their order, without folders and what systems add', async () => {
  const names = ['b/é.csv', 'a.csv', 'folder/', '__MACOSX/a.csv', '.DS_Store', 'x/._a.csv', 'Thumbs.db', 'c\\d.csv', '../../etc/passwd', '/root.csv'];
  expect(await unzip(zipSample(names.map((name) => ({ name, content: name }))))).toEqual([
    ['b/é.csv', 'b/é.csv'], ['a.csv', 'a.csv'], ['c/d.csv', 'c\\d.csv'], ['../../etc/passwd', '../../etc/passwd'], ['/root.csv', '/root.csv'],
  ]);
});

const GOOD: ZipEntry = { name: 'good.csv', content: 'good' };

test.each<[string, Partial<ZipEntry>, string]>([
  ['is encrypted', { flags: 1 }, 'INVALID The file is encrypted. Send it without a password.'],
  ['is packed in another way', { method: 14 }, 'INVALID The file is packed in a way (14) that is not read; use deflate.'],
  ['is a zip itself', { content: zipSample([GOOD]) }, 'INVALID A zip within a zip is not read.'],
  ['has other bytes than were packed', { checksum: 1 }, 'INVALID The file is damaged: its bytes are not those that were packed.'],
  ['is no deflated data', { packed: Buffer.from('abcdefgh') }, 'INVALID The file is damaged: '],
  ['is larger than it says', { content: 'x'.repeat(10_000), size: 100 }, 'INVALID The file is damaged: too many bytes in the stream.'],
  ['is smaller than it says', { size: 1_000 }, 'INVALID The file is damaged: not enough bytes in the stream.'],
])('a file that %s is refused, and the others are not', async (_, entry, fault) => {
  const found = await unzip(zipSample([GOOD, { name: 'bad.csv', content: 'bad', ...entry }, { ...GOOD, name: 'better.csv' }]));
  expect(found).toEqual([['good.csv', 'good'], ['bad.csv', expect.stringContaining(fault)], ['better.csv', 'good']]);
});

test.each<[string, Uint8Array, string]>([
  ['without files', zipSample([]), 'REQUIRED The zip holds no file.'],
  ['of folders alone', zipSample([{ name: 'a/', content: '' }]), 'REQUIRED The zip holds no file.'],
  ['cut short', zipSample([GOOD]).subarray(0, -30), 'INVALID The zip is damaged or cut short.'],
  ['that is an office document', zipSample([{ name: '[Content_Types].xml', content: '<a/>' }]), 'INVALID This is an office document. Save the table in it as CSV.'],
  ['of more than is taken', zipSample([{ name: 'a', content: 'x'.repeat(600_000) }, { name: 'b', content: 'x'.repeat(600_000) }]), 'LIMIT_REACHED The files of a zip have at most 1048576 bytes together.'],
])('a zip %s is refused as a whole', async (_, bytes, fault) => {
  await expect(unzip(bytes).catch((error: unknown) => (error instanceof ZipRefusal ? `${error.code} ${error.message}` : error))).resolves.toBe(fault);
});

test('a bomb is refused as soon as it has unpacked to the limit, whatever it says of its size', async () => {
  const few = Buffer.alloc(1024 ** 2, ' ');
  const packed = Buffer.concat([...Array<Buffer>(4_096).fill(deflateRawSync(few, { finishFlush: constants.Z_FULL_FLUSH })), deflateRawSync('')]);
  const started = performance.now();
  await expect(unzip(zipSample([{ name: 'bomb.csv', content: '', packed, size: 0xfffffff0 }]))).rejects.toThrow('The files of a zip have at most 1048576 bytes together.');
  expect(performance.now() - started).toBeLessThan(15_000);
});

test('files that lie over one another count as often as they are unpacked', async () => {
  const one = zipSample([{ name: 'a', content: 'x'.repeat(300_000) }]);
  // The directory lists the same bytes ten times.
  const start = one.readUInt32LE(one.length - 6);
  const listed = one.subarray(start, one.length - 22);
  const end = Buffer.from(one.subarray(one.length - 22));
  end.writeUInt16LE(10, 8);
  end.writeUInt16LE(10, 10);
  end.writeUInt32LE(listed.length * 10, 12);
  await expect(unzip(Buffer.concat([one.subarray(0, start), ...Array<Buffer>(10).fill(listed), end]))).rejects.toThrow('The files of a zip have at most 1048576 bytes together.');
});

test('a spool leaves nothing behind, and takes no more than its limit', async () => {
  const left = async (): Promise<number> => (await readdir(tmpdir())).filter((name) => name.startsWith('ardoise-') && name.length === 44).length;
  const before = await left();
  await expect(storeUpload(chunksOf(Buffer.alloc(10_000)), 9_999)).rejects.toThrow('A file has at most 9999 bytes.');
  async function* broken(): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.alloc(1_000);
    throw new Error('the connection broke');
  }
  await expect(storeUpload(broken(), 9_999)).rejects.toThrow('the connection broke');
  const spool = await storeUpload(chunksOf(Buffer.alloc(1_000)), 9_999);
  await spool[Symbol.asyncDispose]();
  expect(await left()).toBeLessThanOrEqual(before);
});

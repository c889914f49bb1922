import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../../../src/errors.js';
import { ciiSample, ublSample } from '../../../test/invoice-samples.js';
import { pdfSample } from '../../../test/pdf-sample.js';
import { zipSample } from '../../../test/zip-sample.js';
import type { ClaimedImport } from './claim-import.js';
import type { ImportFormat } from './import-job.table.js';
import { rowsOf } from './read-file.js';
import { readUpload } from './read-upload.js';

const JOB: ClaimedImport = { id: '', attempt: 1, format: 'UBL', mode: 'DELTA', mapping: null, currency: 'EUR', dateFormat: 'yyyy-MM-dd', delimiter: null, own: null };

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, void> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** Rows by their kind, or how the upload is refused. Whatever else is thrown, is thrown. */
async function outcomeOf(format: ImportFormat, bytes: Uint8Array, size = 64 * 1024): Promise<readonly string[]> {
  try {
    const { rows } = await readUpload(chunksOf(bytes, size), 'utf-8', { ...JOB, format });
    const kinds: string[] = [];
    for await (const read of rows) for (const row of rowsOf(read)) kinds.push('table' in row ? row.table.name : 'rejections' in row ? `${row.line} refused` : `${row.line} ${row.number}`);
    return kinds;
  } catch (error) {
    if (error instanceof Refusal) return [error.code];
    throw error;
  }
}

const ZIP = zipSample([{ name: 'a.xml', content: ublSample({ number: 'A' }) }, { name: 'b.xml', content: ublSample({ number: 'B', issued: 'x' }) }, { name: 'c.xml', content: ublSample({ number: 'C' }) }]);

test('lines count on through the files of a zip, and chunks of any size make no difference', async () => {
  // The second begins after the first's last line that was told: its root's, the second.
  const expected = ['import_file', '2 A', 'import_file', '4 refused', 'import_file', '8 C'];
  for (const size of [1, 3, 1_000, 1_000_000]) expect(await outcomeOf('UBL', ZIP, size)).toEqual(expected);
});

test.each(['CSV', 'FEC', 'UBL', 'CII', 'CAMT053'] as const)('a PDF that is sent as %s is refused as that, not for its encoding', async (format) => {
  const pdf = pdfSample([{ name: 'factur-x.xml', content: ciiSample() }]);
  for (const size of [1, 64 * 1024]) await expect(readUpload(chunksOf(pdf, size), 'utf-8', { ...JOB, format })).rejects.toMatchObject({ code: 'INVALID', path: ['file', 'format'], message: expect.stringMatching(/^This is a PDF\..* FACTURX/) });
});

const SAMPLES: readonly (readonly [ImportFormat, Buffer])[] = [
  ['UBL', Buffer.from(ublSample())], ['UBL', ZIP], ['CII', Buffer.from(ciiSample())], ['FACTURX', pdfSample([{ name: 'factur-x.xml', content: ciiSample() }])],
  ['FACTURX', zipSample([{ name: 'a.pdf', content: pdfSample([{ name: 'factur-x.xml', content: ciiSample() }]) }])],
];

interface Damage {
  readonly kind: 'BYTE' | 'CUT' | 'REPEAT' | 'NUMBER';
  /** Places as parts of the whole. */
  readonly at: number;
  readonly length: number;
  readonly value: number;
}

function damage(bytes: Buffer, { kind, at, length, value }: Damage): Buffer {
  const place = Math.floor(at * bytes.length);
  switch (kind) {
    case 'BYTE':
      return Buffer.concat([bytes.subarray(0, place), Buffer.from([value & 0xff]), bytes.subarray(place + 1)]);
    case 'CUT':
      return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + length)]);
    case 'REPEAT':
      return Buffer.concat([bytes.subarray(0, place + length), bytes.subarray(place)]);
    case 'NUMBER':
      return Buffer.concat([bytes.subarray(0, place), Buffer.from(String(value)), bytes.subarray(place)]);
  }
}

test('whatever becomes of the bytes of a file, it is read or it is refused', async () => {
  const damages = fc.array(
    fc.record<Damage>({ kind: fc.constantFrom('BYTE', 'CUT', 'REPEAT', 'NUMBER'), at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(300), value: fc.oneof(fc.nat(255), fc.integer()) }),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...SAMPLES), damages, async ([format, bytes], list) => {
      expect((await outcomeOf(format, list.reduce(damage, bytes))).length).toBeGreaterThan(0);
    }),
    { numRuns: 400, interruptAfterTimeLimit: 20_000 },
  );
});

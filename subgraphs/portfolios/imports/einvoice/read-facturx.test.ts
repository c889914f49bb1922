import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { constants, deflateRawSync, deflateSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { Refusal } from '../../../../src/errors.js';
import { ciiSample, ublSample } from '../../../../test/invoice-samples.js';
import { ENCRYPTED, pdfSample } from '../../../../test/pdf-sample.js';
import type { ClaimedImport } from '../claim-import.js';
import { readFacturx } from './read-facturx.js';

const JOB: ClaimedImport = { id: '', attempt: 1, format: 'FACTURX', mode: 'DELTA', mapping: null, currency: 'EUR', dateFormat: 'yyyy-MM-dd', delimiter: null, own: null };

async function* chunksOf(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array, void, void> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function readAll(bytes: Uint8Array): Promise<unknown> {
  const { rows } = await readFacturx(chunksOf(bytes), 'utf-8', JOB);
  return (await Array.fromAsync(rows))[0];
}

async function faultOf(bytes: Uint8Array): Promise<string> {
  try {
    await readAll(bytes);
  } catch (error) {
    if (error instanceof Refusal) return `${error.code} ${error.path.join(' ')}: ${error.message}`;
    throw error;
  }
  return 'read';
}

const INVOICE = { name: 'factur-x.xml', content: ciiSample() };
const ROW = { line: 2, reference: 'C-17', number: 'F-2026-001', amountMinor: 12_000n };

test.each([
  ['alone', [INVOICE]],
  ['among others', [{ name: 'terms.pdf', content: 'x' }, INVOICE, { name: 'other.xml', content: '<a/>' }]],
  ['under another name of old', [{ ...INVOICE, name: 'ZUGFeRD-invoice.xml' }]],
  ['in the other syntax', [{ name: 'xrechnung.xml', content: ublSample() }]],
  ['under two names, of which the newer counts', [{ name: 'xrechnung.xml', content: '<a/>' }, INVOICE]],
])('an invoice in a PDF is read: %s', async (_, attachments) => {
  expect(await readAll(pdfSample(attachments))).toMatchObject(ROW);
});

test('many PDFs at once are read one after another', async () => {
  const rows = await Promise.all(Array.from({ length: 12 }, (_, index) => readAll(pdfSample([{ ...INVOICE, content: ciiSample({ number: `N${index}` }) }]))));
  expect(rows).toMatchObject(Array.from({ length: 12 }, (_, index) => ({ number: `N${index}` })));
});

/** So many bytes as a PDF packs them: the packed form of a few, over and over. */
function packedSpaces(bytes: number): Buffer {
  const few = Buffer.alloc(1024 ** 2, ' ');
  // Each piece ends at a byte, so that pieces can follow one another.
  const first = deflateSync(few, { finishFlush: constants.Z_FULL_FLUSH });
  const next = deflateRawSync(few, { finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat([first, ...Array<Buffer>(bytes / few.length - 1).fill(next), deflateRawSync('')]);
}

test('a PDF that unpacks to far more than an invoice is refused before it has the memory', async () => {
  const packed = packedSpaces(1024 ** 3);
  expect(packed.length).toBeLessThan(2_000_000);
  expect(await faultOf(pdfSample([{ ...INVOICE, packed }]))).toBe('LIMIT_REACHED file pdf: The PDF holds something of more than 16777216 bytes.');
  expect(await readAll(pdfSample([INVOICE]))).toMatchObject(ROW);
});

test('a PDF that takes more memory than its thread has is refused, and the next is read', async () => {
  const hungry = pdfSample([INVOICE]).toString('latin1').replace('/Type /Catalog', `/Type /Catalog /X [${'<<>>'.repeat(7_000_000)}]`);
  expect(await faultOf(Buffer.from(hungry, 'latin1'))).toMatch(/^LIMIT_REACHED file pdf: Reading the PDF takes too (?:much memory|long)\.$/);
  expect(await readAll(pdfSample([INVOICE]))).toMatchObject(ROW);
});

test.each<[string, Uint8Array, string]>([
  ['nothing', Buffer.alloc(0), 'REQUIRED file: The file is empty.'],
  ['a PDF with nothing attached', pdfSample([]), 'REQUIRED file pdf: The PDF has no invoice in it: nothing is attached to it. Its name is factur-x.xml or zugferd-invoice.xml or xrechnung.xml.'],
  ['a PDF with something else attached', pdfSample([{ name: 'terms.pdf', content: 'x' }]), 'REQUIRED file pdf: The PDF has no invoice in it: attached to it are "terms.pdf".'],
  ['a PDF with two invoices', pdfSample([INVOICE, INVOICE]), 'INVALID file pdf: The PDF has several invoices in it, all called "factur-x.xml".'],
  ['a PDF with a password', pdfSample([INVOICE], ENCRYPTED), 'INVALID file pdf: The PDF is encrypted. Send it without a password.'],
  ['a PDF cut short', pdfSample([INVOICE]).subarray(0, 400), 'INVALID file pdf: '],
  ['the head of a PDF', Buffer.from('%PDF-1.7\n'), 'INVALID file pdf: The PDF, or the invoice in it, is damaged.'],
  ['a PDF of noise', Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(100_000)]), 'INVALID file pdf: '],
  ['a PDF whose attachment is damaged', pdfSample([{ ...INVOICE, packed: Buffer.from('this is not packed at all') }]), 'INVALID file pdf: The PDF, or the invoice in it, is damaged.'],
  ['a PDF of 50 MB', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(50 * 1024 ** 2)]), 'LIMIT_REACHED file: A PDF has at most 33554432 bytes.'],
  ['an invoice in CII', Buffer.from(ciiSample()), 'INVALID file format: This is no PDF but XML in CII; import it with the format CII.'],
  ['an invoice in UBL', Buffer.from(ublSample()), 'INVALID file format: This is no PDF but XML in UBL; import it with the format UBL.'],
  ['a table', Buffer.from('a;b\n1;2\n'), 'INVALID file format: This is no PDF.'],
  ['a PDF with an order in it', pdfSample([{ ...INVOICE, content: '<Order/>' }]), 'INVALID file format: Line 1: this is no invoice in CII: its root is <Order> of no namespace.'],
  ['a PDF with XML in it that is none', pdfSample([{ ...INVOICE, content: '<a>' }]), 'INVALID file xml: Line 1: this is no well-formed XML'],
])('%s is refused', async (_, bytes, fault) => {
  expect(await faultOf(bytes)).toContain(fault);
});

const DATA = new URL('../../../../../../shared/data/einvoices/facturx-pdf/', import.meta.url);
const files = await readdir(DATA).catch(() => []);
const withData = files.length > 0 ? test : test.skip;

withData('every PDF that is there is read: those that do not validate still say what is owed', async () => {
  const said: Record<string, string> = {};
  for (const file of files.toSorted()) {
    const row = (await readAll(await readFile(new URL(file, DATA)))) as { number: string; kind: string; amountMinor: bigint; openMinor: bigint | null; dueDate: string | null; registration: { scheme: string; value: string } | null };
    said[file] = `${row.number} ${row.kind} ${row.amountMinor} ${row.openMinor ?? 'all'} ${row.dueDate} ${row.registration?.scheme} ${row.registration?.value}`;
  }
  const credit = 'AV-2017-0005 CREDIT_NOTE 23347 all';
  const overseas = 'FA-2017-0009 INVOICE 53075 38375';
  const domestic = 'FA-2017-0010 INVOICE 67115 47015';
  const union = 'FA-2017-0008 INVOICE 207676 145376';
  const boutique = 'VAT FR19787878784';
  const hotel = 'VAT FR90343434346';
  const olive = 'VAT ESA12345674';
  expect(said).toEqual({
    'Avoir_FR_type381_BASIC.pdf': `${credit} 2017-11-16 ${boutique}`,
    'Facture_DOM_BASICWL.pdf': `${overseas} 2017-12-05 ${hotel}`,
    // The least profile has no due date.
    'Facture_DOM_MINIMUM.pdf': `${overseas} null ${hotel}`,
    'Facture_FR_BASICWL.pdf': `${domestic} 2017-12-13 ${boutique}`,
    'Facture_FR_MINIMUM.pdf': `${domestic} null ${boutique}`,
    'Facture_UE_BASICWL.pdf': `${union} 2017-12-03 ${olive}`,
    'Facture_UE_MINIMUM.pdf': `${union} null ${olive}`,
    // What does not validate in these: credit notes with the type of an invoice and totals below zero, identifiers of a wrong scheme.
    'invalid-Avoir_FR_type380_BASIC.pdf': `${credit} 2017-11-16 ${boutique}`,
    'invalid-Avoir_FR_type380_EN16931.pdf': `${credit} 2017-11-16 ${boutique}`,
    'invalid-Avoir_FR_type380_MINIMUM.pdf': `${credit} null ${boutique}`,
    'invalid-Avoir_FR_type381_BASICWL.pdf': `${credit} 2017-11-16 ${boutique}`,
    'invalid-Avoir_FR_type381_EN16931.pdf': `${credit} 2017-11-16 ${boutique}`,
    'invalid-Avoir_FR_type381_MINIMUM.pdf': `${credit} null ${boutique}`,
    'invalid-Facture_DOM_BASIC.pdf': `${overseas} 2017-12-05 ${hotel}`,
    'invalid-Facture_DOM_EN16931.pdf': `${overseas} 2017-12-05 ${hotel}`,
    'invalid-Facture_FR_BASIC.pdf': `${domestic} 2017-12-13 ${boutique}`,
    'invalid-Facture_FR_EN16931.pdf': `${domestic} 2017-12-13 ${boutique}`,
    'invalid-Facture_UE_BASIC.pdf': `${union} 2017-12-03 ${olive}`,
    'invalid-Facture_UE_EN16931.pdf': `${union} 2017-12-03 ${olive}`,
  });
});

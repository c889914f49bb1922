import { Refusal } from '../../../../src/errors.js';
import type { ClaimedImport } from '../claim-import.js';
import type { LedgerRow, RefusedRow } from '../parse-row.js';
import type { ReadFormat } from '../read-file.js';
import type { StagedRow } from '../staged-table.js';
import { readAttachment } from './read-attachment.js';
import { INVOICE_FIELDS, readInvoice } from './read-invoice.js';

/** Bytes of the largest PDF: its pages are for people and are held in memory only for what is attached to them. */
const LARGEST_PDF = 32 * 1024 ** 2;

/** A PDF may begin with other bytes, but not with more than these (ISO 32000, annex H). */
const PREAMBLE_BYTES = 1024;

/** Reads a PDF with an invoice in it (Factur-X, ZUGFeRD 2): one row. Lines are those of the invoice. */
export const readFacturx: ReadFormat = async (bytes, _encoding, job) => ({ fields: INVOICE_FIELDS, rows: readEmbedded(bytes, job) });

async function* readEmbedded(bytes: AsyncIterable<Uint8Array>, { own }: ClaimedImport): AsyncGenerator<LedgerRow | RefusedRow | StagedRow, void, void> {
  const xml = await readAttachment(await collect(bytes));
  yield* readInvoice(chunksOf(xml), 'utf-8', own);
}

/** The whole of a PDF. What is none is refused at its first sign. */
async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let known = false;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    if ((size += chunk.length) > LARGEST_PDF) throw new Refusal('LIMIT_REACHED', `A PDF has at most ${LARGEST_PDF} bytes.`, ['file']);
    if (!known && size >= PREAMBLE_BYTES) {
      demandPdf(Buffer.concat(chunks));
      known = true;
    }
  }
  if (size === 0) throw new Refusal('REQUIRED', 'The file is empty.', ['file']);
  const pdf = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    pdf.set(chunk, at);
    at += chunk.length;
  }
  demandPdf(pdf);
  return pdf;
}

function demandPdf(bytes: Uint8Array): void {
  const head = Buffer.from(bytes.subarray(0, PREAMBLE_BYTES)).toString('latin1');
  if (head.includes('%PDF-')) return;
  const text = head.replaceAll('\u0000', '');
  if (!/^[^\w<]*</.test(text)) throw new Refusal('INVALID', 'This is no PDF.', ['file', 'format']);
  const format = text.includes('CrossIndustryInvoice') ? 'CII' : text.includes('urn:oasis:names:specification:ubl:') ? 'UBL' : undefined;
  throw new Refusal('INVALID', `This is no PDF but XML${format ? ` in ${format}; import it with the format ${format}.` : ', such as the formats UBL and CII are.'}`, ['file', 'format']);
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}

import { Refusal } from '../../../../src/errors.js';
import type { Registration } from '../../../../src/values/registration.js';
import type { ImportField } from '../import-field.js';
import type { ImportFormat } from '../import-job.table.js';
import type { LedgerRow, RefusedRow } from '../parse-row.js';
import type { ReadFormat } from '../read-file.js';
import { STAGED_WARNING, type StagedRow } from '../staged-table.js';
import { readXml, type XmlLimits } from '../xml/read-xml.js';
import type { XmlElement } from '../xml/xml-element.js';
import { invoiceOfCii, isCii } from './cii-invoice.js';
import { parseInvoice } from './parse-invoice.js';
import { invoiceOfUbl, isUbl } from './ubl-invoice.js';

/**
 * Networks of electronic invoices carry up to 100 MB, most of it documents within the document, which are not held. What
 * is left, without the lines, has a few hundred elements.
 */
const LIMITS: XmlLimits = { bytes: 100 * 1024 ** 2, elements: 20_000, milliseconds: 60_000 };

/** Elements that say nothing of what is owed in all, and may be very large. */
const NOT_READ: ReadonlySet<string> = new Set([
  'InvoiceLine', 'CreditNoteLine', 'AdditionalDocumentReference', 'UBLExtensions', 'Signature', 'IncludedSupplyChainTradeLineItem', 'AdditionalReferencedDocument',
]);

/** What an electronic invoice can say; of what was settled since its issue it says nothing. */
export const INVOICE_FIELDS: readonly ImportField[] = [
  'CUSTOMER_REFERENCE', 'CUSTOMER_NAME', 'REGISTRATION_SCHEME', 'REGISTRATION_VALUE', 'COUNTRY', 'INVOICE_NUMBER', 'INVOICE_KIND', 'ISSUE_DATE', 'DUE_DATE', 'CURRENCY', 'AMOUNT',
];

/** Reads an invoice or a credit note in UBL 2: one row. */
export const readUbl: ReadFormat = async (bytes, encoding, job) => ({ fields: INVOICE_FIELDS, rows: readInvoice(bytes, encoding, job.own, 'UBL') });

/** Reads an invoice or a credit note in UN/CEFACT CII: one row. */
export const readCii: ReadFormat = async (bytes, encoding, job) => ({ fields: INVOICE_FIELDS, rows: readInvoice(bytes, encoding, job.own, 'CII') });

/**
 * The one invoice of a document, in the syntax that is expected or, without one, in either. A document of another kind is
 * refused with a word of what it is. `own` is how the firm is registered.
 */
export async function* readInvoice(bytes: AsyncIterable<Uint8Array>, encoding: string, own: Registration | null, expected?: 'UBL' | 'CII'): AsyncGenerator<LedgerRow | RefusedRow | StagedRow, void, void> {
  const root = await readXml(refusePdf(bytes), encoding, LIMITS, ({ name }, depth) => depth > 0 && NOT_READ.has(name));
  const format = formatOf(root);
  if ((format !== 'UBL' && format !== 'CII') || (expected && format !== expected)) throw wrongFormat(root, format, expected ?? 'CII');
  const { row, warnings } = parseInvoice(format === 'UBL' ? invoiceOfUbl(root) : invoiceOfCii(root), own);
  yield row;
  for (const { line, code, message } of warnings) yield { table: STAGED_WARNING, cells: [line, code, message] };
}

function formatOf(root: XmlElement): ImportFormat | undefined {
  if (isUbl(root)) return 'UBL';
  if (isCii(root)) return 'CII';
  return root.name === 'Document' && root.namespace.startsWith('urn:iso:std:iso:20022:tech:xsd:camt.053.') ? 'CAMT053' : undefined;
}

function wrongFormat(root: XmlElement, format: ImportFormat | undefined, expected: ImportFormat): Refusal {
  const name = `<${root.name.slice(0, 60)}>${root.namespace === '' ? ' of no namespace' : ` of ${root.namespace.slice(0, 120)}`}`;
  return new Refusal('INVALID', `Line ${root.line}: ${format ? `this is ${format}, not ${expected}; import it with the format ${format}.` : `this is no invoice in ${expected}: its root is ${name}.`}`, ['file', 'format']);
}

/** Passes the bytes on, unless they are those of a PDF. */
async function* refusePdf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let first = true;
  for await (const chunk of bytes) {
    if (first && Buffer.from(chunk.subarray(0, 5)).toString('latin1') === '%PDF-') throw new Refusal('INVALID', 'This is a PDF; import it with the format FACTURX.', ['file', 'format']);
    first = false;
    yield chunk;
  }
}

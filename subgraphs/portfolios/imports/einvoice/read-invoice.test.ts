import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { Refusal } from '../../../../src/errors.js';
import { formatMinor } from '../../../../src/values/money.js';
import type { Registration } from '../../../../src/values/registration.js';
import { ciiSample, ublSample, type SampleInvoice } from '../../../../test/invoice-samples.js';
import type { LedgerRow, RefusedRow } from '../parse-row.js';
import { readInvoice } from './read-invoice.js';

async function* bytesOf(text: string | Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(text as Uint8Array);
}

/** The one row of a document; `own` is how the firm is registered. */
async function rowOf(text: string | Uint8Array, format: 'UBL' | 'CII', own: Registration | null = null): Promise<LedgerRow | RefusedRow> {
  const rows: (LedgerRow | RefusedRow)[] = [];
  for await (const row of readInvoice(bytesOf(text), 'utf-8', own, format)) if (!('table' in row)) rows.push(row);
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

async function warningsOf(text: string, format: 'UBL' | 'CII', own: Registration | null = null): Promise<readonly unknown[]> {
  const rows = await Array.fromAsync(readInvoice(bytesOf(text), 'utf-8', own, format));
  return rows.flatMap((row) => ('table' in row ? [row.cells[1]] : []));
}

/** What a row says, without its line. */
async function saidBy(text: string | Uint8Array, format: 'UBL' | 'CII'): Promise<unknown> {
  const row = await rowOf(text, format);
  return 'rejections' in row ? row.rejections.map(({ code }) => code) : Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'line' && name !== 'legalUnit'));
}

const ROW = {
  reference: 'C-17', number: 'F-2026-001', name: 'Fleurs Zoé SARL', country: 'FR', registration: { scheme: 'SIREN', value: '732829320' }, kind: 'INVOICE', issueDate: '2026-01-05', dueDate: '2026-02-04',
  currency: 'EUR', amountMinor: 12_000n, settledOn: null, openMinor: null,
};

test('an invoice is the same row in both syntaxes', async () => {
  expect(await saidBy(ublSample(), 'UBL')).toEqual(ROW);
  expect(await saidBy(ciiSample(), 'CII')).toEqual(ROW);
});

test.each<[string, Partial<SampleInvoice>, Partial<Record<keyof LedgerRow, unknown>>]>([
  ['part of it prepaid', { prepaid: '20.00', payable: '100.00' }, { amountMinor: 12_000n, openMinor: 10_000n, settledOn: '2026-01-05' }],
  ['part of it prepaid, in a profile without a field for it', { payable: '100.00' }, { amountMinor: 12_000n, openMinor: 10_000n, settledOn: '2026-01-05' }],
  ['all of it prepaid', { prepaid: '120.00', payable: '0' }, { amountMinor: 12_000n, openMinor: null, settledOn: '2026-01-05' }],
  ['more than all prepaid', { prepaid: '150.00', payable: '-30.00' }, { amountMinor: 12_000n, openMinor: null, settledOn: '2026-01-05' }],
  ['a debt carried over', { prepaid: '-30.00', payable: '150.00' }, { amountMinor: 15_000n }],
  ['a rounded total', { rounding: '-0.03', payable: '119.97' }, { amountMinor: 11_997n }],
  ['a rounded total, part of it prepaid', { rounding: '0.05', prepaid: '20.05', payable: '100' }, { amountMinor: 12_005n, openMinor: 10_000n, settledOn: '2026-01-05' }],
  ['a total below zero', { total: '-120', payable: '-120.0' }, { kind: 'CREDIT_NOTE', amountMinor: 12_000n }],
  ['a total below zero, part of it repaid', { total: '-120', prepaid: '-20', payable: '-100' }, { kind: 'CREDIT_NOTE', amountMinor: 12_000n, openMinor: 10_000n, settledOn: '2026-01-05' }],
  ['a credit note', { type: '381' }, { kind: 'CREDIT_NOTE' }],
  ['a self-billed credit note', { type: '261' }, { kind: 'CREDIT_NOTE' }],
  ['a corrected invoice', { type: '384' }, { kind: 'INVOICE' }],
  ['a corrected invoice below zero', { type: '384', total: '-8.79', payable: '-8.79' }, { kind: 'CREDIT_NOTE', amountMinor: 879n }],
  ['a prepayment invoice', { type: '386' }, { kind: 'INVOICE' }],
  ['no due date', { due: null }, { dueDate: null }],
  ['a due date before the issue', { due: '2025-12-31' }, { dueDate: '2026-01-05' }],
  ['yen', { currency: 'JPY', amountCurrency: null, total: '120000', payable: '120000.00' }, { currency: 'JPY', amountMinor: 120_000n }],
  ['dinars', { currency: 'TND', amountCurrency: 'TND', total: '120.125', payable: '120.125' }, { currency: 'TND', amountMinor: 120_125n }],
  ['a buyer known by a register of addresses', { buyerId: '5790000435975', buyerScheme: '0088' }, { reference: '5790000435975' }],
  ['a buyer without a number of ours', { buyerId: null }, { reference: '732829320' }],
  ['a buyer with a VAT number alone', { buyerId: null, legal: null }, { reference: 'FR44732829320', registration: { scheme: 'VAT', value: 'FR44732829320' } }],
  ['a buyer with an address alone', { buyerId: null, legal: null, vat: null, endpoint: 'zoe@fleurs.example' }, { reference: 'zoe@fleurs.example', registration: null }],
  ['a buyer with a name alone', { buyerId: null, legal: null, vat: null, name: ' Herrn\n  Max   Mustermann ' }, { reference: 'Herrn Max Mustermann', name: 'Herrn Max Mustermann', registration: null }],
  ['a buyer known by its establishment', { legal: '73282932000074', legalScheme: '0009' }, { registration: { scheme: 'SIRET', value: '73282932000074' } }],
  ['an establishment where a legal unit should be', { legal: '73282932000074' }, { registration: { scheme: 'SIRET', value: '73282932000074' } }],
  ['a registration with wrong digits, and a VAT number', { legal: '732829321' }, { registration: { scheme: 'VAT', value: 'FR44732829320' } }],
  ['registrations with wrong digits', { legal: '732829321', vat: 'FR45732829320' }, { registration: null }],
  ['a registration of no register', { legalScheme: null, vat: null }, { registration: null }],
  ['a registration of another register', { legalScheme: '0204', vat: null }, { registration: null }],
  ['a buyer known by its LEI', { buyerId: '529900T8BM49AURSDO55', buyerScheme: '0199', legal: null, vat: null }, { reference: '529900T8BM49AURSDO55', registration: { scheme: 'LEI', value: '529900T8BM49AURSDO55' } }],
  ['Kosovo', { country: '1A' }, { country: 'XK' }],
  ['no country', { country: null }, { country: null }],
])('an invoice with %s is read alike in both syntaxes', async (_, said, row) => {
  const expected = { ...ROW, ...row };
  expect(await saidBy(ublSample(said), 'UBL')).toEqual(expected);
  expect(await saidBy(ciiSample(said), 'CII')).toEqual(expected);
});

test.each<[string, Partial<SampleInvoice>, readonly string[]]>([
  ['no number', { number: null }, ['VALUE_MISSING']],
  ['an empty number', { number: ' ' }, ['VALUE_MISSING']],
  ['a number without end', { number: 'x'.repeat(201) }, ['VALUE_TOO_LONG']],
  ['no buyer', { buyerId: null, legal: null, vat: null, name: null }, ['VALUE_MISSING']],
  ['no day of issue', { issued: null }, ['VALUE_MISSING']],
  ['a day that does not exist', { issued: '2026-02-30' }, ['DATE_UNREADABLE']],
  ['a day of 1900', { issued: '1900-01-05' }, ['DATE_UNREADABLE']],
  ['a due date of 2200', { due: '2200-02-04' }, ['DATE_UNREADABLE']],
  ['no currency', { currency: null }, ['VALUE_MISSING']],
  ['a currency that is none', { currency: 'EUX' }, ['CURRENCY_UNKNOWN']],
    ['no total', { total: null }, ['VALUE_MISSING']],
  ['no payable amount', { payable: null }, ['VALUE_MISSING']],
  ['an amount with a comma', { total: '120,00' }, ['AMOUNT_UNREADABLE']],
  ['an amount with an exponent', { total: '1.2E2' }, ['AMOUNT_UNREADABLE']],
  ['an amount that is a point', { total: '.' }, ['AMOUNT_UNREADABLE']],
  ['an amount with too many digits', { total: '120.001' }, ['AMOUNT_TOO_PRECISE']],
  ['an amount beyond all bounds', { total: '99999999999999' }, ['AMOUNT_TOO_LARGE']],
  ['an amount of zero', { total: '0.00', payable: '0.00' }, ['AMOUNT_ZERO']],
  ['a credit note below zero', { type: '381', total: '-120', payable: '-120' }, ['AMOUNT_NEGATIVE']],
  ['totals that disagree', { prepaid: '20.00', payable: '100.01' }, ['TOTALS_DISAGREE']],
  ['more to pay than the total, without a word why', { payable: '120.01' }, ['TOTALS_DISAGREE']],
  ['no type', { type: null }, ['VALUE_MISSING']],
  ['the type of an order', { type: '220' }, ['KIND_UNKNOWN']],
  ['a pro forma invoice', { type: '325' }, ['NO_CLAIM']],
  ['an invoice for the accounts alone', { type: '751' }, ['NO_CLAIM']],
  ['a country that is none', { country: 'ZZ' }, ['COUNTRY_UNKNOWN']],
  ['much that is wrong', { number: null, issued: '05.01.2026', currency: 'EUX' }, ['VALUE_MISSING', 'DATE_UNREADABLE', 'CURRENCY_UNKNOWN']],
])('an invoice with %s is refused alike in both syntaxes', async (_, said, codes) => {
  expect(await saidBy(ublSample(said), 'UBL')).toEqual(codes);
  expect(await saidBy(ciiSample(said), 'CII')).toEqual(codes);
});

test('what is wrong is told with its line, its place and its value, and which invoice it is about', async () => {
  expect(await rowOf(ublSample({ issued: '2026-13-01', payable: '1' }), 'UBL')).toMatchObject({
    line: 2, reference: 'C-17', number: 'F-2026-001',
    rejections: [
      { line: 4, column: 'IssueDate', value: '2026-13-01', code: 'DATE_UNREADABLE' },
    ],
  });
  expect(await rowOf(ciiSample({ issued: '2026-13-01', number: null, payable: '130' }), 'CII')).toMatchObject({
    line: 2, reference: 'C-17', number: undefined,
    rejections: [
      { line: 3, column: 'ExchangedDocument/ID', value: null, code: 'VALUE_MISSING' },
      { line: 6, column: 'ExchangedDocument/IssueDateTime/DateTimeString', value: '2026-13-01', code: 'DATE_UNREADABLE' },
      { line: 29, column: 'SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/SpecifiedTradeSettlementHeaderMonetarySummation/DuePayableAmount', value: '130', code: 'TOTALS_DISAGREE' },
    ],
  });
});

test.each<[string, Partial<SampleInvoice>, readonly string[]]>([
  ['nothing odd', {}, []],
  ['a wrong legal registration, and a VAT number', { legal: '732829321' }, []],
  ['wrong registrations', { legal: '732829321', vat: null }, ['REGISTRATION_LEFT_OUT']],
  ['a wrong VAT number', { legal: null, vat: 'FR45732829320' }, ['REGISTRATION_LEFT_OUT']],
  ['a registration of no register of ours', { legalScheme: '0204', vat: null }, []],
  ['a due date before its issue', { due: '2025-12-31' }, ['DUE_DATE_MOVED']],
  ['a seller of the same establishment', { seller: '44306184100047' }, []],
  ['another seller', { seller: '542065479' }, ['ANOTHER_FIRM']],
])('an invoice with %s is warned of alike in both syntaxes', async (_, said, codes) => {
  const own: Registration = { scheme: 'SIREN', value: '443061841' };
  expect(await warningsOf(ublSample(said), 'UBL', own)).toEqual(codes);
  expect(await warningsOf(ciiSample(said), 'CII', own)).toEqual(codes);
});

test('what the firm itself has bought is refused', async () => {
  for (const own of [{ scheme: 'SIREN', value: '732829320' }, { scheme: 'VAT', value: 'FR44732829320' }, { scheme: 'SIRET', value: '73282932000074' }] as const) {
    expect(await rowOf(ublSample({ seller: '542065479' }), 'UBL', own)).toMatchObject({ rejections: [{ code: 'OWN_PURCHASE', value: 'Fleurs Zoé SARL' }] });
    expect(await rowOf(ciiSample({ seller: '542065479' }), 'CII', own)).toMatchObject({ rejections: [{ code: 'OWN_PURCHASE' }] });
    // From one establishment to another of the same firm.
    expect(await rowOf(ciiSample({ seller: '732829320' }), 'CII', own)).not.toHaveProperty('rejections');
  }
});

test('amounts in another currency than the document are refused', async () => {
  expect(await saidBy(ublSample({ amountCurrency: 'USD' }), 'UBL')).toEqual(['CURRENCY_DIFFERS', 'CURRENCY_DIFFERS']);
  expect(await saidBy(ciiSample({ amountCurrency: 'USD' }), 'CII')).toEqual(['CURRENCY_DIFFERS']);
});

test('a credit note in UBL has a form of its own', async () => {
  const row = { ...ROW, kind: 'CREDIT_NOTE', dueDate: null };
  expect(await saidBy(ublSample({ type: '381' }, 'CreditNote'), 'UBL')).toEqual(row);
  expect(await saidBy(ublSample({ type: null }, 'CreditNote'), 'UBL')).toEqual(row);
  expect(await saidBy(ublSample({ type: '380' }, 'CreditNote'), 'UBL')).toEqual(['KIND_UNKNOWN']);
});

test('days with a zone are days, and of several due dates the last counts', async () => {
  const zoned = ublSample().replace('<cbc:IssueDate>2026-01-05<', '<cbc:IssueDate>2026-01-05+01:00<').replace('2026-02-04<', '2026-02-04Z<');
  expect(await saidBy(zoned, 'UBL')).toEqual(ROW);
  const terms = (day: string): string => `<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format="102">${day}</udt:DateTimeString></ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>`;
  expect(await saidBy(ciiSample({ due: null }).replace('</ram:InvoiceCurrencyCode>', `$&${terms('20260204')}${terms('20260304')}${terms('20260301')}`), 'CII')).toEqual({ ...ROW, dueDate: '2026-03-04' });
  const instant = ciiSample().replace('<udt:DateTimeString format="102">20260105</udt:DateTimeString>', '<udt:DateTime>2026-01-05T10:00:00</udt:DateTime>');
  expect(await saidBy(instant, 'CII')).toEqual(ROW);
});

test.each<[string, string | Uint8Array, 'UBL' | 'CII', string]>([
  ['CII as UBL', ciiSample(), 'UBL', 'Line 2: this is CII, not UBL; import it with the format CII.'],
  ['UBL as CII', ublSample(), 'CII', 'Line 2: this is UBL, not CII; import it with the format UBL.'],
  ['a bank statement as UBL', '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>', 'UBL', 'Line 1: this is CAMT053, not UBL; import it with the format CAMT053.'],
  ['an order in UBL', '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', 'UBL', 'Line 1: this is no invoice in UBL: its root is <Order> of urn:oasis:names:specification:ubl:schema:xsd:Order-2.'],
  ['an invoice of no namespace', '<Invoice/>', 'UBL', 'Line 1: this is no invoice in UBL: its root is <Invoice> of no namespace.'],
  ['an invoice of another namespace', '<CrossIndustryDocument xmlns="urn:ferd:CrossIndustryDocument:invoice:1p0"/>', 'CII', 'Line 1: this is no invoice in CII: its root is <CrossIndustryDocument> of urn:ferd:CrossIndustryDocument:invoice:1p0.'],
  ['a PDF as CII', '%PDF-1.7\n', 'CII', 'This is a PDF; import it with the format FACTURX.'],
])('%s is refused with a word of what it is', async (_, text, format, message) => {
  await expect(rowOf(text, format)).rejects.toEqual(new Refusal('INVALID', message, ['file', 'format']));
});

const DATA = new URL('../../../../../../shared/data/einvoices/', import.meta.url);
const pairs = await readdir(new URL('pairs/', DATA)).catch(() => []);
const withData = pairs.length > 0 ? test : test.skip;

withData('the fourteen invoices that are there in both syntaxes are the same rows', async () => {
  const names = pairs.filter((file) => file.endsWith('.cii.xml')).map((file) => file.replace('.cii.xml', ''));
  expect(names).toHaveLength(14);
  for (const name of names) {
    const cii = await rowOf(await readFile(new URL(`pairs/${name}.cii.xml`, DATA)), 'CII');
    const ubl = await rowOf(await readFile(new URL(`pairs/${name}.ubl.xml`, DATA)), 'UBL');
    expect({ name, ...ubl, line: 0 }).toEqual({ name, ...cii, line: 0 });
    expect(cii).not.toHaveProperty('rejections');
  }
});

/** The amounts of a document as a plain search finds them. */
function totalsIn(text: string): { readonly total: number; readonly payable: number; readonly rounding: number; readonly prepaid: number } {
  const find = (names: string): number => Number(new RegExp(`<(?:\\w+:)?(?:${names})\\b[^>]*>\\s*([^<\\s]*)`).exec(text)?.[1] ?? 0);
  return { total: find('TaxInclusiveAmount|GrandTotalAmount'), payable: find('PayableAmount|DuePayableAmount'), rounding: find('PayableRoundingAmount|RoundingAmount'), prepaid: find('PrepaidAmount|TotalPrepaidAmount') };
}

withData('every invoice that is there is read with the totals it states, and none but one of zero is refused', async () => {
  const refused: unknown[] = [];
  let read = 0;
  for (const folder of ['en16931', 'xrechnung', 'pairs']) {
    for (const file of await readdir(new URL(`${folder}/`, DATA))) {
      const bytes = await readFile(new URL(`${folder}/${file}`, DATA));
      const text = bytes.toString('utf8');
      const row = await rowOf(bytes, text.includes('CrossIndustryInvoice') ? 'CII' : 'UBL');
      if ('rejections' in row) {
        refused.push([file, ...row.rejections.map(({ code, line }) => `${code} ${line}`)]);
        continue;
      }
      read += 1;
      const { total, payable, rounding, prepaid } = totalsIn(text);
      expect([file, Number(formatMinor(row.amountMinor, row.currency))]).toEqual([file, Math.abs(prepaid < 0 ? payable : Number((total + rounding).toFixed(2)))]);
      const open = row.openMinor ?? (row.settledOn === null ? row.amountMinor : 0n);
      expect([file, Number(formatMinor(open, row.currency))]).toEqual([file, payable < 0 && total > 0 ? 0 : Math.abs(payable)]);
      expect([file, row.kind]).toEqual([file, total < 0 || text.includes('</CreditNote>') ? 'CREDIT_NOTE' : 'INVOICE']);
    }
  }
  expect(refused).toEqual([['CII-BR-CO-10-RoundingIssue.xml', expect.stringMatching(/^AMOUNT_ZERO \d+$/)]]);
  expect(read).toBe(78);
});

withData('the odd ones are what they say they are', async () => {
  const rowIn = async (file: string, format: 'UBL' | 'CII'): Promise<unknown> => rowOf(await readFile(new URL(file, DATA)), format);
  expect(await rowIn('pairs/EN16931_Einfach_negativePaymentDue.ubl.xml', 'UBL')).toMatchObject({ kind: 'INVOICE', amountMinor: 52_987n, settledOn: '2018-03-05', openMinor: null });
  expect(await rowIn('pairs/EN16931_Kraftfahrversicherung_Bruttopreise.cii.xml', 'CII')).toMatchObject({ kind: 'INVOICE', amountMinor: 44_000n, settledOn: null, openMinor: null });
  expect(await rowIn('pairs/EN16931_Rechnungskorrektur.ubl.xml', 'UBL')).toMatchObject({ kind: 'CREDIT_NOTE', amountMinor: 879n });
  expect(await rowIn('pairs/EN16931_1_Teilrechnung.ubl.xml', 'UBL')).toMatchObject({ amountMinor: 19_765n, settledOn: '2018-06-05', openMinor: 14_765n });
  expect(await rowIn('xrechnung/01.17a-INVOICE_ubl.xml', 'UBL')).toMatchObject({ amountMinor: 33_691n });
  expect(await rowIn('en16931/huf_example_cii.xml', 'CII')).toMatchObject({ reference: '843312', currency: 'HUF', amountMinor: 8_785_900n, dueDate: '2021-11-01', country: 'DE' });
  expect(await rowIn('en16931/ubl-tc434-creditnote1.xml', 'UBL')).toMatchObject({ kind: 'CREDIT_NOTE', number: '018304 / 28865', reference: '0000000295', amountMinor: 10_011n });
  expect(await rowIn('en16931/CII_business_example_02.xml', 'CII')).toMatchObject({ issueDate: '2013-08-25', dueDate: '2013-08-25', amountMinor: 1_190n });
});

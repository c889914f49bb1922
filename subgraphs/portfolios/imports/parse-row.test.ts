import { expect, test } from '@jest/globals';
import { parseDayFormat } from '../../../src/values/day.js';
import { IMPORT_FIELDS, readLayout, type ImportField, type Layout } from './import-field.js';
import { rowReader } from './parse-row.js';

const layout = readLayout(IMPORT_FIELDS.map((field) => field.toLowerCase()), null) as Layout;
const read = rowReader(layout, { dayFormat: parseDayFormat('dd/MM/yyyy')!, currency: 'EUR' });

/** A row of every column, from what differs from a plain one. */
function cells(given: Partial<Record<ImportField, string>>): string[] {
  const plain: Partial<Record<ImportField, string>> = { CUSTOMER_REFERENCE: 'C1', INVOICE_NUMBER: 'F1', ISSUE_DATE: '05/01/2026', AMOUNT: '100', ...given };
  return IMPORT_FIELDS.map((field) => plain[field] ?? '');
}

test('a row says what its cells say, and nothing where they are empty', () => {
  expect(read(2, cells({}))).toEqual({
    line: 2, reference: 'C1', number: 'F1', name: null, country: null, registration: null, kind: 'INVOICE',
    issueDate: '2026-01-05', dueDate: null, currency: 'EUR', amountMinor: 10_000n, settledOn: null, openMinor: null,
  });
  const full = cells({
    CUSTOMER_REFERENCE: ' C1 ', CUSTOMER_NAME: 'Zoe\u0301', COUNTRY: 'fr', REGISTRATION_SCHEME: 'vat', REGISTRATION_VALUE: 'FR 44 732 829 320', INVOICE_KIND: 'credit note',
    DUE_DATE: '05/01/2026', CURRENCY: 'jpy', SETTLED_ON: '05/01/2026', OPEN_AMOUNT: '0',
  });
  expect(read(3, full)).toEqual({
    line: 3, reference: 'C1', number: 'F1', name: 'Zo\u00e9', country: 'FR', registration: { scheme: 'VAT', value: 'FR44732829320' }, kind: 'CREDIT_NOTE',
    issueDate: '2026-01-05', dueDate: '2026-01-05', currency: 'JPY', amountMinor: 100n, settledOn: '2026-01-05', openMinor: 0n,
  });
});

test.each<[string, Partial<Record<ImportField, string>>, readonly string[]]>([
  ['due on the day of issue', { DUE_DATE: '05/01/2026' }, []],
  ['due the day before', { DUE_DATE: '04/01/2026' }, ['DUE_BEFORE_ISSUE due_date']],
  ['settled the day before', { SETTLED_ON: '04/01/2026' }, ['SETTLED_BEFORE_ISSUE settled_on']],
  ['30 February', { ISSUE_DATE: '30/02/2026' }, ['DATE_UNREADABLE issue_date']],
  ['month and day exchanged', { ISSUE_DATE: '01/13/2026' }, ['DATE_UNREADABLE issue_date']],
  ['all of it open', { OPEN_AMOUNT: '100.00' }, []],
  ['more than all open', { OPEN_AMOUNT: '100.01' }, ['OPEN_ABOVE_AMOUNT open_amount']],
  ['settled with nothing open', { SETTLED_ON: '06/01/2026', OPEN_AMOUNT: '0' }, []],
  ['settled with something open', { SETTLED_ON: '06/01/2026', OPEN_AMOUNT: '0.01' }, ['SETTLED_YET_OPEN open_amount']],
  ['an unknown currency, whose amounts cannot be read either', { CURRENCY: 'EUX', AMOUNT: '1.005' }, ['CURRENCY_UNKNOWN currency']],
  ['a currency without decimals', { CURRENCY: 'JPY', AMOUNT: '1.5' }, ['AMOUNT_TOO_PRECISE amount']],
  ['a code that is no country', { COUNTRY: 'ZZ' }, ['COUNTRY_UNKNOWN country']],
  ['wrong check digits', { REGISTRATION_SCHEME: 'SIREN', REGISTRATION_VALUE: '732829321' }, ['REGISTRATION_INVALID registration_value']],
  ['a register that we do not know', { REGISTRATION_SCHEME: 'RCS', REGISTRATION_VALUE: '1' }, ['REGISTRATION_SCHEME_UNKNOWN registration_scheme']],
  ['a scheme alone', { REGISTRATION_SCHEME: 'SIREN' }, ['REGISTRATION_INCOMPLETE registration_value']],
  ['a value alone', { REGISTRATION_VALUE: '732829320' }, ['REGISTRATION_INCOMPLETE registration_scheme']],
  ['a name of 200 characters', { CUSTOMER_NAME: 'x'.repeat(200) }, []],
  ['a name of 201 characters', { CUSTOMER_NAME: 'x'.repeat(201) }, ['VALUE_TOO_LONG customer_name']],
  ['a line break within a cell', { CUSTOMER_NAME: 'a\nb' }, ['VALUE_UNREADABLE customer_name']],
  ['two faults', { CUSTOMER_REFERENCE: ' ', AMOUNT: '-1' }, ['VALUE_MISSING customer_reference', 'AMOUNT_NEGATIVE amount']],
])('a row with %s', (_, given, expected) => {
  const row = read(2, cells(given));
  const found = 'rejections' in row ? row.rejections.map(({ code, column }) => `${code} ${column}`) : [];
  expect(found).toEqual(expected);
});

test('a refused row still says which invoice it means, when it can', () => {
  expect(read(2, cells({ AMOUNT: '-1' }))).toMatchObject({ reference: 'C1', number: 'F1' });
  expect(read(2, cells({ INVOICE_NUMBER: '' }))).toMatchObject({ reference: 'C1', number: undefined });
  expect(read(2, ['C1', 'F1'])).toMatchObject({ reference: undefined, number: undefined, rejections: [{ code: 'ROW_LENGTH', value: '2 cells instead of 13' }] });
});

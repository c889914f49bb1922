import { expect, test } from '@jest/globals';
import { mappingFault, readLayout, type ColumnMapping, type ImportField } from './import-field.js';

const required: readonly ColumnMapping[] = (['CUSTOMER_REFERENCE', 'INVOICE_NUMBER', 'ISSUE_DATE', 'AMOUNT'] as const).map((field, index) => ({ column: 'abcd'[index]!, field }));

test.each<[string, readonly [string, ImportField][], string | undefined]>([
  ['all that is required', [], undefined],
  ['one column for two fields', [['a', 'CUSTOMER_NAME']], undefined],
  ['a field twice', [['e', 'AMOUNT']], 'AMOUNT is mapped twice.'],
  ['a column without a name', [['  ', 'COUNTRY']], 'The column of COUNTRY has no name.'],
  ['half a registration', [['e', 'REGISTRATION_SCHEME']], 'A registration needs both columns, REGISTRATION_SCHEME and REGISTRATION_VALUE.'],
])('a mapping with %s', (_, more, message) => {
  expect(mappingFault([...required, ...more.map(([column, field]) => ({ column, field }))])?.message).toBe(message);
});

test.each<[string, readonly string[], readonly ColumnMapping[] | null, object]>([
  ['names of our own', ['amount', 'customer_reference', 'note', 'issue_date', ' invoice_number '], null, { columns: ['amount', 'customer_reference', 'note', 'issue_date', 'invoice_number'] }],
  ['mapped names', ['d', 'c', 'b', 'a'], required, { columns: ['d', 'c', 'b', 'a'] }],
  ['a required column missing', ['customer_reference', 'issue_date', 'amount'], null, { code: 'REQUIRED' }],
  ['a mapped column missing', ['a', 'b', 'c'], required, { code: 'INVALID', message: 'The file has no column "d", which AMOUNT is mapped to.' }],
  ['another case', ['A', 'b', 'c', 'd'], required, { code: 'INVALID' }],
  ['a mapped column twice', ['a', 'b', 'c', 'd', 'd'], required, { code: 'INVALID', message: 'The file has several columns "d".' }],
  ['an unmapped column twice', ['a', 'b', 'c', 'd', 'x', 'x'], required, { columns: ['a', 'b', 'c', 'd', 'x', 'x'] }],
])('a header with %s', (_, header, mapping, expected) => {
  expect(readLayout(header, mapping)).toMatchObject(expected);
});

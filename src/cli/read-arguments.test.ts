import { expect, test } from '@jest/globals';
import { readArguments, UsageError } from './read-arguments.js';

test('arguments become what the API is asked', () => {
  expect(readArguments(['import', 'out/ledger.csv', '--format', 'csv', '--firm', 'Acme', '--mode', 'snapshot', '--dry-run', '--currency', 'chf', '--terms', '45:END_OF_MONTH_THEN_DAYS', '--mapping', 'Kunde=customer_reference',
    '--mapping', 'a=b=AMOUNT', '--date-format', 'dd/MM/yyyy', '--delimiter', 'tab', '--url', 'https://ardoise.example/graphql', '--encoding', 'windows-1252'])).toEqual({
    file: 'out/ledger.csv', firm: 'Acme', url: 'https://ardoise.example', encoding: 'windows-1252',
    input: {
      format: 'CSV', mode: 'SNAPSHOT', dryRun: true, currency: 'CHF', terms: { days: 45, endOfMonth: 'END_OF_MONTH_THEN_DAYS' }, dateFormat: 'dd/MM/yyyy', delimiter: '\t', fileName: 'ledger.csv',
      mapping: [{ column: 'Kunde', field: 'CUSTOMER_REFERENCE' }, { column: 'a=b', field: 'AMOUNT' }],
    },
  });
  expect(readArguments(['import', '-', '--format', 'Factur-X'])).toEqual({ file: '-', firm: undefined, url: 'http://localhost:4000', encoding: undefined, input: { format: 'FACTURX', mode: 'DELTA', dryRun: false } });
  expect(readArguments(['import', 'x', '--format', 'camt.053'])?.input['format']).toBe('CAMT053');
  expect(readArguments(['--help'])).toBeUndefined();
});

test.each([
  [[], 'Say what to do: import, or operator.'],
  [['export'], 'There is no command "export": there are import and operator.'],
  [['import'], 'Name the file to import.'],
  [['import', 'a', 'b', '--format', 'CSV'], 'One file at a time: "b" is one too many.'],
  [['import', 'a'], 'Say the --format of the file.'],
  [['import', 'a', '--format', 'XLS'], '--format is one of CSV, FEC, UBL, CII, FACTURX, CAMT053, not "XLS".'],
  [['import', 'a', '--format', 'CSV', '--mode', 'ALL'], '--mode is one of DELTA, SNAPSHOT, not "ALL".'],
  [['import', 'a', '--format', 'CSV', '--terms', 'soon'], '--terms are days, e.g. 30 or 45:END_OF_MONTH_THEN_DAYS, not "soon".'],
  [['import', 'a', '--format', 'CSV', '--mapping', 'x'], '--mapping is COLUMN=FIELD, not "x".'],
  [['import', 'a', '--format', 'CSV', '--url', 'ftp://x'], '--url "ftp://x" is no address of a web server.'],
  [['import', 'a', '--fast'], `Unknown option '--fast'.`],
  [['import', 'a', '--format'], `Option '--format <value>' argument missing.`],
])('%j is refused: %s', (given, message) => {
  expect(() => readArguments(given)).toThrow(new UsageError(message));
});

import { expect, test } from '@jest/globals';
import { measuredOf, type Known, type OwedInCurrency } from './measured.js';

const NOTHING: Known = { score: { value: 640, band: 'B' }, index: null, utilisation: null, owed: [], benchmark: null };

function owed(currency: string, invoiceCount: number, minors: Partial<Omit<OwedInCurrency, 'currency' | 'invoiceCount'>> = {}): OwedInCurrency {
  return { currency, invoiceCount, outstandingMinor: 0n, overdueMinor: 0n, salesMinor: 0n, ...minors };
}

test('of a customer of whom nothing is known there is its score', () => {
  expect(measuredOf('c', NOTHING)).toEqual({ customerId: 'c', values: { RISK_SCORE: 640, RISK_BAND: 'B', PAYMENT_BEHAVIOUR: null, OVERDUE: null, DSO: null, CREDIT_UTILISATION: null, BENCHMARK: null } });
});

test.each<[string, readonly OwedInCurrency[], string | null, number | null]>([
  // 20,000 of 45,000 over 90 days: 40. INDICATORS.md.
  ['one currency', [owed('EUR', 3, { outstandingMinor: 2_000_000n, salesMinor: 4_500_000n, overdueMinor: 125_050n })], '1250.50 EUR', 40],
  ['nothing sold lately', [owed('EUR', 3, { outstandingMinor: 5n })], '0.00 EUR', null],
  ['a currency without cents', [owed('JPY', 1, { outstandingMinor: 1n, salesMinor: 7n, overdueMinor: 1250n })], '1250 JPY', 12.857143],
  ['most invoices in the other currency', [owed('EUR', 3, { overdueMinor: 999n }), owed('USD', 4, { overdueMinor: 1n, outstandingMinor: 1n, salesMinor: 1n })], '0.01 USD', 90],
  ['as many in both', [owed('USD', 2, { overdueMinor: 1n }), owed('EUR', 2, { overdueMinor: 2n })], '0.02 EUR', null],
])('what is overdue and the DSO of %s', (_, accounts, OVERDUE, DSO) => {
  expect(measuredOf('c', { ...NOTHING, owed: accounts }).values).toMatchObject({ OVERDUE, DSO });
});

test.each<[string, Known['benchmark'], number | null]>([
  ['a value', { from: null, to: null, value: 20 }, 20],
  ['a band: its middle', { from: 30, to: 60, value: null }, 45],
  ['neither', { from: null, to: null, value: null }, null],
])('a benchmark that is shown as %s', (_, benchmark, expected) => {
  expect(measuredOf('c', { ...NOTHING, benchmark }).values.BENCHMARK).toBe(expected);
});

test('the rest is taken as it is', () => {
  expect(measuredOf('c', { ...NOTHING, index: 72, utilisation: 1.25 }).values).toMatchObject({ PAYMENT_BEHAVIOUR: 72, CREDIT_UTILISATION: 1.25 });
});

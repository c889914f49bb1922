import { expect, test } from '@jest/globals';
import { formatMinor, isCurrency, minorDigits, parseMinor } from './money.js';

test.each([
  ['1', 'EUR', 100n],
  ['1.5', 'EUR', 150n],
  ['1.50', 'EUR', 150n],
  ['1.500', 'EUR', 150n], // zeros behind the currency's digits are no digits
  ['1.005', 'EUR', undefined],
  ['-1234.56', 'EUR', -123_456n],
  ['+2', 'EUR', 200n],
  ['-0', 'EUR', 0n],
  ['0.01', 'EUR', 1n],
  ['150', 'JPY', 150n],
  ['150.0', 'JPY', 150n],
  ['150.5', 'JPY', undefined], // the yen has no part
  ['1.234', 'KWD', 1234n],
  ['1.2345', 'KWD', undefined],
  ['10000000000000.00', 'EUR', 10n ** 15n], // the largest amount
  ['10000000000000.01', 'EUR', undefined],
  ['1,50', 'EUR', undefined],
  ['1 000', 'EUR', undefined],
  ['1e3', 'EUR', undefined],
  ['.5', 'EUR', undefined],
  ['5.', 'EUR', undefined],
  ['', 'EUR', undefined],
  ['NaN', 'EUR', undefined],
  ['١', 'EUR', undefined], // a digit, but none of ours
])('%j %s is %s minor units', (text, currency, minor) => {
  expect(parseMinor(text, currency)).toBe(minor);
});

test.each([
  [150n, 'EUR', '1.50'],
  [1n, 'EUR', '0.01'],
  [0n, 'EUR', '0.00'],
  [-5n, 'EUR', '-0.05'],
  [-123_456n, 'EUR', '-1234.56'],
  [150n, 'JPY', '150'],
  [5n, 'KWD', '0.005'],
  [10n ** 15n, 'EUR', '10000000000000.00'], // beyond what a float could hold exactly
])('%s minor units of %s are written %s', (minor, currency, text) => {
  expect(formatMinor(minor, currency)).toBe(text);
});

test('what is written is read back as the same, for every number of digits', () => {
  for (const currency of ['JPY', 'EUR', 'TND', 'CLF']) {
    for (const minor of [0n, 1n, -1n, 99n, 100n, -100_001n]) expect(parseMinor(formatMinor(minor, currency), currency)).toBe(minor);
  }
});

test.each([['EUR', true], ['XPF', true], ['eur', false], ['EURO', false], ['ZZZ', false], ['', false]])('%j is a currency: %s', (code, known) => {
  expect(isCurrency(code)).toBe(known);
});

test.each([['EUR', 2], ['JPY', 0], ['BHD', 3], ['CLF', 4]])('%s has %i digits', (currency, digits) => {
  expect(minorDigits(currency)).toBe(digits);
});

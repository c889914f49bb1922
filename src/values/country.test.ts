import { expect, test } from '@jest/globals';
import { CountryCodeScalar } from '../graph/scalars.js';
import { isCountry } from './country.js';

test.each(['FR', 'DE', 'GB', 'GR', 'RE'])('%s is a country', (code) => {
  expect(isCountry(code)).toBe(true);
  expect(CountryCodeScalar.parseValue(code)).toBe(code);
});

test.each(['ZZ', 'EU', 'UN', 'UK', 'XA', 'QQ', 'fr', 'FRA', 'F', ''])('"%s" is none, neither for a file nor for the API', (code) => {
  expect(isCountry(code)).toBe(false);
  expect(() => CountryCodeScalar.parseValue(code)).toThrow('CountryCode cannot be');
});

import { expect, test } from '@jest/globals';
import { isSector } from './sector.js';

test.each([
  ...['A', 'C', 'U', '01', '03', '10', '33', '35', '47', '98', '99', '47.1', '47.11', '47.30', '01.1', '36.00', '62.0', '62.01'].map((code) => [code, true] as const),
  // The numbers that no division has, the letters that no section has.
  ...['00', '04', '34', '40', '44', '48', '54', '57', '67', '76', '83', '89', 'V', 'Z', 'c'].map((code) => [code, false] as const),
  // In one form.
  ...['', '4', '47.', '47.111', '4711', '47.11Z', 'G47', '47,11', ' 47', '47\n', '٤٧', 'toString'].map((code) => [code, false] as const),
])('%j is a code of NACE Rev. 2: %s', (code, expected) => {
  expect(isSector(code)).toBe(expected);
});

import { expect, test } from '@jest/globals';
import type { Registration } from '../../../src/values/registration.js';
import { blindKey } from './blind-key.js';

const KEY = Buffer.alloc(32, 7);
const siren: Registration = { scheme: 'SIREN', value: '732829320' };

test('it is the HMAC-SHA-256 of the legal unit', () => {
  // printf 'SIREN:732829320' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07
  expect(blindKey(KEY, siren)).toBe('51d7f52aef9648c2992daeff9cef53baf6f539ab5a55ce30c9042f383edf1ff5');
});

test.each<Registration>([
  { scheme: 'SIRET', value: '73282932000074' },
  { scheme: 'VAT', value: 'FR44732829320' },
])('$scheme $value is the same customer as its SIREN', (registration) => {
  expect(blindKey(KEY, registration)).toBe(blindKey(KEY, siren));
});

test.each<[string, Buffer, Registration]>([
  ['another number', KEY, { scheme: 'SIREN', value: '552100554' }],
  // The same nine digits in another register are somebody else.
  ['another register', KEY, { scheme: 'DUNS', value: '732829320' }],
  ['another key', Buffer.alloc(32, 8), siren],
])('%s is another customer', (_, key, registration) => {
  expect(blindKey(key, registration)).not.toBe(blindKey(KEY, siren));
});

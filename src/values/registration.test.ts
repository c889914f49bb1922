import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { legalUnit, parseRegistration, REGISTRATION_SCHEMES, type RegistrationScheme } from './registration.js';

test.each<[RegistrationScheme, string, string | undefined]>([
  ['SIREN', '732829320', '732829320'],
  ['SIREN', ' 732 829.320 ', '732829320'], // spaces, dots and dashes mean nothing
  ['SIREN', '732829321', undefined], // a wrong check digit
  ['SIREN', '000000000', undefined], // passes the sum, and is nobody
  ['SIREN', '73282932', undefined],
  ['SIREN', '73282932O', undefined], // the letter
  ['SIRET', '73282932000074', '73282932000074'],
  ['SIRET', '73282932000075', undefined],
  ['SIRET', '35600000049837', '35600000049837'], // La Poste: its own sum, not Luhn's
  ['SIRET', '00000000000000', undefined],
  ['VAT', 'FR44732829320', 'FR44732829320'],
  ['VAT', 'fr 44 732 829 320', 'FR44732829320'],
  ['VAT', 'FR45732829320', undefined],
  ['VAT', '44732829320', undefined], // a VAT number starts with its country
  ['VAT', 'FRFR44732829320', undefined],
  ['VAT', 'DE136695976', 'DE136695976'],
  ['VAT', 'DE136695978', undefined],
  ['VAT', 'EL094259216', 'EL094259216'], // Greece is EL here
  ['VAT', 'RO11198699', 'RO11198699'],
  ['VAT', 'CHE101090265MWST', 'CHE101090265MWST'],
  ['VAT', 'ZZ123456789', undefined],
  ['LEI', '529900T8BM49AURSDO55', '529900T8BM49AURSDO55'],
  ['LEI', '529900T8BM49AURSDO54', undefined],
  ['LEI', '529900T8BM49AURSDO5', undefined],
  ['DUNS', '150483782', '150483782'],
  ['DUNS', '15-048-3782', '150483782'],
  ['DUNS', '000000000', undefined],
  ['DUNS', '15048378', undefined],
])('%s %j is read as %s', (scheme, text, value) => {
  expect(parseRegistration(scheme, text)).toEqual(value === undefined ? undefined : { scheme, value });
});

test.each<[RegistrationScheme, string, string]>([
  ['SIREN', '732829320', 'SIREN:732829320'],
  ['SIRET', '73282932000074', 'SIREN:732829320'],
  ['VAT', 'FR44732829320', 'SIREN:732829320'],
  ['VAT', 'DE136695976', 'VAT:DE136695976'],
  ['LEI', '529900T8BM49AURSDO55', 'LEI:529900T8BM49AURSDO55'],
  ['DUNS', '150483782', 'DUNS:150483782'],
])('%s %s belongs to the legal unit %s', (scheme, text, unit) => {
  expect(legalUnit(parseRegistration(scheme, text)!)).toBe(unit);
});

const VECTORS = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'identifiers', 'identifiers.csv');
const withVectors = existsSync(VECTORS) ? test : test.skip;

withVectors('every published identifier whose verdict was recomputed gets that verdict (skipped without shared/data/identifiers)', () => {
  const rows = parse(readFileSync(VECTORS), { columns: true }) as { kind: string; country: string; value: string; expected: string; recomputed: string }[];
  const wrong: string[] = [];
  let checked = 0;
  for (const { kind, country, value, expected, recomputed } of rows) {
    const scheme = REGISTRATION_SCHEMES.find((known) => known === kind);
    if (!scheme || expected !== recomputed) continue;
    // Some national lists leave the country out; here it is part of the number.
    const text = scheme === 'VAT' && !/^\s*[A-Za-z]{2}/.test(value) ? `${country}${value}` : value;
    checked += 1;
    if ((parseRegistration(scheme, text) ? 'valid' : 'invalid') !== expected) wrong.push(`${kind} ${value} is ${expected}`);
  }
  expect(wrong).toEqual([]);
  expect(checked).toBeGreaterThan(190);
});

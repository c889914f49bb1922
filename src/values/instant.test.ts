import { expect, test } from '@jest/globals';
import { parseInstant } from './instant.js';

test.each([
  ['2026-11-22T10:00:00.000Z', '2026-11-22T10:00:00Z'],
  ['2026-11-22T10:00:00+02:00', '2026-11-22T08:00:00Z'],
  ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'], // the first
  ['1969-12-31T23:59:59.999Z', undefined],
  ['2099-12-31T23:59:59.999999999Z', '2099-12-31T23:59:59.999999999Z'], // the last
  ['2100-01-01T00:00:00Z', undefined],
  ['2100-01-01T00:00:00+01:00', '2099-12-31T23:00:00Z'], // by its instant, not by its letters
  ['+275760-09-13T00:00:00Z', undefined],
  ['-271821-04-20T00:00:00Z', undefined],
  ['2026-11-22', undefined], // a day is no instant
  ['2026-11-22T10:00:00', undefined], // nor is a time of no zone
  ['infinity', undefined],
  ['', undefined],
])('%j is the instant %s', (text, expected) => {
  expect(parseInstant(text)?.toString()).toBe(expected);
});

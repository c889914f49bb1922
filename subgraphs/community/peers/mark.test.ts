import { expect, test } from '@jest/globals';
import { ALIAS_COUNT, aliasOf } from './alias.js';
import { endOfMark, endOfMarkTakenBack } from './mark.js';

const marked = Temporal.Instant.from('2026-01-01T10:00:00Z');
const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);

test('a mark left alone ends after 90 days', () => {
  expect(endOfMark(marked).toString()).toBe('2026-04-01T10:00:00Z');
});

test.each([
  ['at once', '2026-01-01T10:00:00Z', '2026-01-31T10:00:00Z'],
  // The boundary: its thirtieth day is over.
  ['after thirty days', '2026-01-31T10:00:00Z', '2026-01-31T10:00:00Z'],
  ['later', '2026-02-10T00:00:00Z', '2026-02-10T00:00:00Z'],
  ['after its end', '2026-05-01T00:00:00Z', '2026-04-01T10:00:00Z'],
])('taken back %s', (_name, now, end) => {
  expect(endOfMarkTakenBack(marked, at(now)).toString()).toBe(end);
});

test('every alias is another one', () => {
  expect(aliasOf(0)).toBe('Alder 1000');
  expect(aliasOf(ALIAS_COUNT - 1)).toBe('Willow 9999');
  expect(new Set(Array.from({ length: 18_001 }, (_, index) => aliasOf(index))).size).toBe(18_001);
});

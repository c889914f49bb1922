import { expect, test } from '@jest/globals';
import { parseNote } from './note.js';

test.each<[string, string | null | undefined]>([
  ['  Le prix convenu était de 12 €. ', 'Le prix convenu était de 12 €.'],
  ['a\nb\tc', 'a\nb\tc'],
  [' \n ', null],
  ['e\u0301', 'é'],
  ['a\u0000b', undefined],
  ['a\u001bb', undefined],
  ['\ud800', undefined],
  ['x'.repeat(2000), 'x'.repeat(2000)],
  ['x'.repeat(2001), undefined],
])('the note %j is kept as %j', (text, kept) => {
  expect(parseNote(text)).toBe(kept);
});

import { expect, test } from '@jest/globals';
import { fold, searchPatterns } from './search-pattern.js';

test.each([
  ['ÉtÉ', 'ete'],
  ['e\u0301', 'e'],
  ['Cœur', 'coeur'],
  ['Straße', 'strasse'],
  ['ŁÓDŹ', 'lodz'],
  ['ＡＢ', 'ab'],
  // The last letter of a Greek word has a form of its own.
  ['ΟΔΟΣ', 'οδοσ'],
  ['İ', 'i'],
])('%s is folded to %s', (text, folded) => {
  expect(fold(text)).toBe(folded);
});

/** The expressions mean the same in JavaScript, but for what counts as a character. */
const finds = (typed: string, text: string): boolean => searchPatterns(typed)!.every((pattern) => new RegExp(pattern).test(text));

test.each([
  ['ete', 'cet ÉTÉ-là', true],
  ['été', 'ete', true],
  ['oe', 'cœur', true],
  ['œ', 'coeur', true],
  ['ss', 'Straße', true],
  ['ß', 'strasse', true],
  ['a b', 'b a', true],
  ['a b', 'a', false],
  ['.', 'abc', false],
  ['a*', 'aaa', false],
  ['a*', 'A*', true],
  ['\\d', '5', false],
  ['[^x]', '[^x]', true],
  ['-', 'a-b', true],
  ['a-z', 'm', false],
])('%j in %j: %s', (typed, text, found) => {
  expect(finds(typed, text)).toBe(found);
});

test.each(['', '   ', '\u0301', 'x'.repeat(101), '\u0000', 'a\u0007', '\ud800'])('%j is nothing to search for', (typed) => {
  expect(searchPatterns(typed)).toBeUndefined();
});

test('a hundred characters may be searched for, of any plane, unless they stand for far more', () => {
  expect(searchPatterns('𝐄'.repeat(100))).toHaveLength(1);
  expect(searchPatterns('\ufdf2'.repeat(100))).toBeUndefined();
});

import { expect, test } from '@jest/globals';
import { sniffDelimiter } from './sniff-delimiter.js';

test.each([
  ['a,b,c', ','],
  ['a;b;c', ';'],
  ['a\tb\tc', '\t'],
  ['a|b|c', '|'],
  ['montant, net;date', ','], // as often each: the likelier one
  ['a;"x,y,z";b', ';'], // quoted text does not count
  ['one', ','],
])('%j is separated by %j', (header, delimiter) => {
  expect(sniffDelimiter(header)).toBe(delimiter);
});

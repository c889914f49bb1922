import { expect, test } from '@jest/globals';
import { parseLine, parseLines } from './written-text.js';

test.each<[string, string | undefined, string | undefined]>([
  ['  Prix : 12 € ', 'Prix : 12 €', 'Prix : 12 €'],
  ['a\r\nb\tc', undefined, 'a\r\nb\tc'],
  [' \n ', '', ''],
  ['e\u0301', 'é', 'é'],
  ['a\u0000b', undefined, undefined],
  ['a\u001bb', undefined, undefined],
  ['\ud800', undefined, undefined],
  ['x'.repeat(20), 'x'.repeat(20), 'x'.repeat(20)],
  ['x'.repeat(21), undefined, undefined],
  [` ${'x'.repeat(20)} `, 'x'.repeat(20), 'x'.repeat(20)],
])('%j is kept as the line %j and as the lines %j', (text, line, lines) => {
  expect([parseLine(text, 20), parseLines(text, 20)]).toEqual([line, lines]);
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csvCell, csvRow, withoutApostrophe } from './csv-cell.js';

test.each([
  [null, ''],
  ['', ''],
  ['Boulangerie', 'Boulangerie'],
  ['a,b', '"a,b"'],
  ['say "yes"', '"say ""yes"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', "'=1+1"],
  ['+33 1', "'+33 1"],
  ['-12', "'-12"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['＝1', "'＝1"],
  ["'=1", "''=1"], // it began with an apostrophe of its own
  ["'s-Hertogenbosch", "'s-Hertogenbosch"],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['a=1', 'a=1'],
  [-12, '-12'], // a number is none
])('%j is written as %j', (value, cell) => {
  expect(csvCell(value)).toBe(cell);
});

test('a row ends like every row of a CSV file', () => {
  expect(csvRow(['a', null, 3])).toBe('a,,3\r\n');
});

test('whatever a cell holds comes back as it was, and begins no formula', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^'{0,3}[=+@-]?.{0,5}$/)), (text) => {
      const cell = csvCell(text);
      const bare = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
      expect(withoutApostrophe(bare)).toBe(text);
      expect(bare).not.toMatch(/^[=+\-@\t\r]/);
    }),
  );
});

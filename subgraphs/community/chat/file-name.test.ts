import { expect, test } from '@jest/globals';
import { contentDisposition, nameForType, parseFileName } from './file-name.js';

test.each([
  ['a.pdf', 'a.pdf'],
  ['/etc/passwd', 'passwd'],
  [String.raw`C:\x\..\a.pdf`, 'a.pdf'],
  ['a.pdf...', 'a.pdf'],
  ['.hidden.csv', '.hidden.csv'],
  ['\u202egnp.exe', 'gnp.exe'],
  ['a\r\nb', 'ab'],
  ['e\u0301', 'é'],
  ['x'.repeat(255), 'x'.repeat(255)],
  // One too many; nothing; a folder; dots alone.
  ['x'.repeat(256), undefined],
  ['', undefined],
  ['a/', undefined],
  ['..', undefined],
])('%j is kept as %j', (given, kept) => {
  expect(parseFileName(given)).toBe(kept);
});

test.each([
  ['a.PDF', 'application/pdf', 'a.PDF'],
  ['a.exe', 'application/pdf', 'a.exe.pdf'],
  ['a.jpeg', 'image/jpeg', 'a.jpeg'],
  ['a.png', 'image/jpeg', 'a.png.jpg'],
  ['a.csv', 'text/csv; charset=windows-1252', 'a.csv'],
  ['😀'.repeat(255), 'image/png', `${'😀'.repeat(251)}.png`],
] as const)('%s of the type %s is saved as %s', (name, type, saved) => {
  expect(nameForType(name, type)).toBe(saved);
});

test.each([
  ['a.pdf', `attachment; filename="a.pdf"; filename*=UTF-8''a.pdf`],
  ['a"b\\c.pdf', `attachment; filename="a_b_c.pdf"; filename*=UTF-8''a%22b%5Cc.pdf`],
  ["l'été (1)*.csv", `attachment; filename="l_ete (1)_.csv"; filename*=UTF-8''l%27%C3%A9t%C3%A9%20%281%29%2A.csv`],
  ['日本.png', `attachment; filename="__.png"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.png`],
])('the header for %s', (name, header) => {
  expect(contentDisposition(name)).toBe(header);
});

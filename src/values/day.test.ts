import { expect, test } from '@jest/globals';
import { daysBetween, endOfMonth, monthOf, parseDay, parseDayFormat } from './day.js';

test.each([
  ['yyyy-MM-dd', '2024-02-29', '2024-02-29'],
  ['yyyy-MM-dd', '2023-02-29', undefined], // no leap year
  ['yyyy-MM-dd', '2024-2-9', undefined], // two digits are asked
  ['yyyy-MM-dd', '1970-01-01', '1970-01-01'], // the first day a ledger may name
  ['yyyy-MM-dd', '1969-12-31', undefined],
  ['yyyy-MM-dd', '2099-12-31', '2099-12-31'], // the last
  ['yyyy-MM-dd', '2100-01-01', undefined],
  ['yyyy-MM-dd', '2024-00-10', undefined],
  ['yyyy-MM-dd', '2024-13-10', undefined],
  ['yyyy-MM-dd', '2024-04-31', undefined],
  ['yyyy-MM-dd', ' 2024-04-30', undefined],
  ['yyyy-MM-dd', '', undefined],
  ['M/d/yyyy', '1/26/2013', '2013-01-26'],
  ['M/d/yyyy', '01/06/2013', '2013-01-06'], // one letter takes one digit or two
  ['M/d/yyyy', '26/1/2013', undefined],
  ['dd.MM.yy', '31.12.69', '2069-12-31'], // two digits: 1970 to 2069
  ['dd.MM.yy', '01.01.70', '1970-01-01'],
  ['dd-MMM-yyyy', '07-FEB-2024', '2024-02-07'],
  ['dd-MMM-yyyy', '07-Fév-2024', undefined],
  ['yyyyMMdd', '20240131', '2024-01-31'],
])('%s reads %j as %s', (pattern, text, expected) => {
  expect(parseDay(text, parseDayFormat(pattern)!)?.toString()).toBe(expected);
});

test.each([['yyyy-MM'], ['dd/MM'], ['yyyy-MM-dd HH'], ['yyyy-MM-dd-dd'], ['yyy-MM-dd'], ['yyyy-MMMM-dd'], ['ddd/MM/yyyy'], [''], ['%Y-%m-%d']])('%j is no pattern of a day', (pattern) => {
  expect(parseDayFormat(pattern)).toBeUndefined();
});

test('letters of a pattern that mean something to an expression stand for themselves', () => {
  const format = parseDayFormat('dd.MM.yyyy')!;
  expect(parseDay('01.02.2024', format)?.toString()).toBe('2024-02-01');
  expect(parseDay('01x02x2024', format)).toBeUndefined();
});

test.each([
  ['2024-02-28', '2024-03-01', 2], // over a leap day
  ['2023-12-31', '2024-01-01', 1],
  ['2024-01-01', '2024-01-01', 0],
  ['2024-03-01', '2024-02-28', -2],
])('from %s to %s are %i days', (from, to, days) => {
  expect(daysBetween(Temporal.PlainDate.from(from), Temporal.PlainDate.from(to))).toBe(days);
});

test.each([['2024-02-01', '2024-02-29'], ['2023-02-28', '2023-02-28'], ['2024-12-05', '2024-12-31']])('the month of %s ends on %s', (day, end) => {
  expect(endOfMonth(Temporal.PlainDate.from(day)).toString()).toBe(end);
});

test.each([['2026-01-31', '2026-01'], ['2026-07-01', '2026-07']])('%s is in the month %s', (day, month) => {
  expect(monthOf(Temporal.PlainDate.from(day))).toBe(month);
});

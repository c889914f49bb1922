import { expect, test } from '@jest/globals';
import { dueDate, faultOfTerms, legalWarnings, type EndOfMonth } from './due-date.js';

const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);

test.each<[string, number, EndOfMonth, number | null, string]>([
  ['2011-10-05', 45, 'END_OF_MONTH_THEN_DAYS', null, '2011-12-15'],
  ['2011-10-05', 45, 'DAYS_THEN_END_OF_MONTH', null, '2011-11-30'],
  ['2011-10-22', 45, 'END_OF_MONTH_THEN_DAYS', null, '2011-12-15'],
  ['2011-10-22', 45, 'DAYS_THEN_END_OF_MONTH', null, '2011-12-31'],
  ['2011-10-07', 45, 'NONE', null, '2011-11-21'],
  ['2011-10-07', 60, 'NONE', null, '2011-12-06'],
  ['2017-11-08', 30, 'NONE', null, '2017-12-08'],
  // On the last day of a month its end is the day itself.
  ['2026-01-31', 0, 'END_OF_MONTH_THEN_DAYS', null, '2026-01-31'],
  ['2026-01-31', 30, 'NONE', null, '2026-03-02'],
  ['2024-01-31', 30, 'NONE', null, '2024-03-01'],
  // A fixed day that is met exactly stays; one day later it is the next month's.
  ['2026-01-10', 5, 'NONE', 15, '2026-01-15'],
  ['2026-01-11', 5, 'NONE', 15, '2026-02-15'],
  ['2026-12-20', 0, 'NONE', 10, '2027-01-10'],
  // A month too short has the 31st on its last day.
  ['2026-02-01', 0, 'NONE', 31, '2026-02-28'],
  ['2026-01-31', 1, 'NONE', 31, '2026-02-28'],
  ['2011-10-05', 45, 'END_OF_MONTH_THEN_DAYS', 10, '2012-01-10'],
])('issued on %s at %i days %s, fixed day %p: due on %s', (issuedOn, days, endOfMonth, fixedDay, due) => {
  expect(dueDate({ days, endOfMonth, fixedDay }, day(issuedOn)).toString()).toBe(due);
});

test.each<[string, number, EndOfMonth, number | null, string | null, string | null]>([
  ['2026-01-10', 60, 'NONE', null, null, null],
  ['2026-01-10', 61, 'NONE', null, 'OVER_60_DAYS', '2026-03-11'],
  ['2026-01-10', 60, 'NONE', 15, 'OVER_60_DAYS', '2026-03-11'],
  ['2011-10-05', 45, 'END_OF_MONTH_THEN_DAYS', null, null, null],
  ['2011-10-05', 46, 'END_OF_MONTH_THEN_DAYS', null, 'OVER_45_DAYS_END_OF_MONTH', '2011-12-15'],
  ['2011-10-22', 45, 'DAYS_THEN_END_OF_MONTH', null, null, null],
  ['2011-10-22', 60, 'DAYS_THEN_END_OF_MONTH', null, null, null],
  ['2011-10-05', 60, 'DAYS_THEN_END_OF_MONTH', null, 'OVER_45_DAYS_END_OF_MONTH', '2011-11-30'],
])('issued on %s at %i days %s, fixed day %p: warns %p, latest %p', (issuedOn, days, endOfMonth, fixedDay, code, latest) => {
  const [warning] = legalWarnings({ days, endOfMonth, fixedDay }, day(issuedOn));
  expect(warning?.code ?? null).toBe(code);
  expect(warning?.latestDueDate.toString() ?? null).toBe(latest);
});

test.each([
  [0, null, undefined],
  [365, 31, undefined],
  [-1, null, 'days'],
  [366, null, 'days'],
  [30, 0, 'fixedDay'],
  [30, 32, 'fixedDay'],
])('terms of %i days with fixed day %p have their fault in %p', (days, fixedDay, field) => {
  expect(faultOfTerms({ days, endOfMonth: 'NONE', fixedDay })?.field).toBe(field);
});

import { expect, test } from '@jest/globals';
import { closedMonths } from './closed-month.js';

test.each([
  // On its last day a month is not closed yet; on the next it is.
  ['2026-10-31', '2026-09-01', '2024-04-01'],
  ['2026-11-01', '2026-10-01', '2024-05-01'],
  ['2026-01-15', '2025-12-01', '2023-07-01'],
  ['2024-02-29', '2024-01-01', '2021-08-01'],
])('on %s the last closed month is %s, the earliest told %s', (today, last, earliest) => {
  const months = closedMonths(Temporal.PlainDate.from(today));
  expect([String(months.last), String(months.earliest)]).toEqual([last, earliest]);
});

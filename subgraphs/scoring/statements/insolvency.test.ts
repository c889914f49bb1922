import { expect, test } from '@jest/globals';
import { countsOn } from './insolvency.js';

const OPENED = Temporal.PlainDate.from('2020-03-10');

test.each([
  ['2020-03-09', null, false],
  // From the day of the opening.
  ['2020-03-10', null, true],
  ['2030-03-09', null, true],
  // Ten years later it is over.
  ['2030-03-10', null, false],
  ['2021-05-31', '2021-06-01', true],
  // On the day of the withdrawal it counts no more.
  ['2021-06-01', '2021-06-01', false],
])('a notice of 10 March 2020 on %s, withdrawn on %s: %s', (day, withdrawnOn, counts) => {
  expect(countsOn(Temporal.PlainDate.from(day), OPENED, withdrawnOn === null ? null : Temporal.PlainDate.from(withdrawnOn))).toBe(counts);
});

import { expect, test } from '@jest/globals';
import { exchangeDueOn } from './key-age.js';

test.each([
  ['2026-11-23', '2027-11-23'],
  // A day that the next year does not have: the last one before it.
  ['2028-02-29', '2029-02-28'],
  ['2027-12-31', '2028-12-31'],
])('a key in use since %s is to be exchanged on %s', (since, due) => {
  expect(exchangeDueOn(Temporal.PlainDate.from(since)).toString()).toBe(due);
});

import { expect, test } from '@jest/globals';
import { prefixesOf } from './sector-prefixes.js';

test.each([
  ['47', ['47']],
  ['47.1', ['47.1']],
  ['47.11', ['47.11']],
  // A division of one digit has a zero before it.
  ['A', ['A', '01', '02', '03']],
  ['I', ['I', '55', '56']],
  ['U', ['U', '99']],
])('%s is what begins with %j', (sector, prefixes) => {
  expect(prefixesOf(sector)).toEqual(prefixes);
});

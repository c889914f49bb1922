import { expect, test } from '@jest/globals';
import { parseRetryAfter, secondsToNextAttempt } from './retry-schedule.js';

test.each([
  [1, 5],
  [2, 300],
  [3, 1800],
  [4, 7200],
  [5, 18_000],
  [6, 36_000],
  [7, 50_400],
  [8, 72_000],
  [9, 86_400],
  [10, undefined], // the tenth attempt was the last
])('after %d failed attempts the next one is in %p seconds, give or take a tenth', (attempts, seconds) => {
  expect(secondsToNextAttempt(attempts, 0.5)).toBe(seconds);
  if (seconds === undefined) return;
  expect(secondsToNextAttempt(attempts, 0)).toBeCloseTo(0.9 * seconds, 6);
  expect(secondsToNextAttempt(attempts, 1)).toBeCloseTo(1.1 * seconds, 6);
});

test.each([
  [1, 120, 120],
  [3, 120, 1800], // a wish makes nothing sooner
  [1, 1_000_000, 86_400], // nor waits it for ever
  [10, 60, undefined],
])('after %d attempts a receiver that wishes %d seconds gets %p', (attempts, wished, seconds) => {
  expect(secondsToNextAttempt(attempts, 0.5, wished)).toBe(seconds);
});

const NOW = Date.parse('2026-11-23T10:00:00Z');
test.each([
  [undefined, 0],
  ['', 0],
  ['120', 120],
  ['-5', 0],
  ['soon', 0],
  ['99999999999999', 0],
  ['Mon, 23 Nov 2026 10:01:00 GMT', 60],
  ['Mon, 23 Nov 2026 09:00:00 GMT', 0], // long past
])('Retry-After %j is %d seconds', (header, seconds) => {
  expect(parseRetryAfter(header, NOW)).toBe(seconds);
});

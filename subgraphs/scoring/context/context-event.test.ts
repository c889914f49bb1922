import { expect, test } from '@jest/globals';
import { appliesOn } from './context-event.js';

const OPEN = { startsOn: '2026-03-17', lastOn: null, endedOn: null };
const SHORT = { ...OPEN, lastOn: '2026-05-11' };

test.each([
  ['2026-03-16', OPEN, false],
  // From its first day.
  ['2026-03-17', OPEN, true],
  ['2099-12-31', OPEN, true],
  // Its last day is part of it.
  ['2026-05-11', SHORT, true],
  ['2026-05-12', SHORT, false],
  ['2026-04-30', { ...SHORT, endedOn: '2026-05-01' }, true],
  // On the day it is ended it applies no more.
  ['2026-05-01', { ...SHORT, endedOn: '2026-05-01' }, false],
  // Ended before it began.
  ['2026-03-17', { ...OPEN, endedOn: '2026-03-01' }, false],
])('on %s, %j applies: %s', (day, period, applies) => {
  expect(appliesOn(period, day)).toBe(applies);
});

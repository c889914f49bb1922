import { expect, test } from '@jest/globals';
import type { Metric } from '../../../src/values/metric.js';
import type { Position } from '../../../src/values/position.js';
import type { Trend } from '../../../src/values/trend.js';
import { gapOf, movementOf, shownText, type Shown } from './shown.js';

function band(from: number, to: number, position: Position | null = null, own: number | null = null): Shown {
  return { from, to, value: null, roundedTo: null, direction: null, own, position };
}

function figure(value: number, roundedTo: number, position: Position | null = null, own: number | null = null): Shown {
  return { from: null, to: null, value, roundedTo, direction: null, own, position };
}

test.each<[string, Metric, Shown, Shown, Trend | null]>([
  ['the same', 'DSO', figure(40, 10), figure(40, 10), null],
  // Exactly one step is not more than one.
  ['a value by its rounding', 'DSO', figure(40, 10), figure(50, 10), null],
  ['a value by two steps up', 'DSO', figure(40, 10), figure(60, 10), 'WORSENING'],
  ['a value by two steps down', 'DAYS_BEYOND_TERMS', figure(40, 10), figure(20, 10), 'IMPROVING'],
  ['a finer value by two of its steps', 'DSO', figure(40, 5), figure(50, 5), 'WORSENING'],
  ['a value that became finer, within the coarser step', 'DSO', figure(40, 10), figure(45, 5), null],
  ['the next band', 'DSO', band(30, 60), band(60, 90), 'WORSENING'],
  ['the band below', 'LATE_SHARE', band(0.25, 1), band(0, 0.25), 'IMPROVING'],
  ['the next class of shares, although its step is wider', 'LATE_SHARE', figure(0.05, 0.1), figure(0.175, 0.15), 'WORSENING'],
  ['the class of terms', 'PAYMENT_TERMS', figure(60, 30), figure(30, 30), 'IMPROVING'],
  ['a band that became a value within it', 'DSO', band(30, 60), figure(50, 10), null],
  // 60 to 70 and 30 to 60 share nothing but an edge.
  ['a band that became a value beside it', 'DSO', band(30, 60), figure(65, 10), 'WORSENING'],
  ['a value that became a band above it', 'DSO', figure(20, 10), band(30, 60), 'WORSENING'],
  ['the last class of terms in wider steps, which has no bound', 'PAYMENT_TERMS', figure(60, 30), figure(90, 15), null],
  ['terms of up to 30 days that became 30 to 45 in finer steps', 'PAYMENT_TERMS', figure(30, 30), figure(45, 15), 'WORSENING'],
  ['the position alone', 'DSO', figure(40, 10, 'SIMILAR'), figure(40, 10, 'BELOW'), 'STABLE'],
  ['the position with a step down', 'DSO', figure(40, 10, 'SIMILAR'), figure(30, 10, 'ABOVE'), 'IMPROVING'],
  ['a position that was none before', 'DSO', figure(40, 10), figure(40, 10, 'BELOW'), null],
])('moved: %s', (_, metric, before, after, expected) => {
  expect(movementOf(metric, before, after)).toBe(expected);
});

test.each<[string, Shown, number | null]>([
  ['others later, from the value', figure(30, 10, 'BELOW', 12.25), 17.75],
  ['others sooner', figure(10, 10, 'ABOVE', 40), -30],
  ['within the rounding', figure(30, 10, 'SIMILAR', 27), 0],
  ['from the nearest end of a band', band(30, 60, 'BELOW', 10), 20],
  ['from the far end of it', band(0, 30, 'ABOVE', 45), -15],
  // Nine days early counts as none in what is shown.
  ['an own figure below zero', figure(20, 10, 'BELOW', -9), 20],
  ['an own figure beyond 150', figure(100, 10, 'ABOVE', 400), -50],
  ['no own figure', figure(20, 10), null],
])('the gap of %s', (_, shown, expected) => {
  expect(gapOf(shown)).toBe(expected);
});

test('what is shown as a text', () => {
  expect([shownText(band(30, 60)), shownText(figure(0.175, 0.15))]).toEqual(['30–60', '0.175']);
});

import { expect, test } from '@jest/globals';
import { bandOf, cellAt, discloseCell } from './cell.js';
import { POLICY_V1 as policy } from './policy.js';

/** A panel that did not move in three months. */
const still = (...inputs: readonly number[]) => inputs.map((now) => ({ now, before: now }));

test.each([
  ['one contributor', [40]],
  // Two others: with one of them known, the third is.
  ['two others', [40, 40, 40]],
])('%s is nothing', (_name, inputs) => {
  for (const metric of ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE', 'PAYMENT_TERMS'] as const) expect(discloseCell(metric, still(...inputs), policy)).toBeUndefined();
});

test.each([
  ['three others', [20, 30, 30, 39], { tier: 'T1', from: 30, to: 60 }], // buckets 20, 30, 30, 40: their mean 30 opens a band
  ['four others', [10, 10, 10, 10, 10], { tier: 'T1', from: 0, to: 30 }],
  ['everybody at the upper bound', [150, 150, 150, 150], { tier: 'T1', from: 120, to: 150 }], // there is no band above
  ['five others', [20, 30, 40, 50, 60, 70], { tier: 'T2', value: 50, roundedTo: 10 }], // 45: a half goes up
  ['nine others', [44, 44, 44, 44, 44, 44, 44, 44, 44, 44], { tier: 'T2', value: 40, roundedTo: 10 }], // 44 is in the bucket of 40
  ['ten others', [43, 43, 43, 43, 43, 43, 43, 43, 43, 43, 43], { tier: 'T3', value: 45, roundedTo: 5, lowerQuartile: 50, upperQuartile: 50 }],
  ['ten others, spread', [20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120], { tier: 'T3', value: 70, roundedTo: 5, lowerQuartile: 50, upperQuartile: 100 }], // 45 and 95
])('days of %s', (_name, inputs, cell) => {
  expect(discloseCell('DSO', still(...inputs), policy)).toEqual({ direction: 'STABLE', ...(cell.tier === 'T2' && { lowerQuartile: null, upperQuartile: null }), ...cell });
});

test.each([
  [[0, 0, 0, 1], { tier: 'T1', from: 0, to: 0.25 }], // a quarter late is still the lower band
  [[0, 0, 0, 1, 1], { tier: 'T1', from: 0.25, to: 1 }],
  [[0.1, 0.1, 0.1, 0.1, 0.1, 0.1], { tier: 'T2', value: 0.05, roundedTo: 0.1 }], // a bound belongs below
  [[0.11, 0.11, 0.11, 0.11, 0.11, 0.11], { tier: 'T2', value: 0.175, roundedTo: 0.15 }],
  [[1, 1, 0, 0, 0, 0], { tier: 'T2', value: 0.375, roundedTo: 0.25 }],
  [[1, 1, 1, 1, 0, 0], { tier: 'T2', value: 0.75, roundedTo: 0.5 }],
  [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], { tier: 'T3', value: 0.75, roundedTo: 0.5 }],
])('a late share of %j is shown as its class', (inputs, cell) => {
  expect(discloseCell('LATE_SHARE', still(...inputs), policy)).toEqual({ direction: 'STABLE', ...(cell.tier !== 'T1' && { lowerQuartile: null, upperQuartile: null }), ...cell });
});

test.each([
  [[30, 30, 45, 60], { tier: 'T1', from: 30, to: 60 }],
  [[30, 30, 30, 30, 60, 60], { tier: 'T2', value: 30, roundedTo: 30 }],
  [[31, 31, 31, 31, 30, 30], { tier: 'T2', value: 60, roundedTo: 30 }], // 31 is more than 30, whatever bucket it would be in
  [[30, 30, 30, 60, 60, 60], { tier: 'T2', value: 30, roundedTo: 30 }], // no majority: the shorter
  [[30, 30, 45, 45, 45, 45, 60, 60, 90, 90, 90], { tier: 'T3', value: 45, roundedTo: 15 }],
  [[120, 120, 120, 120, 120, 120, 30, 30, 30, 30, 30], { tier: 'T3', value: 90, roundedTo: 15 }], // the last class has no bound
])('terms of %j are shown as a class', (inputs, cell) => {
  expect(discloseCell('PAYMENT_TERMS', still(...inputs), policy)).toEqual({ direction: 'STABLE', ...(cell.tier !== 'T1' && { lowerQuartile: null, upperQuartile: null }), ...cell });
});

test('a cell does not depend on the order of its contributors', () => {
  const inputs = [12.3, 45.6, 78.9, 10.1, 33.3, 66.6, 99.9, 0.1, 0.2, 0.3, 149.9];
  for (const metric of ['DSO', 'LATE_SHARE', 'PAYMENT_TERMS'] as const) {
    expect(discloseCell(metric, still(...inputs.toReversed()), policy)).toEqual(discloseCell(metric, still(...inputs), policy));
  }
});

test.each([[0, 0], [29.9, 0], [30, 30], [119.9, 90], [120, 120], [150, 120]])('%d days lie in the band from %d', (days, from) => {
  expect(bandOf(days, policy)).toEqual({ from, to: from + 30 });
});

test('of as many votes for one class as for another, the secret decides: the lower one, or the higher', () => {
  const tie = [30, 30, 30, 60, 60, 60].map((now) => ({ now, before: undefined }));
  expect(cellAt('T2', 'PAYMENT_TERMS', tie, policy, -0.5)).toMatchObject({ value: 30 });
  expect(cellAt('T2', 'PAYMENT_TERMS', tie, policy, 0.5)).toMatchObject({ value: 60 });
  const clear = [30, 30, 30, 30, 60, 60].map((now) => ({ now, before: undefined }));
  for (const shift of [-0.5, 0.5]) expect(cellAt('T2', 'PAYMENT_TERMS', clear, policy, shift)).toMatchObject({ value: 30 });
});

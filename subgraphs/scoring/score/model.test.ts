import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Features } from './features.js';
import { bandOf, probabilityOf, scoreOf } from './model.js';
import { CURRENT_MODEL } from './models.js';
import { addUp, factorOf, labelIn, pointsOf, type Characteristic } from './scorecard.js';

const nothing: Features = { index: null, trendPoints: null, shareBeyond30: null, utilisation: null, openDisputes: null, brokenPromises: null, relationMonths: null, benchmarkGap: null, insolvent: null, statement: null };
const days: Characteristic = { code: 'D', label: { en: 'd', fr: 'j' }, unit: 'DAYS', bins: [{ below: 0, points: 5 }, { below: 10, points: 0 }, { below: null, points: -7 }], unknown: 1 };

test.each([[-0.1, 5], [0, 0], [9.99, 0], [10, -7], [1e9, -7], [null, 1]])('%p gives %p points: a bin ends before its end', (value, points) => {
  expect(pointsOf(days, value)).toBe(points);
});

test.each<[Characteristic['unit'], number, string]>([['SHARE', 0.12345, '12.3 %'], ['RATIO', 1 / 3, '0.333333'], ['FLAG', 1, 'yes'], ['FLAG', 0, 'no'], ['DAYS', 9.545455, '9.5'], ['COUNT', 3, '3']])('%s %p is shown as %s', (unit, value, text) => {
  expect(factorOf({ ...days, unit }, value).observed).toBe(text);
});

test.each<[Characteristic['unit'], number, string, number]>([
  // Shown as on the bound, it is not below it.
  ['DAYS', 9.96, '10', -7], ['DAYS', 9.94, '9.9', 0], ['DAYS', -0.04, '0', 0], ['SHARE', 9.9999, '1000 %', -7], ['RATIO', 9.9999996, '10', -7], ['RATIO', 9.9999994, '9.999999', 0],
])('%s %p is shown as %s and gives the %p points of that', (unit, value, observed, contribution) => {
  expect(factorOf({ ...days, unit }, value)).toEqual({ code: 'D', observed, contribution });
});

test.each([['fr', 'j'], ['fr-CA', 'j'], ['FR', 'j'], ['en', 'd'], ['de', 'd'], ['frr', 'd'], [null, 'd'], ['', 'd']])('a label in %p', (locale, text) => {
  expect(labelIn(days.label, locale)).toBe(text);
});

test('a part that would pass an end gives what is left up to it', () => {
  const part = (contribution: number) => ({ code: 'P', contribution, observed: null });
  expect(addUp(990, [part(20), part(-5)])).toEqual({ value: 995, factors: [part(10), part(-5)] });
  expect(addUp(10, [part(-20), part(5)])).toEqual({ value: 5, factors: [part(-10), part(5)] });
});

const some = (least: number, most: number) => fc.option(fc.double({ min: least, max: most, noNaN: true }), { nil: null });
const features = fc.record({
  index: some(0, 100), trendPoints: some(-100, 100), shareBeyond30: some(0, 1), utilisation: some(0, 20), openDisputes: some(0, 50), brokenPromises: some(0, 50),
  relationMonths: some(0, 600), benchmarkGap: some(-400, 400), insolvent: fc.constantFrom(null, 0, 1), statement: fc.constant(null),
});

test('whatever is known, the base and the contributions are the value, from 0 to 1000, and the same again', () => {
  fc.assert(fc.property(features, fc.array(fc.integer({ min: -2000, max: 2000 })), (known, shifts) => {
    const adjustments = shifts.map((contribution) => ({ code: 'CONTEXT_EVENT', contribution, observed: null }));
    const score = scoreOf(CURRENT_MODEL, known, adjustments);
    expect(score.factors.reduce((sum, { contribution }) => sum + contribution, score.base)).toBe(score.value);
    expect(score.value).toBeGreaterThanOrEqual(0);
    expect(score.value).toBeLessThanOrEqual(1000);
    expect(scoreOf(CURRENT_MODEL, known, adjustments)).toEqual(score);
  }));
});

/** Which way each feature points: 1 when more of it is safer. */
const DIRECTIONS = { index: 1, trendPoints: 1, shareBeyond30: -1, utilisation: -1, openDisputes: -1, brokenPromises: -1, relationMonths: 1, benchmarkGap: -1, insolvent: -1 } as const;

test.each(CURRENT_MODEL.behaviour.map((characteristic) => [characteristic.code, characteristic] as const))('%s is monotone, and its bins rise to no end', (_, { bins, feature }) => {
  expect(bins.map(({ below }) => below ?? Infinity)).toEqual(bins.map(({ below }) => below ?? Infinity).toSorted((one, other) => one - other));
  expect(bins.at(-1)!.below).toBeNull();
  const points = bins.map(({ points }) => points * DIRECTIONS[feature]);
  expect(points).toEqual(points.toSorted((one, other) => one - other));
});

test('a higher value is never riskier, and bands follow the value', () => {
  let before = 1;
  for (let value = 0; value <= 1000; value += 1) {
    const probability = probabilityOf(CURRENT_MODEL, value);
    expect(probability).toBeLessThan(before);
    before = probability;
  }
  expect([0, 399, 400, 519, 520, 619, 620, 699, 700, 1000].map((value) => bandOf(CURRENT_MODEL, value)).join('')).toBe('EEDDCCBBAA');
});

test('a customer of whom nothing is known is near the base, one who pays on the due date above it, an insolvent one at the end', () => {
  const unknown = scoreOf(CURRENT_MODEL, nothing);
  const good = scoreOf(CURRENT_MODEL, { ...nothing, index: 80, shareBeyond30: 0, utilisation: 0.3, openDisputes: 0, brokenPromises: 0, relationMonths: 40, insolvent: 0 });
  const insolvent = scoreOf(CURRENT_MODEL, { ...nothing, index: 30, shareBeyond30: 0.8, insolvent: 1 });
  expect([unknown.value, good.value, insolvent.value]).toEqual([555, 665, 0]);
  expect([unknown.band, good.band, insolvent.band]).toEqual(['C', 'B', 'E']);
  expect(good.probabilityOfDefault).toBeCloseTo(0.0082, 3);
});

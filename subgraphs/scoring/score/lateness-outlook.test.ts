import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HABIT_LABELS } from './habit-labels.js';
import type { LatenessHabits } from './lateness-habits.js';
import { CURRENT_LATENESS_CARD, latenessCardOf, latenessOutlook } from './lateness-outlook.js';

const nothing: LatenessHabits = { invoiceCount: 3, index: null, averageDaysBeyondTerms: null, lateShare: null, recentLateShare: null, monthLateShare: null, recentDays: null, usualDays: null, slowDays: null };
const prompt: LatenessHabits = { ...nothing, index: 80, recentLateShare: 0.4 / 40, monthLateShare: 0.4 / 20, recentDays: 0, usualDays: 0 };
const slow: LatenessHabits = { ...nothing, index: 50, recentLateShare: 36.4 / 40, monthLateShare: 16.4 / 20, recentDays: 30, usualDays: 30 };

test('two invoices are too few, three are enough', () => {
  expect(latenessOutlook({ ...prompt, invoiceCount: 2 })).toBeNull();
  expect(latenessOutlook(prompt)).not.toBeNull();
});

test.each<[string, LatenessHabits, number, number]>([
  ['nothing but their number', nothing, 568, 0.1248],
  // 568 + 29 + 42 + 43 + 20 + 24, and 568 − 59 − 74 − 71 − 39 − 50: the ends of the card.
  ['in time as a habit', prompt, 726, 0.0157],
  ['thirty days late as a habit', slow, 275, 0.8922],
])('%s', (_, habits, value, chance) => {
  expect(latenessOutlook(habits)).toMatchObject({ value, chance: expect.closeTo(chance, 4), base: 568, modelVersion: 'lateness-2026-11' });
});

const some = (least: number, most: number) => fc.option(fc.double({ min: least, max: most, noNaN: true }), { nil: null });
const known = fc.record({
  invoiceCount: fc.integer({ min: 3, max: 1000 }), index: some(0, 100), averageDaysBeyondTerms: some(-400, 400), lateShare: some(0, 1), recentLateShare: some(0, 1), monthLateShare: some(0, 1),
  recentDays: some(-30, 60), usualDays: some(-30, 60), slowDays: some(-30, 60),
});

test('whoever has the card and what is shown as observed has the value', () => {
  fc.assert(fc.property(known, (habits) => {
    const { value, base, factors } = latenessOutlook(habits)!;
    const points = factors.map(({ code, observed }) => {
      const { bins, unknown } = CURRENT_LATENESS_CARD.characteristics.find((each) => each.code === code)!;
      return observed === null ? unknown : bins.find(({ below }) => below === null || Number(observed) < below)!.points;
    });
    expect(factors.map(({ contribution }) => contribution)).toEqual(points);
    expect(points.reduce((sum, each) => sum + each, base)).toBe(value);
  }), { examples: [[{ ...prompt, recentLateShare: 0.010_299_999_9 }]] });
});

test('a version is found by its name, and each of its characteristics has one in two languages', () => {
  expect(latenessCardOf('lateness-2026-11')).toBe(CURRENT_LATENESS_CARD);
  expect(latenessCardOf('lateness-2019-01')).toBeUndefined();
  const labels: Readonly<Record<string, object>> = HABIT_LABELS;
  for (const { code } of CURRENT_LATENESS_CARD.characteristics) expect(labels[code]).toEqual({ en: expect.stringMatching(/./), fr: expect.stringMatching(/./) });
});

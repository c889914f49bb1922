import { expect, test } from '@jest/globals';
import { probabilityAt, scoreOfCard } from '../score/trained-card.js';
import { brierOf, decilesOf } from './calibration.js';
import { placeOf, seededChance } from './chance.js';
import { areaUnderCurve } from './discrimination.js';
import { fitScorecard, probabilityOf, type Sample } from './fit.js';
import { fitLogistic } from './logistic.js';
import { informationOf, monotoneBins } from './monotone-bins.js';

/** Failure rises with debt, and falls with profit up to a kink where it turns; noise says nothing. */
function makeSamples(count: number, seed: number): Sample[] {
  const chance = seededChance(seed);
  return Array.from({ length: count }, (_, index) => {
    const [debt, profit, noise] = [chance(), chance(), chance()];
    const logit = -3 + 4 * debt - 3 * profit + (profit > 0.9 ? 1 : 0);
    return { observed: { debt, profit: chance() < 0.05 ? null : profit, noise }, bad: chance() < 1 / (1 + Math.exp(-logit)), group: `firm ${index}` };
  });
}

const CANDIDATES = [{ code: 'debt', safer: 'lower' }, { code: 'profit', safer: 'higher' }, { code: 'noise', safer: 'higher' }] as const;

test('logistic regression finds the odds of a table, and a column that points the wrong way gets nothing', () => {
  const bad = [true, false, false, false, true, true, true, false];
  const column = Float64Array.of(0, 0, 0, 0, 1, 1, 1, 1);
  const { intercept, coefficients } = fitLogistic([column], bad, 0);
  expect(intercept).toBeCloseTo(Math.log(1 / 3), 6);
  expect(coefficients[0]).toBeCloseTo(2 * Math.log(3), 6);
  const against = fitLogistic([column.map((value) => 1 - value)], bad, 0);
  expect(against.coefficients).toEqual([0]);
  expect(against.intercept).toBeCloseTo(0, 6);
});

test('bins are monotone also where the data are not, and in the wrong direction there is one', () => {
  const samples = makeSamples(8000, 1);
  const bad = samples.map((sample) => sample.bad);
  const profits = samples.map(({ observed }) => observed['profit'] ?? null);
  const bins = monotoneBins(profits, bad, 'higher');
  const weights = bins.map(({ weight }) => weight);
  expect(bins.length).toBeGreaterThan(4);
  expect(weights).toEqual(weights.toSorted((one, other) => one - other));
  expect(bins.reduce((sum, bin) => sum + bin.good + bin.bad, 0)).toBe(profits.filter((value) => value !== null).length);
  expect(informationOf(bins)).toBeGreaterThan(0.2);
  expect(monotoneBins(profits, bad, 'lower').length).toBeLessThan(3);
});

test('a card finds what there is, leaves noise out, gives nothing for what is not known, and its probabilities come true', () => {
  const card = fitScorecard('test', makeSamples(8000, 1), CANDIDATES, 5);
  expect(card).toEqual(fitScorecard('test', makeSamples(8000, 1), CANDIDATES, 5));
  expect(card.characteristics.map(({ code }) => code)).toEqual(['debt', 'profit']);
  expect(scoreOfCard(card, {})).toEqual({ value: card.base, base: card.base, factors: [{ code: 'debt', contribution: 0, observed: null }, { code: 'profit', contribution: 0, observed: null }] });
  const others = makeSamples(8000, 2);
  const said = others.map((sample) => probabilityOf(card, sample));
  const bad = others.map((sample) => sample.bad);
  expect(areaUnderCurve(said, bad)).toBeGreaterThan(0.78);
  for (const decile of decilesOf(said, bad)) expect(Math.abs(decile.said - decile.seen)).toBeLessThan(0.05);
  const rate = bad.filter(Boolean).length / bad.length;
  expect(brierOf(said, bad)).toBeLessThan(rate * (1 - rate));
  expect(probabilityAt(card, card.at)).toBe(0.5);
  // Points and base are whole, so parts add up to the value without rounding.
  for (const { observed } of others.slice(0, 200)) {
    const { value, base, factors } = scoreOfCard(card, observed);
    expect(factors.reduce((sum, { contribution }) => sum + contribution, base)).toBe(value);
    expect(Number.isSafeInteger(value) && value >= 0 && value <= 1000).toBe(true);
  }
});

test('a name has its place by itself, and places are spread evenly', () => {
  const places = Array.from({ length: 4000 }, (_, index) => placeOf(`firm ${index}`, 3));
  expect(placeOf('firm 7', 3)).toBe(places[7]);
  expect(placeOf('firm 7', 4)).not.toBe(places[7]);
  for (let tenth = 0; tenth < 10; tenth += 1) expect(Math.abs(places.filter((place) => Math.floor(place * 10) === tenth).length - 400)).toBeLessThan(100);
});

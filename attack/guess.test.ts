import { expect, test } from '@jest/globals';
import { Chance } from './chance.js';
import { learn, NEAR, type Rehearsal } from './guess.js';

/** A secret of deviation 13 in a sum with four others, which is told rounded: a world whose posterior can be computed. */
function draw(chance: Chance, step: number): { readonly told: number; readonly secret: number } {
  const secret = 13 * chance.normal();
  const sum = secret + 26 * chance.normal();
  return { told: step === 0 ? sum : Math.round(sum / step) * step, secret };
}

/** Of normal values the posterior mean is k · told, and its deviation 13 · √(1 − k): the best guess succeeds as often as that lies within five days. */
const BEST_KNOWING_THE_SUM = 0.333;

test.each([[0, BEST_KNOWING_THE_SUM], [10, 0.33]])('attackers who learnt guess as well as the posterior allows: rounded to %i', (step, best) => {
  const chance = Chance.from(7, 'guess', step);
  const view = (told: number) => ({ known: Float64Array.from([told, chance.normal(), chance.normal()]), kind: '' });
  const guess = learn(Array.from({ length: 3000 }, (): Rehearsal => {
    const { told, secret } = draw(chance, step);
    return { view: view(told), secret };
  }));
  const trials = 20_000;
  let right = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const { told, secret } = draw(chance, step);
    if (Math.abs(guess(view(told)) - secret) <= NEAR) right += 1;
  }
  expect(right / trials).toBeGreaterThan(best - 0.012);
});

test('what is told exactly is guessed exactly', () => {
  const chance = Chance.from(8);
  const rehearse = (): Rehearsal => {
    const [own, secret] = [40 * chance.uniform(), 150 * chance.uniform()];
    return { view: { known: Float64Array.from([own, (own + secret) / 2]), kind: '' }, secret };
  };
  const guess = learn(Array.from({ length: 400 }, rehearse));
  for (let trial = 0; trial < 100; trial += 1) {
    const { view, secret } = rehearse();
    expect(Math.abs(guess(view) - secret)).toBeLessThan(0.1);
  }
});

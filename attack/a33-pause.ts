import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack, AttackOptions } from './attack.js';
import { Chance } from './chance.js';
import { rate, type Estimate } from './confidence.js';
import { learn, type View } from './guess.js';
import { decideNaively } from './naive-build.js';
import type { Decide } from './play.js';
import { changed, FAST, FULL, isWithin, look, makeTrial, onlyIn, publish, scenario, type Scenario } from './scenario.js';

/** How well the attackers know how the others are paid, from talk of the trade: a deviation in days. */
const TALK = 3;
const LINE = { excess: 10, bound: Infinity };

/**
 * A cell falls silent: somebody left. Two members who know all names, and from talk roughly how each is paid, compare the cells
 * before and after the silence and say who it was. Chance is one in as many as there are others.
 */
export const pause: Attack = {
  id: 'A33',
  title: 'infer who left from a pause',
  passLine: '≤ 1/n + 10',
  run: async (options) => {
    const places = [4, 5, 7, 12].map((firms) =>
      scenario({ name: `two of ${firms}`, firms, seats: 2, months: 12, target: 6, reads: () => true, inFast: firms <= 5 }, (parts) => changed(parts, { 2: (part) => onlyIn(part, (month) => month <= 6) })));
    const outcomes = places.filter(({ inFast }) => !options.fast || inFast).map((place) => ({ place, product: name(place, decideCell, options), control: name(place, decideNaively, { ...options, fast: true }) }));
    const worst = outcomes.toSorted((a, b) => b.product.excess - a.product.excess)[0]!;
    return {
      trials: outcomes.length * (options.fast ? FAST : FULL).trials, ...worst.product, control: Math.max(...outcomes.map(({ control }) => control.excess)),
      passed: outcomes.every(({ product }) => isWithin(product, LINE, options.fast)),
      notes: [...outcomes.map(({ place, product, control }) => `${place.name}: ${product.excess.toFixed(1)} (≤ ${product.bound.toFixed(1)}) over 1/${place.firms - place.seats}; control ${control.excess.toFixed(1)}`), `talk is within ${TALK} days (deviation) of the figure`],
    };
  },
};

/** How much more often than chance the one that left is named: it is the one whose figure comes nearest to what is missing. */
function name(place: Scenario, decide: Decide, { seed, fast }: AttackOptions): Estimate {
  const effort = fast ? FAST : FULL;
  const others = place.firms - place.seats;
  const attempts = Array.from({ length: effort.rehearsals + effort.trials }, (_, number) => {
    const chance = Chance.from(seed, 'A33', place.name, number);
    const { rows } = makeTrial(place, chance);
    const heard = rows.slice(place.seats).map((row) => row[place.target]!.DSO + TALK * chance.normal());
    const { known, kind } = look(place, publish(place, rows, POLICY, decide));
    const sum = heard.reduce((total, each) => total + each, 0);
    const view: View = { known: Float64Array.from([...known, sum]), kind };
    return { view, heard, secret: rows[place.seats]![place.target]!.DSO };
  });
  const guess = learn(attempts.slice(0, effort.rehearsals));
  const trials = attempts.slice(effort.rehearsals);
  // The one that left is the first of the others.
  const right = rate(trials.filter(({ view, heard }) => {
    const missing = guess(view);
    const distances = heard.map((each) => Math.abs(each - missing));
    return distances[0] === Math.min(...distances);
  }).length, trials.length);
  return { excess: right.excess - 100 / others, bound: right.bound - 100 / others };
}

import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack, AttackOptions } from './attack.js';
import { Chance } from './chance.js';
import { rate, type Estimate } from './confidence.js';
import { ridge, type View } from './guess.js';
import { decideNaively } from './naive-build.js';
import type { Decide } from './play.js';
import { FAST, FULL, isWithin, look, makeTrial, publish, scenario, type Scenario } from './scenario.js';

/** How far a firm's published accounts lie from how this one customer pays it, in days: they hold its average over all of them. */
const ACCOUNTS = 10;
const LINE = { excess: 5, bound: Infinity };

/**
 * Two members hold a public list of the customer's suppliers, with the days of sale outstanding of each from its published accounts,
 * and say which of two firms on it is the one that contributes. Chance is a half.
 */
export const publicRoster: Attack = {
  id: 'A32',
  title: 'link with a public roster',
  passLine: '≤ chance + 5',
  run: async (options) => {
    const places = [3, 4, 6, 11].map((firms) => scenario({ name: `two of ${firms}`, firms, seats: 2, months: 6, reads: () => true, inFast: firms === 3 || firms === 6 }));
    const outcomes = places.filter(({ inFast }) => !options.fast || inFast).map((place) => ({ place, product: link(place, decideCell, options), control: link(place, decideNaively, { ...options, fast: true }) }));
    const worst = outcomes.toSorted((a, b) => b.product.excess - a.product.excess)[0]!;
    return {
      trials: outcomes.length * (options.fast ? FAST : FULL).trials, ...worst.product, control: Math.max(...outcomes.map(({ control }) => control.excess)),
      passed: outcomes.every(({ product }) => isWithin(product, LINE, options.fast)),
      notes: [...outcomes.map(({ place, product, control }) => `${place.name}: ${product.excess.toFixed(1)} (≤ ${product.bound.toFixed(1)}); control ${control.excess.toFixed(1)}`), `the accounts are within ${ACCOUNTS} days (deviation) of the figure`],
    };
  },
};

/** How much more often than chance the right one of two is named. */
function link(place: Scenario, decide: Decide, { seed, fast }: AttackOptions): Estimate {
  const effort = fast ? FAST : FULL;
  const attempts = Array.from({ length: effort.rehearsals + effort.trials }, (_, number) => {
    const chance = Chance.from(seed, 'A32', place.name, number);
    const { rows, rowsWithout } = makeTrial(place, chance);
    // The two firms of the list, in a fixed order; the first or the second contributes.
    const first = chance.uniform() < 0.5;
    const told = publish(place, first ? rows : rowsWithout, POLICY, decide);
    const [one, other] = [rows, rowsWithout].map((each) => each[place.seats]!.reduce((sum, { DSO }) => sum + DSO, 0) / place.months + ACCOUNTS * chance.normal());
    return { known: knownOf(look(place, told), one!, other!), side: first ? 1 : -1 };
  });
  const rehearsals = attempts.slice(0, effort.rehearsals);
  const name = ridge(rehearsals.map(({ known }) => known), rehearsals.map(({ side }) => side));
  const trials = attempts.slice(effort.rehearsals);
  const right = rate(trials.filter(({ known, side }) => name(known) * side > 0).length, trials.length);
  return { excess: right.excess - 50, bound: right.bound - 50 };
}

/** Whoever is nearer to what was published: products of the difference of the two with all that is known. */
function knownOf({ known }: View, one: number, other: number): Float64Array {
  const apart = (one - other) / 10;
  const middle = (one + other) / 2;
  return Float64Array.from([...known, one, other, apart * middle, ...[...known].map((each) => (apart * each) / 10)]);
}

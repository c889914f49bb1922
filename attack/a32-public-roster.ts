import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack, AttackOptions } from './attack.js';
import { Chance } from './chance.js';
import { rate, type Estimate } from './confidence.js';
import { learn, type View } from './guess.js';
import { decideNaively } from './naive-build.js';
import type { Decide } from './play.js';
import { FAST, FULL, isWithin, look, publish, scenario, type Scenario } from './scenario.js';
import { Customer, WORLD } from './world.js';

/** How far a firm's published accounts lie from how this one customer pays it, in days: they hold its average over all of them. */
const ACCOUNTS = 6;
/** Suppliers on the list of which one contributes. */
const NAMES = 4;
const LINE = { excess: 5, bound: Infinity };

/**
 * Two members hold a public list of the customer's suppliers, with the days of sale outstanding of each from its published accounts,
 * and say which of four firms on it is the one that contributes. Chance is a quarter.
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

/** How much more often than chance the right one is named: the one whose accounts come nearest to the figure that the attackers make out. */
function link(place: Scenario, decide: Decide, { seed, fast }: AttackOptions): Estimate {
  const effort = fast ? FAST : FULL;
  const attempts = Array.from({ length: effort.rehearsals + effort.trials }, (_, number) => {
    const chance = Chance.from(seed, 'A32', place.name, number);
    // All on the list are suppliers of one customer: those that contribute come first.
    const customer = new Customer(chance, place.months, WORLD);
    const rows = Array.from({ length: place.firms + NAMES - 1 }, () => customer.row(chance));
    const accounts = [place.seats, ...Array.from({ length: NAMES - 1 }, (_, at) => place.firms + at)].map((at) => rows[at]![place.target]!.DSO + ACCOUNTS * chance.normal());
    const { known, kind } = look(place, publish(place, rows.slice(0, place.firms), POLICY, decide));
    const view: View = { known: Float64Array.from([...known, accounts.reduce((sum, each) => sum + each, 0)]), kind };
    return { view, accounts, secret: rows[place.seats]![place.target]!.DSO };
  });
  const guess = learn(attempts.slice(0, effort.rehearsals));
  const trials = attempts.slice(effort.rehearsals);
  const named = rate(trials.filter(({ view, accounts }) => {
    const made = guess(view);
    const distances = accounts.map((each) => Math.abs(each - made));
    return distances[0] === Math.min(...distances);
  }).length, trials.length);
  return { excess: named.excess - 100 / NAMES, bound: named.bound - 100 / NAMES };
}

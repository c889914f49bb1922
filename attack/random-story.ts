import type { Chance } from './chance.js';
import { firmIdOf, LONG_AGO, type Part } from './play.js';
import { Customer } from './world.js';

/** A story in which anything may happen: firms come and go, fall silent, leave for good. */
export function randomStory(chance: Chance, months: number): readonly Part[] {
  const customer = new Customer(chance, months);
  return Array.from({ length: 3 + chance.below(11) }, (_, place) => {
    const row = customer.row(chance);
    const from = chance.uniform() < 0.7 ? 0 : chance.below(months);
    const until = chance.uniform() < 0.8 ? months : from + chance.below(months);
    return {
      firmId: firmIdOf(place), joinedOn: LONG_AGO, admitted: row.map((_each, month) => month >= from && month < until),
      figures: row.map(({ DSO }) => (chance.uniform() < 0.9 ? DSO : null)),
    };
  });
}

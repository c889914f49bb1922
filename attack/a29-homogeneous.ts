import type { Attack } from './attack.js';
import { widthsOf } from './width-attack.js';

/**
 * A group in which everybody is paid alike: its mean is each one's figure, and at a bound of what counts there is no room on one
 * side. Whatever is shown must leave each member the room of its tier, for any two who look.
 */
export const homogeneous: Attack = {
  id: 'A29',
  title: 'homogeneous group',
  passLine: 'each member 30 / 20 / 10 days of room in T1 / T2 / T3: never less',
  run: async (options) => widthsOf('A29', options, (chance) => {
    const level = chance.uniform() < 0.5 ? 150 * chance.uniform() : chance.below(2) * 150;
    return () => level + 2 * chance.normal();
  }),
};

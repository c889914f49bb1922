import type { Attack } from './attack.js';
import { widthsOf } from './width-attack.js';

/**
 * All the others are paid at once, or after half a year: at a bound of what counts. Two who know their own, wherever it lies, see
 * in a rounded mean that nobody can be far from it; then the tier must drop, or the cell be silent.
 */
export const atTheBounds: Attack = {
  id: 'A31',
  title: 'all others at 0 or 150',
  passLine: 'the tier drops: never less than 30 / 20 / 10 days of room in T1 / T2 / T3',
  run: async (options) => widthsOf('A31', options, (chance) => {
    const bound = chance.below(2) * 150;
    return (place) => (place < 2 ? 150 * chance.uniform() : bound);
  }),
};

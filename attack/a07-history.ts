import type { Attack } from './attack.js';
import { attemptAll, LINE_D, scenario } from './scenario.js';
import { CALM_WORLD } from './world.js';

/**
 * Two members read 8 and 24 epochs of a group that never changes, and let the rounding average out. In the common world, where
 * everybody's figure moves, and in a calm one, where hardly anything does but the attackers' own ledgers.
 */
export const history: Attack = {
  id: 'A07',
  title: '8 to 24 epochs of history',
  passLine: LINE_D.words,
  run: async (options) => attemptAll('A07', [
    ...[3, 4, 6].map((firms) => scenario({ name: `8 epochs, two of ${firms}`, inFast: firms <= 4, firms, seats: 2, months: 8, reads: () => true })),
    ...[4, 6, 11].map((firms) => scenario({ name: `24 epochs, two of ${firms}`, firms, seats: 2, months: 24, reads: () => true })),
    ...[4, 6].map((firms) => scenario({ name: `24 epochs of a calm customer, two of ${firms}`, firms, seats: 2, months: 24, world: CALM_WORLD, reads: () => true })),
  ], options),
};

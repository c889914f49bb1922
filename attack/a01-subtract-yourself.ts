import type { Attack } from './attack.js';
import { attemptAll, LINE_D, scenario } from './scenario.js';
import { LIVELY_WORLD } from './world.js';

/**
 * One or two members take what they know of their own figures from the published mean: n · mean − own. They know who is in the
 * panel and how many. Groups of every tier, the smallest of each first.
 */
export const subtractYourself: Attack = {
  id: 'A01',
  title: 'subtract yourself: n · mean − own',
  passLine: `${LINE_D.words}; direction ≤ 15`,
  run: async (options) => attemptAll('A01', [
    scenario({ name: 'T0, one seat of two', inFast: true, firms: 2, seats: 1 }),
    scenario({ name: 'T0, two seats of three', firms: 3, seats: 2 }),
    scenario({ name: 'T1, two seats of four', inFast: true, firms: 4, seats: 2 }),
    scenario({ name: 'T2, one seat of six', firms: 6, seats: 1 }),
    scenario({ name: 'T2, two seats of six', inFast: true, firms: 6, seats: 2 }),
    scenario({ name: 'T3, two seats of eleven', firms: 11, seats: 2 }),
    ...[2, 4, 6, 11].map((firms) => scenario({ name: `direction, ${Math.min(2, firms - 1)} of ${firms}`, firms, seats: Math.min(2, firms - 1), guessed: 'DIRECTION', world: LIVELY_WORLD, inFast: firms === 6 })),
  ], options),
};

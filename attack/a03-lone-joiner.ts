import type { Attack } from './attack.js';
import { attemptAll, changed, LINE_D, onlyIn, scenario, sweeping } from './scenario.js';
import { CALM_WORLD } from './world.js';

const fromJuly = (month: number): boolean => month >= 6;

/**
 * A year of cells around the month in which the victim joined: what came after less what was before is the victim. Alone, and
 * with one of the attackers joining beside it so that the panel changes by two, of which they know one.
 */
export const loneJoiner: Attack = {
  id: 'A03',
  title: 'the victim joins alone',
  passLine: LINE_D.words,
  run: async (options) => attemptAll('A03', [
    ...[3, 5, 7, 12].map((firms) => scenario({ name: `alone, ${firms} with it`, inFast: firms === 3, firms, seats: 2, months: 12, reads: () => true }, (parts) => changed(parts, { 2: (part) => onlyIn(part, fromJuly) }))),
    ...[6, 8, 13].map((firms) => scenario({ name: `beside an attacker, ${firms} with both`, inFast: firms === 8, firms, seats: 2, months: 12, reads: () => true }, (parts) =>
      changed(parts, { 1: (part) => onlyIn(part, fromJuly), 2: (part) => onlyIn(part, fromJuly) }))),
    ...[6, 8, 13].map((firms) => scenario({ name: `beside an attacker, ${firms} with both, attackers who sweep and a calm customer`, firms, seats: 2, months: 16, world: CALM_WORLD, reads: () => true }, (parts) =>
      changed(parts, { 0: sweeping(0), 1: (part) => onlyIn(sweeping(0)(part), fromJuly), 2: (part) => onlyIn(part, fromJuly) }))),
  ], options),
};

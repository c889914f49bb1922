import type { Attack } from './attack.js';
import { attemptAll, butNever, changed, LINE_D, onlyIn, publishedOf, scenario, sweeping } from './scenario.js';
import { CALM_WORLD } from './world.js';

/** Leaves within a quarter, after the first of its three months is out. */
const untilJuly = (month: number): boolean => month <= 6;

/**
 * A year of cells around the month in which the victim left: what was before less what comes after the silence is the victim.
 * Alone, and with one of the attackers leaving or joining at the same time.
 */
export const leaver: Attack = {
  id: 'A04',
  title: 'the victim leaves',
  passLine: `silent for the quarter; ${LINE_D.words}`,
  run: async (options) => {
    const result = attemptAll('A04', [
    ...[3, 5, 7, 12].map((firms) => scenario({ name: `alone, ${firms} with it`, inFast: firms === 3, firms, seats: 2, months: 12, target: 6, reads: () => true }, (parts) => changed(parts, { 2: (part) => onlyIn(part, untilJuly) }))),
    ...[6, 8].map((firms) => scenario({ name: `beside an attacker, ${firms} with both`, firms, seats: 2, months: 12, target: 6, reads: () => true }, (parts) =>
      changed(parts, { 1: (part) => onlyIn(part, untilJuly), 2: (part) => onlyIn(part, untilJuly) }))),
    scenario({ name: 'at the turn of a quarter, 7 with it', firms: 7, seats: 2, months: 12, target: 5, reads: () => true }, (parts) => changed(parts, { 2: (part) => onlyIn(part, (month) => month <= 5) })),
    ...[5, 7].map((firms) => scenario({ name: `alone, ${firms} with it, attackers who sweep and a calm customer`, firms, seats: 2, months: 16, target: 6, world: CALM_WORLD, reads: () => true, inFast: firms === 7 }, (parts) =>
      changed(parts, { 0: sweeping(0), 1: sweeping(0), 2: (part) => onlyIn(part, untilJuly) }))),
    ], options);
    let [silent, shown] = [0, 0];
    for (const firms of [5, 7, 12]) {
      const place = scenario({ name: `silence, ${firms}`, firms, seats: 2, months: 9 }, (parts) => changed(parts, { 2: (part) => onlyIn(part, untilJuly) }));
      for (const { cells } of publishedOf(place, options, options.fast ? 20 : 700)) {
        silent += 2;
        shown += cells.slice(7).filter((cell) => cell !== undefined).length;
      }
    }
    return butNever(result, shown, silent, 'cells shown in the rest of the quarter');
  },
};

import type { Attack } from './attack.js';
import type { Part } from './play.js';
import { attemptAll, changed, LINE_D, scenario, sweeping } from './scenario.js';
import { CALM_WORLD } from './world.js';

/** From one bound to the other and back every month, to see whether the policy lets it. */
const jump = (part: Part): Part => ({ ...part, figures: part.figures.map((_, month) => (month % 2 === 0 ? 0 : 150)) });

/**
 * Attackers write their own ledgers: they move their figures from month to month to find where the rounding tips, which tells on
 * which side of an edge the others lie. One or both of them, slowly or from bound to bound.
 */
export const dither: Attack = {
  id: 'A08',
  title: 'dither your own ledger',
  passLine: `≤ 10 days a step; ${LINE_D.words}`,
  run: async (options) => attemptAll('A08', [
    scenario({ name: 'one of two sweeps', inFast: true, firms: 2, seats: 1, months: 16, reads: () => true }, (parts) => changed(parts, { 0: sweeping(0) })),
    ...[4, 6, 11].flatMap((firms) => [
      scenario({ name: `two of ${firms} sweep`, firms, seats: 2, months: 16, reads: () => true }, (parts) => changed(parts, { 0: sweeping(0), 1: sweeping(0) })),
      scenario({ name: `two of ${firms} sweep, a calm customer`, inFast: firms === 4, firms, seats: 2, months: 16, world: CALM_WORLD, reads: () => true }, (parts) => changed(parts, { 0: sweeping(0), 1: sweeping(0) })),
    ]),
    scenario({ name: 'two of six jump, a calm customer', firms: 6, seats: 2, months: 16, world: CALM_WORLD, reads: () => true }, (parts) => changed(parts, { 0: jump, 1: jump })),
  ], options),
};

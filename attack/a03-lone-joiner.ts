import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack } from './attack.js';
import { attemptAll, butNever, changed, LINE_D, onlyIn, publish, publishedOf, scenario, sweeping } from './scenario.js';
import { CALM_WORLD } from './world.js';

const fromJuly = (month: number): boolean => month >= 6;

/**
 * A year of cells around the month in which the victim joined: what came after less what was before is the victim. Alone, and
 * with one of the attackers joining beside it so that the panel changes by two, of which they know one.
 */
export const loneJoiner: Attack = {
  id: 'A03',
  title: 'the victim joins alone',
  passLine: `panel unchanged; ${LINE_D.words}; presence AUC ≤ 0.52`,
  run: async (options) => {
    const result = attemptAll('A03', [
    ...[3, 7, 12].map((firms) => scenario({ name: `alone, ${firms} with it`, inFast: firms === 3, firms, seats: 2, months: 12, reads: () => true }, (parts) => changed(parts, { 2: (part) => onlyIn(part, fromJuly) }))),
    ...[6, 8, 13].map((firms) => scenario({ name: `beside an attacker, ${firms} with both`, inFast: firms === 8, firms, seats: 2, months: 12, reads: () => true }, (parts) =>
      changed(parts, { 1: (part) => onlyIn(part, fromJuly), 2: (part) => onlyIn(part, fromJuly) }))),
    ...[8].map((firms) => scenario({ name: `beside an attacker, ${firms} with both, attackers who sweep and a calm customer`, firms, seats: 2, months: 16, world: CALM_WORLD, reads: () => true }, (parts) =>
      changed(parts, { 0: sweeping(0), 1: (part) => onlyIn(sweeping(0)(part), fromJuly), 2: (part) => onlyIn(part, fromJuly) }))),
    ], options);
    let [stories, differ] = [0, 0];
    for (const firms of [5, 7, 12]) {
      const alone = scenario({ name: `presence, ${firms}`, firms, seats: 2, months: 12 }, (parts) => changed(parts, { 2: (part) => onlyIn(part, fromJuly) }));
      const never = scenario({ ...alone }, (parts) => changed(parts, { 2: (part) => onlyIn(part, () => false) }));
      for (const { rows, cells } of publishedOf(alone, options, options.fast ? 50 : 700)) {
        // A cell that was silent until then has no panel that could stay: whoever comes is in its first.
        if (cells.every((cell, month) => fromJuly(month) || !cell)) continue;
        stories += 1;
        if (JSON.stringify(cells) !== JSON.stringify(publish(never, rows, POLICY, decideCell)[0]!.cells)) differ += 1;
      }
    }
    // What is the same cannot be told apart; what differs could always be.
    const presence = 0.5 + differ / stories / 2;
    return butNever({ ...result, notes: [...result.notes, `presence of a lone joiner: AUC ${presence.toFixed(3)}`] }, differ, stories, 'stories of a lone joiner that differ from those without it');
  },
};

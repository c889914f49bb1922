import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { epochsOf, firmIdOf, LONG_AGO, play, type Part } from './play.js';
import { Customer, WORLD } from './world.js';

const MONTHS = 12;
const FLOOR = { errorDays: 6, directionRight: 0.8, published: 0.95, movedDays: 10 };
const SIZES = [4, 5, 6, 7, 8, 9, 10, 11, 13, 16] as const;
/** Customers that do move: every other one goes its own way by some days every month. */
const MOVING = { ...WORLD, drift: 7 };

/**
 * No attack but its opposite: a policy that publishes nothing holds every line. Groups that stay together for a year, of every
 * size that may be shown something. Eligible is a cell of four or more admitted contributors whose panel has not changed.
 */
export const utility: Attack = {
  id: 'A44',
  title: 'utility floor',
  passLine: 'T2 error ≤ 6 days RMS; direction right ≥ 80 % when it moved ≥ 10 days; ≥ 95 % of eligible cells published',
  run: async ({ seed, fast }) => {
    const stories = fast ? 200 : 2000;
    const epochs = epochsOf('DSO', MONTHS, POLICY);
    const counts = { eligible: 0, published: 0, squares: 0, T2: 0, moved: 0, right: 0, wrong: 0 };
    const silentBySize = new Map<number, number>();
    for (let story = 0; story < stories; story += 1) {
      const chance = Chance.from(seed, 'A44', story);
      const customer = new Customer(chance, MONTHS, story % 2 === 0 ? WORLD : MOVING);
      const size = SIZES[story % SIZES.length]!;
      const parts: readonly Part[] = Array.from({ length: size }, (_, place) => {
        const row = customer.row(chance);
        return { firmId: firmIdOf(place), joinedOn: LONG_AGO, figures: row.map(({ DSO }) => DSO), admitted: row.map(() => true) };
      });
      const mean = (month: number): number => parts.reduce((sum, { figures }) => sum + figures[month]!, 0) / size;
      for (const [month, cell] of play('DSO', parts, epochs, POLICY, decideCell).entries()) {
        counts.eligible += 1;
        if (!cell) {
          silentBySize.set(size, (silentBySize.get(size) ?? 0) + 1);
          continue;
        }
        counts.published += 1;
        if (cell.tier === 'T2') {
          counts.T2 += 1;
          counts.squares += (cell.value - mean(month)) ** 2;
        }
        const moved = month < 3 ? 0 : mean(month) - mean(month - 3);
        if (Math.abs(moved) < FLOOR.movedDays) continue;
        counts.moved += 1;
        if (cell.direction === (moved > 0 ? 'WORSENING' : 'IMPROVING')) counts.right += 1;
        else if (cell.direction !== null) counts.wrong += 1;
      }
    }
    const error = Math.sqrt(counts.squares / counts.T2);
    const right = counts.right / counts.moved;
    const published = counts.published / counts.eligible;
    return {
      trials: stories, excess: 100 * Math.max(0, FLOOR.published - published), bound: 100 * Math.max(0, FLOOR.published - published), control: null,
      passed: error <= FLOOR.errorDays && right >= FLOOR.directionRight && published >= FLOOR.published,
      notes: [
        `T2 error ${error.toFixed(2)} days RMS over ${counts.T2.toLocaleString('en')} cells`,
        `direction right in ${(100 * right).toFixed(1)} of 100 of ${counts.moved.toLocaleString('en')} cells whose mean moved by ten days or more, wrong in ${((100 * counts.wrong) / counts.moved).toFixed(1)}, none shown in the rest`,
        `published ${(100 * published).toFixed(2)} of 100 of ${counts.eligible.toLocaleString('en')} eligible cells${[...silentBySize].map(([size, count]) => `; of ${size}: ${((100 * count) / ((stories / SIZES.length) * MONTHS)).toFixed(1)} silent`).join('')}`,
        'a floor has no control: nothing is attacked. Excess is what is missing of the cells published',
      ],
    };
  },
};

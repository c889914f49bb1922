import { METRICS } from '../src/values/metric.js';
import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import { tierOf } from '../subgraphs/community/benchmark/tier.js';
import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { epochsOf, firmIdOf, LONG_AGO, play, type Part } from './play.js';
import { Customer, WORLD } from './world.js';

const MONTHS = 12;
const FLOOR = { errorDays: 6, directionRight: 0.8, published: 0.95, movedDays: 10 };
const SIZES = [4, 5, 6, 7, 8, 9, 10, 11, 13, 16] as const;
/** Customers that do move: half of each size go their own way by some days every month. */
const MOVING = { ...WORLD, drift: 7 };

/**
 * No attack but its opposite: a policy that publishes nothing holds every line. Groups that stay together for a year, of every
 * size that may be shown something. Eligible is a cell of four or more admitted contributors whose panel has not changed.
 */
export const utility: Attack = {
  id: 'A44',
  title: 'utility floor',
  passLine: 'T2 error ≤ 6 days RMS; direction right ≥ 80 % when it moved ≥ 10 days; ≥ 95 % of eligible cells of each metric published',
  run: async ({ seed, fast }) => {
    const stories = fast ? 200 : 2000;
    const monthly = epochsOf('DSO', MONTHS, POLICY);
    const epochs = { DSO: monthly, DAYS_BEYOND_TERMS: monthly, LATE_SHARE: monthly, PAYMENT_TERMS: epochsOf('PAYMENT_TERMS', MONTHS / 3, POLICY) };
    const counts: Counts = { squares: 0, T2: 0, moved: 0, right: 0, wrong: 0 };
    const shownAt = new Map(METRICS.map((metric) => [metric, new Map<number, Shown>()]));
    for (let story = 0; story < stories; story += 1) {
      const chance = Chance.from(seed, 'A44', story);
      const customer = new Customer(chance, MONTHS, story % (2 * SIZES.length) < SIZES.length ? WORLD : MOVING);
      const size = SIZES[story % SIZES.length]!;
      const rows = Array.from({ length: size }, () => customer.row(chance));
      for (const metric of METRICS) {
        const parts: readonly Part[] = rows.map((row, place) => ({ firmId: firmIdOf(place), joinedOn: LONG_AGO, figures: row.map((figures) => figures[metric]), admitted: row.map(() => true) }));
        const cells = play(metric, parts, epochs[metric], POLICY, decideCell);
        const shown = shownAt.get(metric)!.get(size) ?? { cells: 0, silent: 0, own: 0 };
        shownAt.get(metric)!.set(size, shown);
        shown.cells += cells.length;
        shown.silent += cells.filter((cell) => !cell).length;
        shown.own += cells.filter((cell) => cell?.tier === tierOf(size, POLICY)).length;
        if (metric === 'DSO') judge(parts, cells, counts);
      }
    }
    const error = Math.sqrt(counts.squares / counts.T2);
    const right = counts.right / counts.moved;
    // Of each metric by itself: the one that is silent most.
    const publishedOf = METRICS.map((metric) => {
      const shown = [...shownAt.get(metric)!.values()];
      return 1 - shown.reduce((sum, { silent }) => sum + silent, 0) / shown.reduce((sum, { cells }) => sum + cells, 0);
    });
    const published = Math.min(...publishedOf);
    return {
      trials: stories, excess: 100 * Math.max(0, FLOOR.published - published), bound: 100 * Math.max(0, FLOOR.published - published), control: null,
      passed: error <= FLOOR.errorDays && right >= FLOOR.directionRight && published >= FLOOR.published,
      notes: [
        `T2 error ${error.toFixed(2)} days RMS over ${counts.T2.toLocaleString('en')} cells`,
        `direction right in ${(100 * right).toFixed(1)} of 100 of ${counts.moved.toLocaleString('en')} cells whose mean moved by ten days or more, wrong in ${((100 * counts.wrong) / counts.moved).toFixed(1)}, none shown in the rest`,
        `published, of 100 eligible cells: ${METRICS.map((metric, place) => `${metric} ${(100 * publishedOf[place]!).toFixed(2)}`).join(', ')}`,
        ...METRICS.map((metric) => `${metric}, of 100 at the tier of their number: ${[...shownAt.get(metric)!].map(([size, { cells, own, silent }]) => `of ${size}: ${((100 * own) / cells).toFixed(1)}${silent > 0 ? ` (silent ${((100 * silent) / cells).toFixed(1)})` : ''}`).join(', ')}`),
        'a floor has no control: nothing is attacked. Excess is what is missing of the cells published',
      ],
    };
  },
};

interface Shown {
  cells: number;
  silent: number;
  /** Shown as the tier of their number says, rather than a lower one. */
  own: number;
}

interface Counts {
  /** Of the errors of `T2` cells. */
  squares: number;
  T2: number;
  moved: number;
  right: number;
  wrong: number;
}

/** How well what was shown of a group tells how it was paid. */
function judge(parts: readonly Part[], cells: readonly (Cell | undefined)[], counts: Counts): void {
  const mean = (month: number): number => parts.reduce((sum, { figures }) => sum + figures[month]!, 0) / parts.length;
  for (const [month, cell] of cells.entries()) {
    if (!cell) continue;
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

import type { Attack } from './attack.js';
import { attemptAll, butNever, changed, LINE_D, onlyIn, publishedOf, scenario, tellsOnlyIn } from './scenario.js';

/** Comes for the second and third quarter of the year, and is gone again for the last. */
const forHalfAYear = (month: number): boolean => month >= 3 && month < 9;
/** Its ledger is silent every second quarter: no need to leave, and no tenure to wait for. */
const everySecondQuarter = (month: number): boolean => Math.floor(month / 3) % 2 === 1;

/**
 * A viewer walks a group over the edge of a tier and back with a second firm of its own that comes and goes, and compares what
 * is shown on either side. Two others, three, two; and the same at the edges of T2 and T3.
 */
export const walkTierEdge: Attack = {
  id: 'A02',
  title: 'walk the tier edge 2 → 3 → 2 with helpers',
  passLine: `${LINE_D.words}; T0 identical`,
  run: async (options) => {
    const places = [
    ...[[3, 'T0'], [4, 'T0 and T1'], [6, 'T1 and T2'], [11, 'T2 and T3']].flatMap(([firms, edge]) => [
      scenario({ name: `${edge}: one of ${firms} joins and leaves`, inFast: Number(firms) <= 4, firms: Number(firms), seats: 2, months: 12, reads: () => true }, (parts) => changed(parts, { 1: (part) => onlyIn(part, forHalfAYear) })),
    ]),
    scenario({ name: 'T0 and T1: both seats fall silent in turn', firms: 5, seats: 2, months: 12, reads: () => true }, (parts) =>
      changed(parts, { 0: (part) => tellsOnlyIn(part, everySecondQuarter), 1: (part) => tellsOnlyIn(part, everySecondQuarter) })),
    ];
    let [below, shown] = [0, 0];
    for (const { cells } of publishedOf(places[1]!, options, options.fast ? 100 : 1000)) {
      for (const cell of cells.filter((_, month) => !forHalfAYear(month))) {
        below += 1;
        if (cell) shown += 1;
      }
    }
    return butNever(attemptAll('A02', places, options), shown, below, 'cells shown while there were two others');
  },
};

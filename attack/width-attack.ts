import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Shown } from '../subgraphs/community/benchmark/shown-sum.js';
import type { AttackOptions, AttackResult } from './attack.js';
import { Chance } from './chance.js';
import { rate } from './confidence.js';
import { narrowest } from './feasible.js';
import { decideNaively } from './naive-build.js';
import { epochsOf, firmIdOf, LONG_AGO, play } from './play.js';

/** Least room of a member in each tier, in days: DISCLOSURE.md, "Policy v1", "Release gate". */
const ROOM = { T1: 30, T2: 20, T3: 10 } as const;
const SIZES = [2, 3, 4, 5, 6, 8, 10, 11, 12, 14] as const;

/** How often a cell is published that leaves somebody too little room. `draw` makes one group: the figure at each place. */
export function widthsOf(id: string, { seed, fast }: AttackOptions, draw: (chance: Chance) => (place: number) => number): AttackResult {
  const trials = fast ? 400 : 4000;
  const epochs = epochsOf('DSO', 1, POLICY);
  let [narrow, narrowNaively, published] = [0, 0, 0];
  const sizes = new Map<number, number>();
  for (let trial = 0; trial < trials; trial += 1) {
    const chance = Chance.from(seed, id, trial);
    const figureOf = draw(chance);
    const size = SIZES[trial % SIZES.length]!;
    const inputs = Array.from({ length: size }, (_, place) => Math.min(Math.max(figureOf(place), 0), 150));
    const parts = inputs.map((figure, place) => ({ firmId: firmIdOf(place), joinedOn: LONG_AGO, figures: [figure], admitted: [true] }));
    let shown: Shown | undefined;
    play('DSO', parts, epochs, POLICY, (...around) => {
      const closing = decideCell(...around);
      shown = closing?.shown;
      return closing;
    }, `${id} ${trial}`);
    if (shown) published += 1;
    if (shown && narrowest(inputs, shown.cell, POLICY, shown.shiftedBy) < ROOM[shown.cell.tier]) {
      narrow += 1;
      sizes.set(size, (sizes.get(size) ?? 0) + 1);
    }
    if (narrowest(inputs, play('DSO', parts, epochs, POLICY, decideNaively)[0]!, POLICY) < ROOM.T3) narrowNaively += 1;
  }
  return {
    trials, ...rate(narrow, trials), control: rate(narrowNaively, trials).excess, passed: narrow === 0,
    notes: [`${published} of ${trials} groups were shown something`, ...[...sizes].toSorted(([a], [b]) => a - b).map(([size, count]) => `too narrow in groups of ${size}: ${count} of ${trials / SIZES.length}`)],
  };
}

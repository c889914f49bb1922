import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { rate } from './confidence.js';
import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import { epochsOf, firmIdOf, LONG_AGO, play, type Part } from './play.js';
import { Customer } from './world.js';

const MONTHS = 6;

/**
 * All members put what they were answered side by side. The engine decides one cell for all of them, so what could differ is
 * what depends on who asks or on the order in which the firms come: each trial shuffles them. Control: "the others
 * without you", computed for each viewer, which two members subtract from each other.
 */
export const compareAnswers: Attack = {
  id: 'A13',
  title: "compare all members' answers",
  passLine: 'identical but for ids and own figures: never a difference',
  run: async ({ seed, fast }) => {
    const trials = fast ? 200 : 2000;
    const epochs = epochsOf('DSO', MONTHS, POLICY);
    let [differed, differedNaively] = [0, 0];
    for (let trial = 0; trial < trials; trial += 1) {
      const chance = Chance.from(seed, 'A13', trial);
      const customer = new Customer(chance, MONTHS);
      const parts: readonly Part[] = Array.from({ length: 3 + chance.below(12) }, (_, place) => {
        const row = customer.row(chance);
        return { firmId: firmIdOf(place), joinedOn: LONG_AGO, figures: row.map(({ DSO }) => DSO), admitted: row.map(() => true) };
      });
      const shuffled = parts.map((part) => ({ part, at: chance.uniform() })).toSorted((a, b) => a.at - b.at).map(({ part }) => part);
      if (JSON.stringify(play('DSO', parts, epochs, POLICY, decideCell)) !== JSON.stringify(play('DSO', shuffled, epochs, POLICY, decideCell))) differed += 1;
      const now = parts.map(({ figures }) => figures.at(-1)!);
      const withoutEach = now.map((_, viewer) => mean(now.toSpliced(viewer, 1)));
      if (new Set(withoutEach).size > 1) differedNaively += 1;
    }
    return {
      trials, ...rate(differed, trials), control: rate(differedNaively, trials).excess, passed: differed === 0,
      notes: ['what is compared here is the cell; the answers of members through the door are compared by test/benchmark.test.ts and the run through HTTP'],
    };
  },
};

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

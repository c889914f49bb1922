import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { rate } from './confidence.js';
import { decideNaively } from './naive-build.js';
import { epochsOf, play } from './play.js';
import { randomStory } from './random-story.js';

const MONTHS = 12;

/**
 * Old epochs are read again later, when others are members: what was shown must not be computed anew from who is there now. In
 * the engine: the first months of a story, played alone, are byte for byte the first months of the whole. Control: a
 * build that answers for an old epoch from the members of today, so that the difference is whoever left.
 */
export const replay: Attack = {
  id: 'A17',
  title: 'replay old epochs',
  passLine: 'byte-equal: never a difference',
  run: async ({ seed, fast }) => {
    const trials = fast ? 200 : 2000;
    const epochs = epochsOf('DSO', MONTHS, POLICY);
    let [differed, differedNaively] = [0, 0];
    for (let trial = 0; trial < trials; trial += 1) {
      const chance = Chance.from(seed, 'A17', trial);
      const parts = randomStory(chance, MONTHS);
      const then = 1 + chance.below(MONTHS - 1);
      const early = epochs.slice(0, then);
      const whole = play('DSO', parts, epochs, POLICY, decideCell);
      if (JSON.stringify(whole.slice(0, then)) !== JSON.stringify(play('DSO', parts, early, POLICY, decideCell))) differed += 1;
      const stillThere = parts.map((part) => ({ ...part, admitted: part.admitted.map((admitted) => admitted && part.admitted.at(-1)!) }));
      if (JSON.stringify(play('DSO', parts, early, POLICY, decideNaively)) !== JSON.stringify(play('DSO', stillThere, early, POLICY, decideNaively))) differedNaively += 1;
    }
    return { trials, ...rate(differed, trials), control: rate(differedNaively, trials).excess, passed: differed === 0, notes: ['the run through HTTP reads every old epoch again after the last one'] };
  },
};

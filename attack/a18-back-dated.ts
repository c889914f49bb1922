import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { rate } from './confidence.js';
import { decideNaively } from './naive-build.js';
import { epochsOf, play, type Part } from './play.js';
import { randomStory } from './random-story.js';

const MONTHS = 9;

/**
 * An attacker corrects and deletes its past: after six epochs it changes what it told of the first five. Published cells must
 * stay, and the epochs to come may move by its next figure only, held to its movement. Control: a build that computes old
 * cells from the ledgers of today, where the attacker tries as many figures of its own as it likes.
 */
export const backDated: Attack = {
  id: 'A18',
  title: 'back-dated corrections and deletions',
  passLine: 'published cells unchanged, later ones too: never a difference',
  run: async ({ seed, fast }) => {
    const trials = fast ? 200 : 2000;
    const epochs = epochsOf('DSO', MONTHS, POLICY);
    let [differed, differedNaively] = [0, 0];
    for (let trial = 0; trial < trials; trial += 1) {
      const chance = Chance.from(seed, 'A18', trial);
      const parts = randomStory(chance, MONTHS);
      const corrected = (part: Part, place: number): Part => (place === 0 ? { ...part, figures: part.figures.map((figure, month) => (month >= 5 ? figure : chance.uniform() < 0.5 ? null : 150 * chance.uniform())) } : part);
      const before = play('DSO', parts, epochs.slice(0, 6), POLICY, decideCell);
      // The engine is given the figures of the epoch that closes, and what earlier closings took: a correction reaches neither.
      const after = play('DSO', parts, epochs, POLICY, decideCell).slice(0, 6);
      if (JSON.stringify(before) !== JSON.stringify(after)) differed += 1;
      const rewritten = parts.map(corrected);
      if (JSON.stringify(play('DSO', parts, epochs.slice(0, 5), POLICY, decideNaively)) !== JSON.stringify(play('DSO', rewritten, epochs.slice(0, 5), POLICY, decideNaively))) differedNaively += 1;
    }
    return { trials, ...rate(differed, trials), control: rate(differedNaively, trials).excess, passed: differed === 0, notes: [] };
  },
};

import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { rate } from './confidence.js';
import { decideNaively } from './naive-build.js';
import { epochsOf, play, type Part } from './play.js';
import { randomStory } from './random-story.js';
import { toldWorld } from './told-world.js';

const MONTHS = 6;

/**
 * An attacker corrects and deletes its past: when six epochs are out it tells everything it told of them anew, at random or not at
 * all. In a whole Ardoise every old answer is read again when three more epochs are out, over HTTP; the epochs to come are
 * held against the engine by H50. Control: a build that computes old cells from the ledgers of today, where an attacker tries as many
 * figures of its own as it likes.
 */
export const backDated: Attack = {
  id: 'A18',
  title: 'back-dated corrections and deletions',
  passLine: 'published cells unchanged: never a difference',
  house: 'TOLD',
  run: async (options) => {
    const { stories } = await toldWorld(options);
    const answers = stories.flatMap(({ atOnce, atLast }) => atOnce.map((answer, at) => ({ answer, again: atLast[at] })));
    const differ = answers.filter(({ answer, again }) => answer !== again).length;
    const shown = answers.filter(({ answer }) => !answer.includes('BenchmarkUnavailable')).length;
    const tries = options.fast ? 100 : 1000;
    const epochs = epochsOf('DSO', MONTHS, POLICY);
    let differNaively = 0;
    for (let number = 0; number < tries; number += 1) {
      const chance = Chance.from(options.seed, 'A18', number);
      const parts = randomStory(chance, MONTHS);
      const corrected = (part: Part): Part => ({ ...part, figures: part.figures.map(() => (chance.uniform() < 0.5 ? null : 150 * chance.uniform())) });
      if (JSON.stringify(play('DSO', parts, epochs, POLICY, decideNaively)) !== JSON.stringify(play('DSO', parts.with(0, corrected(parts[0]!)), epochs, POLICY, decideNaively))) differNaively += 1;
    }
    return {
      trials: answers.length, ...rate(differ, answers.length), control: rate(differNaively, tries).excess, passed: differ === 0 && shown > 0,
      notes: [`${answers.length.toLocaleString('en')} old answers read again over HTTP, ${shown.toLocaleString('en')} of them shown; ${differ} differ`],
    };
  },
};

import { METRICS } from '../src/values/metric.js';
import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { pairedExcess, rate } from './confidence.js';
import { look, publish, rehearseOn, type Scenario } from './scenario.js';
import { toldWorld, type ToldStory } from './told-world.js';

/**
 * Whether the engine that the other attacks play is the product: 50 paired trials are told to a whole Ardoise, with its databases,
 * events and epochs, and the first attacker reads over HTTP. Every cell must be the engine's, byte for byte, so that what the attackers
 * guess is the same too. Control: the same comparison with the engine under another rounding.
 */
export const throughHttp: Attack = {
  id: 'H50',
  title: 'fifty trials through HTTP, as on the engine',
  passLine: 'every cell equal, every guess equal',
  house: 'TOLD',
  run: async (options) => {
    const { stories } = await toldWorld(options);
    const coarser = { ...POLICY, shownDays: { T1: 50, T2: 15, T3: 7 } };
    let [cells, shown, differ, differElsewhere] = [0, 0, 0, 0];
    const examples: string[] = [];
    for (const { place, trial, isWith, played, answered } of stories) {
      for (const metric of METRICS) {
        for (const [month, answer] of answered[metric].entries()) {
          cells += 1;
          if (answer) shown += 1;
          if (bytesOf(answer) === bytesOf(played[metric][month])) continue;
          differ += 1;
          if (examples.length < 3) examples.push(`${place.name}, ${metric}, month ${month}: engine ${bytesOf(played[metric][month])}, HTTP ${bytesOf(answer)}`);
        }
      }
      const elsewhere = publish(place, isWith ? trial.rows : trial.rowsWithout, coarser, decideCell)[0]!.cells;
      differElsewhere += elsewhere.some((cell, month) => bytesOf(cell) !== bytesOf(answered.DSO[month])) ? 1 : 0;
    }
    const guesses = guessBoth(stories, options.seed);
    return {
      trials: stories.length / 2, ...rate(differ, cells), control: rate(differElsewhere, stories.length).excess, passed: differ === 0 && guesses.differ === 0 && shown > 0,
      notes: [
        `${cells.toLocaleString('en')} cells compared, ${shown.toLocaleString('en')} of them shown; ${differ} differ`,
        ...examples,
        `excess of the guesses over HTTP ${guesses.http.toFixed(1)}, on the engine ${guesses.engine.toFixed(1)}; ${guesses.differ} of ${stories.length} ended otherwise`,
      ],
    };
  },
};

/** The same attackers guess from what the engine published, and from what they were answered. */
function guessBoth(stories: readonly ToldStory[], seed: number): { readonly http: number; readonly engine: number; readonly differ: number } {
  const outcomes = [...Map.groupBy(stories, ({ place }) => place)].flatMap(([place, some]) => {
    const succeeds = rehearseOn(ofDso(place), decideCell, POLICY, 400, Chance.from(seed, 'H50', place.name));
    return some.map((story) => {
      const seats = place.stage(story.isWith ? story.trial.rows : story.trial.rowsWithout, 'DSO').slice(0, place.seats);
      const judge = (cells: ToldStory['played']['DSO']): boolean => succeeds(look(place, [{ metric: 'DSO', seats, cells }]), story.trial.secret);
      return { isWith: story.isWith, http: judge(story.answered.DSO), engine: judge(story.played.DSO) };
    });
  });
  const excessOf = (by: 'http' | 'engine'): number => {
    const without = outcomes.filter(({ isWith }) => !isWith);
    return pairedExcess(outcomes.filter(({ isWith }) => isWith).map((each, at) => ({ with: each[by], without: without[at]![by] }))).excess;
  };
  return { http: excessOf('http'), engine: excessOf('engine'), differ: outcomes.filter(({ http, engine }) => http !== engine).length };
}

function ofDso(place: Scenario): Scenario {
  return { ...place, metrics: ['DSO'] };
}

/** A cell in one order of its fields. */
function bytesOf(cell: ToldStory['played']['DSO'][number]): string {
  if (!cell) return 'nothing';
  return JSON.stringify(Object.entries(cell).toSorted(([a], [b]) => a.localeCompare(b)));
}

import { expect, test } from '@jest/globals';
import type { Experiment } from './experiment.js';
import { showReport } from './report.js';
import type { Run } from './runs.js';

const NOTHING = { lost: 0, doubled: 0, disordered: 0, gaps: 0, foreign: 0, grownMegabytes: 3, humanActions: 0 };

function experiment(id: string): Experiment {
  return { id, fault: `fault ${id}`, run: () => Promise.reject(new Error('not run here')) };
}

function run(measured: number, held: boolean): Run {
  return { outcome: { done: 'killed', times: 7, kept: NOTHING, figures: [{ what: 'ms', measured, limit: { atMost: 10 } }], notes: [] }, scale: 'FULL', held, seconds: 12, commit: 'abc1234', day: '2026-05-04', machine: 'Linux' };
}

test('a report has a row for every experiment: held, missed with what was missed, broken off, and not run', () => {
  const report = showReport([
    { experiment: experiment('F01'), run: run(9, true) }, { experiment: experiment('F02'), run: run(Number.NaN, false) },
    { experiment: experiment('F03'), run: { ...run(0, false), outcome: undefined, broke: 'its process ended' } }, { experiment: experiment('F04'), run: undefined },
  ]);
  for (const row of [
    '3 of 4 experiments were run, 2 not held: F02, F03.',
    '| F01 | fault F01 | killed | 7 | held | 12 | abc1234 | 2026-05-04 |', '| F02 | fault F02 | killed | 7 | NOT HELD | 12 | abc1234 | 2026-05-04 |',
    '| F03 | fault F03 | broke off | – | NOT HELD | 12 | abc1234 | 2026-05-04 |', '| F04 | fault F04 | – | – | not run | – | – | – |',
    '| F01 | ms | 9 | ≤ 10 | kept |', '| F02 | ms | not measured | ≤ 10 | missed |', '| F03 | its process ended | | | missed |', '| F01 | 0 | 0 | 0 | 0 | 0 | 3 | 0 |',
  ]) expect(report).toContain(row);
});

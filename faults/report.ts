import { figuresOf, isKept, missesOf, type Experiment, type Figure } from './experiment.js';
import type { Line } from './run-experiments.js';
import type { Run } from './runs.js';

/** What stands above the lines of the table. */
export const TABLE_HEAD = `| id | fault | what was done | times | | seconds |
|---|---|---|---:|---|---:|`;

/** One line of the table, as text. */
export function showLine({ experiment, outcome, held, seconds }: Line): string {
  return `| ${experiment.id} | ${experiment.fault} | ${outcome?.done ?? 'broke off'} | ${outcome?.times.toLocaleString('en') ?? '–'} | ${held ? 'held' : 'NOT HELD'} | ${seconds.toFixed(0)} |`;
}

/** The figures of a line that are not what every experiment has, and those of all that miss their limit. */
export function showFigures({ experiment, outcome, broke, scale }: Line): readonly string[] {
  if (!outcome) return [`| ${experiment.id} | ${broke?.split('\n')[0]?.replaceAll('|', '/') ?? 'broke off'} | | | missed |`];
  const general = figuresOf(outcome.kept);
  const missed = missesOf(outcome, scale);
  return [...general.filter((figure) => missed.includes(figure)), ...outcome.figures].map((figure) => `| ${experiment.id} | ${figure.what} | ${showNumber(figure.measured)} | ${showLimit(figure)} | ${figure.limit === undefined ? '' : isKept(figure, scale) ? 'kept' : 'missed'} |`);
}

/** An experiment with its newest full run, if there was one. */
export interface Reported {
  readonly experiment: Experiment;
  readonly run: Run | undefined;
}

/** The whole report: of every experiment its newest full run. */
export function showReport(all: readonly Reported[]): string {
  const lines = all.flatMap(({ experiment, run }) => (run ? [{ experiment, ...run }] : []));
  const bad = lines.filter(({ held }) => !held);
  const general = lines.flatMap(({ experiment, outcome }) => (outcome ? [`| ${experiment.id} | ${figuresOf(outcome.kept).map(({ measured }) => showNumber(measured)).join(' | ')} |`] : []));
  return `# Faults

Written by \`npm run faults -- chat\`: of each experiment its newest full run, with its commit (+: something was changed since) and day.
${lines.length} of ${all.length} experiments were run, ${bad.length === 0 ? 'all of them held' : `${bad.length} not held: ${bad.map(({ experiment }) => experiment.id).join(', ')}`}. On ${[...new Set(lines.map(({ machine }) => machine))].join('; ') || 'no machine yet'}. What is done and how it is measured: [README.md](README.md).

| id | fault | what was done | times | | seconds | commit | day |
|---|---|---|---:|---|---:|---|---|
${all.map(({ experiment, run }) => (run ? `${showLine({ experiment, ...run })} ${run.commit} | ${run.day} |` : `| ${experiment.id} | ${experiment.fault} | – | – | not run | – | – | – |`)).join('\n')}

## What no fault may cost
None of the first five and the last, and at most 256 MB.

| id | ${figuresOf({ lost: 0, doubled: 0, disordered: 0, gaps: 0, foreign: 0, grownMegabytes: 0, humanActions: 0 }).map(({ what }) => what).join(' | ')} |
|---|${'---:|'.repeat(7)}
${general.join('\n')}

## What each has to keep besides
| id | figure | measured | limit | |
|---|---|---:|---:|---|
${lines.flatMap(showFigures).join('\n')}

## Notes
${lines.filter(({ outcome }) => outcome && outcome.notes.length > 0).map(({ experiment, outcome }) => `### ${experiment.id}\n${outcome!.notes.map((note) => `* ${note}`).join('\n')}`).join('\n\n')}
`;
}

function showLimit({ limit }: Figure): string {
  if (limit === undefined) return '';
  return 'atMost' in limit ? `≤ ${showNumber(limit.atMost)}` : `≥ ${showNumber(limit.atLeast)}`;
}

function showNumber(value: number): string {
  return Number.isNaN(value) ? 'not measured' : (Math.round(value * 100) / 100).toLocaleString('en');
}

import { cpus, type } from 'node:os';
import { figuresOf, isKept, missesOf, type Figure } from './experiment.js';
import type { Line } from './run-experiments.js';

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

/** The whole report. */
export function showReport(lines: readonly Line[], { day }: { readonly day: string }): string {
  const bad = lines.filter(({ held }) => !held);
  const general = lines.flatMap(({ experiment, outcome }) => (outcome ? [`| ${experiment.id} | ${figuresOf(outcome.kept).map(({ measured }) => showNumber(measured)).join(' | ')} |`] : []));
  return `# Faults

Output of \`npm run faults -- chat\`: ${day}, ${type()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}.
${lines.length} experiments, ${bad.length === 0 ? 'all of them held' : `${bad.length} not held: ${bad.map(({ experiment }) => experiment.id).join(', ')}`}. What is done and how it is measured: [README.md](README.md).

${TABLE_HEAD}
${lines.map(showLine).join('\n')}

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

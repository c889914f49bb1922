import { cpus, type } from 'node:os';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import { LEAST_CONTROL } from './attack.js';
import type { Line } from './run-attacks.js';

/** What stands above the lines of the table. */
export const TABLE_HEAD = `| id | attack | trials | excess | bound 95 % | pass line | control | verdict | seconds |
|---|---|---:|---:|---:|---|---:|---|---:|`;

/** One line of the table, as text. */
export function showLine({ attack, result, verdict, seconds }: Line): string {
  const { trials, excess, bound, control } = result;
  return `| ${attack.id} | ${attack.title} | ${trials.toLocaleString('en')} | ${points(excess)} | ${points(bound)} | ${attack.passLine} | ${control === null ? '–' : points(control)} | ${verdict} | ${seconds.toFixed(1)} |`;
}

/** The whole report, without anything that differs from one run to the next but what was measured. */
export function showReport(lines: readonly Line[], { seed, processes, day }: { readonly seed: number; readonly processes: number; readonly day: string }): string {
  const bad = lines.filter(({ verdict }) => verdict !== 'held');
  return `# Attacks on the community benchmark

Output of \`npm run attack\`: ${day}, ${type()}, ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}. Seed ${seed}, disclosure policy version ${POLICY.version}.
${lines.length} attacks, ${bad.length === 0 ? 'all of them held' : `${bad.length} not held: ${bad.map(({ attack, verdict }) => `${attack.id} (${verdict})`).join(', ')}`}; ${Math.round(lines.reduce((sum, { seconds }) => sum + seconds, 0))} seconds, of ${processes} processes side by side.

Excess, bound and control are points: hundredths of success. What an attacker may know, how it guesses, how the interval is
computed and what the control is: [README.md](README.md). A control below ${LEAST_CONTROL} proves nothing and counts as a failure.

${TABLE_HEAD}
${lines.map(showLine).join('\n')}

## Notes
${lines.filter(({ result }) => result.notes.length > 0).map(({ attack, result }) => `### ${attack.id}\n${result.notes.map((note) => `* ${note}`).join('\n')}`).join('\n\n')}
`;
}

function points(value: number): string {
  return (Math.round(value * 10) / 10 + 0).toFixed(1);
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, type } from 'node:os';
import { join } from 'node:path';
import type { Experiment } from './experiment.js';
import type { Ended, Line } from './run-experiments.js';

/** The newest full run of an experiment, as it is kept. */
export interface Run extends Ended {
  /** The commit it was made at; with a `+` when something was changed since. */
  readonly commit: string;
  readonly day: string;
  readonly machine: string;
}

/** The sources lie beside what is built of them. */
const HERE = join(import.meta.dirname, '..', '..', 'faults');

function fileOf({ id }: Experiment): string {
  return join(HERE, 'outcomes', `${id}.json`);
}

/** What the code is, for whoever wants to make the same run again: ask before it begins. */
export function readCommit(): string {
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: HERE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // What runs leave behind is no change.
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', ':/', ':!outcomes', ':!REPORT.md') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}

/** Keeps how an experiment ended, in place of the run before. */
export function keepRun({ experiment, ...ended }: Line, commit: string): void {
  const run: Run = { ...ended, commit, day: Temporal.Now.plainDateISO().toString(), machine: `${type()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}` };
  mkdirSync(join(HERE, 'outcomes'), { recursive: true });
  writeFileSync(fileOf(experiment), `${JSON.stringify(run, undefined, 1)}\n`);
}

/** Its newest full run; nothing when there was none. */
export function readRun(experiment: Experiment): Run | undefined {
  let text: string;
  try {
    text = readFileSync(fileOf(experiment), 'utf8');
  } catch {
    return undefined;
  }
  // What was not measured is not a number, for which JSON has no word.
  return JSON.parse(text, (key, value: unknown) => (key === 'measured' && value === null ? Number.NaN : value)) as Run;
}

export function writeReport(text: string): void {
  writeFileSync(join(HERE, 'REPORT.md'), text);
}

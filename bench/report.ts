import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { shortNumber, type Sample, spreadOf, type Spread } from './measure.js';

/** One comparison with what was promised of it. */
export interface Comparison {
  /** What is compared, with which, e.g. `p50 at 1 M invoices against SQL over the raw rows`. */
  readonly what: string;
  readonly measured: Spread;
  readonly target: { readonly atLeast: number } | { readonly atMost: number };
}

/** What one bench found. */
export interface Report {
  readonly name: string;
  /** What was measured and how, in a few sentences. */
  readonly about: string;
  readonly comparisons: readonly Comparison[];
  /** Tables behind the comparisons, ready to print. */
  readonly details: readonly string[];
}

/** A bench: measures, and says what it found. */
export interface Bench {
  readonly name: string;
  run(): Promise<Report>;
}

export const RESULTS = join(import.meta.dirname, '..', '..', 'bench', 'RESULTS.md');

const INTRODUCTION = `# Measured

Made by \`npm run bench\`; every contender of a table ran in the same run, in turns, and gave the same answers first. A
ratio is the median over the rounds, with the least and the most of them in parentheses. A missed target stays here.
`;

/** Whether the median keeps what was promised. */
export function isMet({ measured, target }: Comparison): boolean {
  return 'atLeast' in target ? measured.median >= target.atLeast : measured.median <= target.atMost;
}

export function showSpread({ median, least, most }: Spread): string {
  return `${shortNumber(median)} (${shortNumber(least)} – ${shortNumber(most)})`;
}

/** A table of what each contender needed by itself. */
export function showSamples(title: string, samples: ReadonlyMap<string, readonly Sample[]>): string {
  const column = (runs: readonly Sample[], of: (sample: Sample) => number | undefined): string => {
    const values = runs.map(of).filter((value) => value !== undefined);
    return values.length === 0 ? '' : showSpread(spreadOf(values));
  };
  return [
    `| ${title} | milliseconds | a second | CPU milliseconds |`, '|---|---|---|---|',
    ...[...samples].map(([name, runs]) => `| ${name} | ${column(runs, ({ milliseconds }) => milliseconds)} | ${column(runs, ({ perSecond }) => perSecond)} | ${column(runs, ({ cpuMilliseconds }) => cpuMilliseconds)} |`),
  ].join('\n');
}

export function showReport({ name, about, comparisons, details }: Report): string {
  return [
    `## ${name}`, '',
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${machine()}.`, '',
    about, '',
    '| what | measured | target | |', '|---|---|---|---|',
    ...comparisons.map((comparison) => `| ${comparison.what} | ${showSpread(comparison.measured)} | ${'atLeast' in comparison.target ? `≥ ${comparison.target.atLeast}` : `≤ ${comparison.target.atMost}`} | ${isMet(comparison) ? 'met' : 'missed'} |`),
    ...details.flatMap((detail) => ['', detail]),
    '',
  ].join('\n');
}

/** Puts a report into the results in place of the last one of its name; the others stay. */
export async function writeReport(report: Report, path = RESULTS): Promise<void> {
  const sections = (await readFile(path, 'utf8').catch(() => INTRODUCTION)).split(/^(?=## )/m);
  const at = sections.findIndex((section) => section.startsWith(`## ${report.name}\n`));
  const text = showReport(report);
  if (at < 0) sections.push(text);
  else sections[at] = text;
  await writeFile(path, `${sections.map((section) => section.trim()).join('\n\n')}\n`);
}

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
}

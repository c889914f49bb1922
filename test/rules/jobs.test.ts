import { expect, test } from '@jest/globals';
import { codeOf, readSources, type Source } from './sources.js';

/** Jobs that no room runs: whatever they would erase or close is then kept and open for ever, and every other test is green. */
function idleJobs(sources: readonly Source[]): string[] {
  const run = new Set(sources.filter(({ path }) => /^subgraphs\/[^/]+\/subgraph\.ts$/.test(path)).flatMap(({ text }) => /\bjobs: \[([^\]]*)\]/.exec(codeOf(text))?.[1]!.match(/\w+/g) ?? []));
  return sources.flatMap(({ path, text }) => [...codeOf(text).matchAll(/\bexport const (\w+): Job\b/g)].map(([, name]) => name!).filter((name) => !run.has(name)).map((name) => `${path}: ${name}`));
}

test('every job is run by its room', async () => {
  const sources = await readSources();
  expect(idleJobs(sources)).toEqual([]);
  expect(sources.filter(({ text }) => /\bexport const \w+: Job\b/.test(codeOf(text))).length).toBeGreaterThan(5);
});

test('a job that its room forgot is found', () => {
  const job = (name: string): Source => ({ path: `subgraphs/community/${name}.ts`, text: `export const ${name}Job: Job = { name: 'x' };` });
  const room: Source = { path: 'subgraphs/community/subgraph.ts', text: 'jobs: [\n    sweepJob, // mopJob\n  ],' };
  expect(idleJobs([job('sweep'), job('mop'), room])).toEqual(['subgraphs/community/mop.ts: mopJob']);
});

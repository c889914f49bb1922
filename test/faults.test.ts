import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { missesOf } from '../faults/experiment.js';
import { EXPERIMENTS } from '../faults/experiments.js';
import type { Line } from '../faults/run-experiments.js';
import { shareOut } from '../faults/share-out.js';

/** Two rows side by side: each test waits for its own line. */
const lines = new Map(EXPERIMENTS.map(({ id }) => [id, Promise.withResolvers<Line>()]));
let through: Promise<unknown>;

beforeAll(() => {
  through = shareOut(EXPERIMENTS, { scale: 'SHORT', onLine: (line) => lines.get(line.experiment.id)!.resolve(line) });
});
afterAll(() => through, 300_000);

test.each(EXPERIMENTS.map(({ id, fault }) => [id, fault]))('%s %s: nothing is lost, doubled or out of order, and it is well again by itself', async (id) => {
  const { outcome, broke } = await lines.get(id!)!.promise;
  expect(broke).toBeUndefined();
  const missed = missesOf(outcome!, 'SHORT');
  // What was found is told with the figures that were missed.
  expect({ missed, notes: missed.length > 0 ? outcome!.notes : [] }).toEqual({ missed: [], notes: [] });
}, 300_000);

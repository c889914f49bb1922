import { useDatabase, type TestDatabase } from '../test/need-database.js';
import type { Scale } from './experiment.js';
import { EXPERIMENTS } from './experiments.js';
import { Houses } from './houses.js';
import { runExperiment, type Ended } from './run-experiments.js';

/** What the process is told to do, as often as its parent likes. */
export interface Order {
  readonly id: string;
  readonly scale: Scale;
  /** Where houses may be opened. */
  readonly database: TestDatabase;
}

// A process of its own that runs experiments for another one, and says how each ended, until that lets go of it.
const houses = new Houses();

async function run({ id, scale, database }: Order): Promise<void> {
  useDatabase(database);
  const ended = await runExperiment(EXPERIMENTS.find((experiment) => experiment.id === id)!, scale, houses);
  // Something may be the matter with what it was made in.
  if (!ended.held) await houses[Symbol.asyncDispose]();
  process.send!(ended satisfies Ended);
}

process.on('message', (order: Order) => void run(order));
process.once('disconnect', () => void houses[Symbol.asyncDispose]().finally(() => process.exit()));

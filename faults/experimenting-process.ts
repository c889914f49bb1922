import { useDatabase, type TestDatabase } from '../test/need-database.js';
import type { Scale } from './experiment.js';
import { EXPERIMENTS } from './experiments.js';
import { runExperiment, type Ended } from './run-experiments.js';

/** What the process is told to do, as often as its parent likes. */
export interface Order {
  readonly id: string;
  readonly scale: Scale;
  /** Where houses may be opened. */
  readonly database: TestDatabase;
}

/** A process of its own that runs experiments for another one, and says how each ended, until that lets go of it. */
process.on('message', ({ id, scale, database }: Order) => {
  useDatabase(database);
  void runExperiment(EXPERIMENTS.find((experiment) => experiment.id === id)!, scale).then((ended: Ended) => process.send!(ended));
});
process.once('disconnect', () => process.exit());

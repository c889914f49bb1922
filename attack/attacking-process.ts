import { useDatabase, type TestDatabase } from '../test/need-database.js';
import { ATTACKS } from './attacks.js';
import { runAttacks, type Line } from './run-attacks.js';

/** What the process is told to do, as often as its parent likes. */
export interface Order {
  readonly ids: readonly string[];
  readonly seed: number;
  readonly fast: boolean;
  /** Where houses may be opened. */
  readonly database?: TestDatabase;
}

/** What it says: how an attack ended, and that all it was told to run have. */
export type Said = 'THROUGH' | (Omit<Line, 'attack'> & { readonly id: string });

/** A process of its own that runs attacks for another one, until that lets go of it. */
process.on('message', ({ ids, seed, fast, database }: Order) => {
  if (database) useDatabase(database);
  const say = (said: Said): void => void process.send!(said);
  void runAttacks(ATTACKS.filter(({ id }) => ids.includes(id)), { seed, fast, onLine: ({ attack, ...line }) => say({ ...line, id: attack.id }) }).then(() => say('THROUGH'));
});
process.once('disconnect', () => process.exit());

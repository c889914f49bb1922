import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { needDatabase, type TestDatabase } from '../test/need-database.js';
import type { Experiment, Scale } from './experiment.js';
import type { Order } from './experimenting-process.js';
import type { Ended, Line } from './run-experiments.js';

/** Even the shortest is mostly a wait until processes are there and clients are back. */
const SHORT_ROWS = 3;

/** How long a process may take to clear up when it is let go. */
const CLEARING_MILLISECONDS = 15_000;

/**
 * Runs experiments in processes of their own, and reports each as it ends. Those that mostly wait run beside the others, which have
 * the rest of the machine to themselves, one after the other, for they measure how long things take. The short versions are several
 * rows of those side by side, and one of those that wait. Whichever is through takes what is left of the other kind.
 */
export async function shareOut(experiments: readonly Experiment[], { scale, onLine = () => undefined }: { readonly scale: Scale; readonly onLine?: (line: Line) => void }): Promise<readonly Line[]> {
  const cleanUps: (() => Promise<void>)[] = [];
  const workers: Worker[] = [];
  const lines: Line[] = [];
  try {
    const database = await needDatabase((cleanUp) => cleanUps.push(cleanUp));
    const [working, waiting] = [experiments.filter(({ waits }) => !waits), experiments.filter(({ waits }) => waits)];
    const runAll = async (...rows: readonly Experiment[][]): Promise<void> => {
      const worker = new Worker();
      workers.push(worker);
      for (let next = shiftFirst(rows); next; next = shiftFirst(rows)) {
        const line = await worker.run(next, scale, database);
        lines.push(line);
        onLine(line);
      }
    };
    await Promise.all(scale === 'FULL' ? [runAll(working, waiting), runAll(waiting)] : [...Array.from({ length: SHORT_ROWS }, () => runAll(working, waiting)), runAll(waiting, working)]);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  }
  return lines.toSorted((one, other) => one.experiment.id.localeCompare(other.experiment.id));
}

/** The next of the first row that is not at its end. */
function shiftFirst(rows: readonly Experiment[][]): Experiment | undefined {
  return rows.find(({ length }) => length > 0)?.shift();
}

/** A process that runs one experiment at a time. */
class Worker {
  #child: ChildProcess | undefined;

  /** Resolves in any case: a process that dies over an experiment did not hold it. */
  async run(experiment: Experiment, scale: Scale, database: TestDatabase): Promise<Line> {
    const began = performance.now();
    const child = (this.#child ??= fork(join(import.meta.dirname, 'experimenting-process.js'), { execArgv: [] }));
    const { promise, resolve } = Promise.withResolvers<Ended>();
    const end = (code: number | null): void => {
      this.#child = undefined;
      resolve({ outcome: undefined, broke: `its process ended with ${code}`, scale, held: false, seconds: (performance.now() - began) / 1000 });
    };
    child.once('message', resolve).once('exit', end);
    child.send({ id: experiment.id, scale, database } satisfies Order);
    const ended = await promise;
    child.off('message', resolve).off('exit', end);
    return { ...ended, experiment };
  }

  /** Lets go of it, and waits until it has cleared up. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child?.connected) return;
    const ended = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), CLEARING_MILLISECONDS);
    child.disconnect();
    await ended;
    clearTimeout(timer);
  }
}

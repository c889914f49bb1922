import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { needDatabase, type TestDatabase } from '../test/need-database.js';
import type { Experiment, Scale } from './experiment.js';
import type { Order } from './experimenting-process.js';
import type { Ended, Line } from './run-experiments.js';

/**
 * Runs experiments in processes of their own, and reports each as it ends. Those that mostly wait run beside the others, which have
 * the rest of the machine to themselves, one after the other, for they measure how long things take. The short versions are two
 * rows side by side.
 */
export async function shareOut(experiments: readonly Experiment[], { scale, onLine = () => undefined }: { readonly scale: Scale; readonly onLine?: (line: Line) => void }): Promise<readonly Line[]> {
  const cleanUps: (() => Promise<void>)[] = [];
  const lines: Line[] = [];
  try {
    const database = await needDatabase((cleanUp) => cleanUps.push(cleanUp));
    const runAll = async (waiting: Experiment[]): Promise<void> => {
      const worker = new Worker();
      cleanUps.push(() => worker.stop());
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const line = await worker.run(next, scale, database);
        lines.push(line);
        onLine(line);
      }
    };
    if (scale === 'SHORT') {
      const waiting = [...experiments];
      await Promise.all([runAll(waiting), runAll(waiting)]);
    } else await Promise.all([runAll(experiments.filter(({ waits }) => !waits)), runAll(experiments.filter(({ waits }) => waits))]);
  } finally {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  }
  return lines.toSorted((one, other) => one.experiment.id.localeCompare(other.experiment.id));
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

  async stop(): Promise<void> {
    // What it loaded has its own mind about SIGTERM; there is nothing left that it would have to clear up.
    this.#child?.kill('SIGKILL');
  }
}

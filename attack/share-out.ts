import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { needDatabase, type TestDatabase } from '../test/need-database.js';
import type { Attack } from './attack.js';
import type { Order, Said } from './attacking-process.js';
import { SEED, type Line } from './run-attacks.js';

/** Attacks that one process runs one after the other: all of one house, or one that needs none. */
type Bundle = readonly Attack[];

/**
 * Runs attacks in several processes side by side, and reports each as it ends. With few trials everything runs beside everything; else
 * the house whose answers are timed has the machine to itself, since noise would hide what the time tells.
 */
export async function shareOut(attacks: readonly Attack[], { seed = SEED, fast = false, processes = availableParallelism(), onLine = (_line: Line): void => {} } = {}): Promise<readonly Line[]> {
  const bundles = [...Map.groupBy(attacks, ({ id, house }) => house ?? id).values()];
  const cleanUps: (() => Promise<void>)[] = [];
  const children: ChildProcess[] = [];
  const lines: Line[] = [];
  const hear = (line: Line): void => {
    lines.push(line);
    onLine(line);
  };
  try {
    const needed = attacks.some(({ house }) => house !== undefined);
    let database: TestDatabase | undefined;
    const opening = needed ? needDatabase((cleanUp) => cleanUps.push(cleanUp)).then((opened) => (database = opened)) : undefined;
    const runAll = async (waiting: Bundle[], count: number): Promise<void> => {
      await Promise.all(Array.from({ length: Math.min(count, waiting.length) }, async () => {
        const child = fork(join(import.meta.dirname, 'attacking-process.js'), { execArgv: [] });
        children.push(child);
        while (waiting.length > 0) {
          // Houses take longest, so they come first once there is a database.
          const house = waiting.findIndex(([first]) => first!.house !== undefined);
          const none = waiting.findIndex(([first]) => first!.house === undefined);
          const [bundle] = waiting.splice(house !== -1 && (database !== undefined || none === -1) ? house : none, 1);
          if (bundle![0]!.house !== undefined) await opening;
          await runOn(child, bundle!, { ids: bundle!.map(({ id }) => id), seed, fast, ...(database && { database }) }, hear);
        }
        child.disconnect();
      }));
    };
    const [timed, rest] = [bundles.filter(([first]) => first!.house === 'DOOR'), bundles.filter(([first]) => first!.house !== 'DOOR')];
    await runAll(fast ? bundles : timed, processes);
    if (!fast) await runAll(rest, processes);
    await opening;
  } finally {
    for (const child of children) child.kill();
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  }
  return lines.toSorted((a, b) => a.attack.id.localeCompare(b.attack.id));
}

/** Has a process run a bundle; resolves when it is through. */
async function runOn(child: ChildProcess, bundle: Bundle, order: Order, onLine: (line: Line) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const hear = (said: Said): void => {
    if (said === 'THROUGH') resolve();
    else onLine({ ...said, attack: bundle.find(({ id }) => id === said.id)! });
  };
  const end = (code: number | null): void => reject(new Error(`the process of ${order.ids.join(', ')} ended with ${code}`));
  child.on('message', hear).once('exit', end);
  child.send(order);
  try {
    await promise;
  } finally {
    child.off('message', hear).off('exit', end);
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { invariant } from '../src/errors.js';

/** The whole of Ardoise as a process of its own, as `npm start` runs it. `await using` stops it. */
export interface BenchHouse extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** From its start to its first line, in milliseconds. */
  readonly startedIn: number;
}

export async function startBenchHouse(databaseUrl: string, dataDir: string, environment: Readonly<Record<string, string>> = {}): Promise<BenchHouse> {
  const began = performance.now();
  const child = startProgram(join(import.meta.dirname, '..', 'subgraphs', 'start-all.js'), [], {
    PORT: '0', HOST: '127.0.0.1', DATABASE_URL: databaseUrl, ARDOISE_DATA_DIR: dataDir, ARDOISE_DEMO: '0', ARDOISE_SANDBOX: '0', ...environment,
  });
  const url = await firstMatch(child, /(http:\/\/[\w.:[\]-]+)\/graphql/);
  return { url, pid: child.pid!, startedIn: performance.now() - began, [Symbol.asyncDispose]: () => stopProgram(child) };
}

/** Starts a program of this project on the Node that runs this one; nothing of this process's environment but its path is passed on. */
export function startProgram(file: string, parameters: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [file, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...environment } });
}

/** What a program prints in the first line that matches. Throws when it ends before. */
export async function firstMatch(child: ChildProcess, pattern: RegExp): Promise<string> {
  invariant(child.stdout, 'its output is a pipe');
  for await (const line of createInterface({ input: child.stdout })) {
    const found = pattern.exec(line)?.[1];
    if (found !== undefined) {
      // What it prints later is read by nobody, and must not stop it.
      child.stdout.resume();
      return found;
    }
  }
  throw new Error(`a program ended before it said ${pattern}`);
}

export async function stopProgram(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

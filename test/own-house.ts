import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { TestHouse } from './house.js';
import { endProcess, firstUrls } from './split-house.js';

const DIST = join(import.meta.dirname, '..');

/** Ardoise as `npm start` has it: one process, with a PostgreSQL of its own that is as durable as any. */
export class OwnHouse extends TestHouse {
  constructor(
    url: string,
    databaseUrl: string,
    readonly child: ChildProcess,
    /** Where the database's files are. */
    private readonly home: string,
    close: () => Promise<void>,
  ) {
    super({ url, get rooms(): never { throw new Error('the rooms of this house are in another process'); }, stop: close }, databaseUrl, close);
  }

  /** Sends a signal to the first process of PostgreSQL, which the others follow. */
  async signalDatabase(signal: NodeJS.Signals): Promise<void> {
    process.kill(Number.parseInt(await readFile(join(this.home, 'postgres', 'postmaster.pid'), 'utf8'), 10), signal);
  }
}

/** Starts it; `program` is what Node is to be given before the program, `stdio` what the fourth channel is. */
export async function startOwnHouse(environment: Record<string, string> = {}, program: readonly string[] = []): Promise<OwnHouse> {
  const directory = await mkdtemp(join(tmpdir(), 'ardoise-own-'));
  await chmod(directory, 0o755);
  const child = spawn(process.execPath, [...program, join(DIST, 'subgraphs', 'start-all.js')], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', ARDOISE_DATA_DIR: directory, ARDOISE_DEMO: '0', ARDOISE_SANDBOX: '1', ARDOISE_LOG_LEVEL: 'fatal', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const close = async (): Promise<void> => {
    await endProcess(child);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const url = new URL((await firstUrls('the house', 1, child))[0]!).origin;
    const databaseUrl = await findEmbeddedPostgres(directory);
    if (databaseUrl === undefined) throw new Error('the house has no database');
    const home = await readFile(join(directory, 'database-is-in'), 'utf8').then((text) => text.trim(), () => directory);
    return new OwnHouse(url, databaseUrl, child, home, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the house's process answers to a word; what it was given to load has to know it. */
export async function askHouse<T>({ child }: OwnHouse, word: string): Promise<T> {
  const answered = once(child, 'message') as Promise<[T]>;
  child.send(word);
  return (await answered)[0];
}

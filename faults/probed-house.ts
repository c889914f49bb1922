import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startBenchHouse } from '../bench/bench-house.js';
import { administer, TestHouse } from '../test/house.js';
import { needDatabase } from '../test/need-database.js';
import type { Conditions } from './experiment.js';

/** What lives in the server once all that is not used has been cleared away. */
export interface Live {
  readonly sockets: number;
  readonly operations: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** By how much its event loop came later than it should since it was last asked, in milliseconds. */
export interface Lags {
  readonly p99: number;
  readonly most: number;
}

/** The whole of Ardoise in one process of its own, as `npm start` runs it, that tells of itself (`probe.ts`). */
export class ProbedHouse extends TestHouse {
  constructor(
    url: string,
    databaseUrl: string,
    readonly pid: number,
    private readonly at: string,
    close: () => Promise<void>,
  ) {
    super({ url, get rooms(): never { throw new Error('the rooms are in another process'); }, stop: async () => undefined }, databaseUrl, close);
  }

  live(): Promise<Live> {
    return this.#ask('/live');
  }

  /** How many sockets it has closed of its own accord so far. */
  closed(): Promise<number> {
    return this.#ask('/closed');
  }

  lags(): Promise<Lags> {
    return this.#ask('/lags');
  }

  /** The most that any socket had waiting to be sent since this was last asked, in bytes; it is looked at from the first time on. */
  buffered(): Promise<number> {
    return this.#ask('/buffered');
  }

  #ask<Told>(path: string): Promise<Told> {
    return new Promise((resolve, reject) => {
      request({ socketPath: this.at, path }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('end', () => resolve(JSON.parse(text) as Told));
      }).on('error', reject).end();
    });
  }
}

/** Starts it; it is cleared away when the experiment is over. */
export async function startProbedHouse({ after }: Conditions): Promise<ProbedHouse> {
  const { url: template, directory: home } = await needDatabase(after);
  const name = `probed_${randomBytes(6).toString('hex')}`;
  await administer(template, `create database ${name} template ardoise`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  const directory = await mkdtemp(join(home, 'probed-'));
  const at = join(directory, 'probe');
  const probe = pathToFileURL(join(import.meta.dirname, 'probe.js'));
  probe.searchParams.set('at', at);
  const running = await startBenchHouse(url.href, directory, { ARDOISE_SANDBOX: '1', ARDOISE_LOG_LEVEL: 'fatal', NODE_OPTIONS: `--import=${probe.href}` });
  const house = new ProbedHouse(running.url, url.href, running.pid, at, async () => {
    await running[Symbol.asyncDispose]();
    await administer(template, `drop database ${name} with (force)`);
    await rm(directory, { recursive: true, force: true });
  });
  after(() => house[Symbol.asyncDispose]());
  return house;
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { endProcess, freePort } from './split-house.js';

const DIST = join(import.meta.dirname, '..');

let directory: string;
const started: ChildProcess[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(process.env['ARDOISE_TEST_DIRECTORY']!, 'start-'));
  // Where root starts us, PostgreSQL runs as another user.
  await chmod(directory, 0o755);
});
afterAll(async () => {
  await Promise.all(started.map(endProcess));
  await rm(directory, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  /** Resolves with the text that a line matched. */
  says(line: RegExp): Promise<string>;
  /** Resolves at its end with its exit code and what it said on standard error. */
  readonly end: Promise<{ code: number | null; errors: string }>;
}

function start(script: string, environment: Record<string, string> = {}): Started {
  const [path, ...values] = script.split(' ');
  const child = spawn(process.execPath, [join(DIST, path!), ...values], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', ARDOISE_DEMO: '0', ARDOISE_DATA_DIR: join(directory, 'data'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let said = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const end = once(child, 'close').then(([code]) => ({ code: code as number | null, errors }));
  return {
    child,
    end,
    says: (line) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = line.exec(said);
          if (found) resolve(found[1] ?? found[0]);
        };
        child.stdout?.on('data', look);
        void end.then(() => reject(new Error(`it ended: ${errors}`)));
        look();
      }),
  };
}

test('each wrong setting is a line of its own, and nothing starts', async () => {
  expect(await start('subgraphs/start-all.js', { PORT: 'four', DATABASE_URL: 'mysql://x', ARDOISE_SANDBOX: 'yes' }).end).toEqual({
    code: 1,
    errors: 'PORT: "four" must be a whole number from 0 to 65535\nDATABASE_URL: "mysql://x" must be a URL that starts with postgres:// or postgresql://\nARDOISE_SANDBOX: "yes" must be 0 or 1\n',
  });
});

test('a process of the split form demands its database and its keys, one line each', async () => {
  const key = (name: string): string => `ARDOISE_${name}_KEY_FILE: must name a key file (npm run keys -- DIRECTORY makes a set)\n`;
  expect(await start('subgraphs/start-room.js identity').end).toEqual({
    code: 1,
    errors: `DATABASE_URL: must name the PostgreSQL database of this room, as its owner\n${key('SESSION')}${key('ASSERTION_PUBLIC')}${key('IDENTIFIER')}`,
  });
  expect(await start('gateway/start.js').end).toEqual({ code: 1, errors: `${key('SESSION_PUBLIC')}${key('ASSERTION')}` });
});

test('a process of several rooms names no single port; one of a room that is not there names those that are', async () => {
  expect(await start('subgraphs/start-room.js identity scoring', { PORT: '4001' }).end).toEqual({
    code: 1,
    errors: 'PORT: several rooms of one process listen at a port each: leave it out, or set it to 0 for free ones\n',
  });
  for (const names of ['', 'identity cellar', 'identity identity']) {
    expect(await start(`subgraphs/start-room.js ${names}`.trim()).end).toEqual({ code: 1, errors: 'Say which rooms to start: identity, portfolios, scoring, community.\n' });
  }
});

test('a busy port is said in one line before anything else is touched', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const untouched = join(directory, 'untouched');
  expect(await start('subgraphs/start-all.js', { PORT: String(port), ARDOISE_DATA_DIR: untouched }).end).toEqual({
    code: 1,
    errors: `Port ${port} on 127.0.0.1 is in use: stop the other program or set PORT.\n`,
  });
  expect(existsSync(untouched)).toBe(false);
  other.close();
});

test('one process has a data directory; a killed one leaves it to the next; a stopped one drains within five seconds', async () => {
  const data = join(directory, 'data');
  const first = start('subgraphs/start-all.js', { PORT: String(await freePort()) });
  await first.says(/is at (\S+)\/graphql/);
  expect(await start('subgraphs/start-all.js').end).toEqual({ code: 1, errors: `The data directory ${data} is in use by process ${first.child.pid}: stop it or set ARDOISE_DATA_DIR.\n` });

  first.child.kill('SIGKILL');
  await first.end;
  const orphan = Number.parseInt(await readFile(join(data, 'postgres', 'postmaster.pid'), 'utf8'), 10);
  const second = start('subgraphs/start-all.js');
  const url = await second.says(/is at (\S+)\/graphql/);
  // PostgreSQL of the killed process was stopped, not shared: the directory is held by another one.
  expect(Number.parseInt(await readFile(join(data, 'postgres', 'postmaster.pid'), 'utf8'), 10)).not.toBe(orphan);

  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const closed = once(socket, 'close');
  const from = Date.now();
  second.child.kill('SIGTERM');
  expect((await closed)[0]).toBe(1001);
  expect(await second.end).toEqual({ code: 0, errors: '' });
  expect(Date.now() - from).toBeLessThan(5000);
  expect(existsSync(join(data, 'postgres', 'postmaster.pid'))).toBe(false);
});

test('a start that is interrupted half-way ends in order, and the next one is whole', async () => {
  const data = join(directory, 'interrupted');
  const interrupted = start('subgraphs/start-all.js', { ARDOISE_DATA_DIR: data });
  // As soon as the cluster is being made.
  while (!existsSync(join(data, 'in-use-by'))) await new Promise((resolve) => setTimeout(resolve, 5));
  const from = Date.now();
  interrupted.child.kill('SIGINT');
  expect(await interrupted.end).toEqual({ code: 0, errors: '' });
  expect(Date.now() - from).toBeLessThan(5000);
  const next = start('subgraphs/start-all.js', { ARDOISE_DATA_DIR: data });
  await next.says(/is at (\S+)\/graphql/);
  next.child.kill('SIGTERM');
  expect(await next.end).toEqual({ code: 0, errors: '' });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { FILE_VARIABLES, KEYS_BY_PROCESS, makeKeyFiles } from '../src/keys.js';
import type { RoomName } from '../src/rooms.js';
import type { KeyFiles } from '../src/settings.js';
import { SUBGRAPHS } from '../subgraphs/all.js';
import { administer, TestHouse } from './house.js';

const DIST = join(import.meta.dirname, '..');
const START_MILLISECONDS = 60_000;

type ProcessName = 'gateway' | RoomName;

/** Ardoise as processes of their own, reached like any other house. */
export class SplitHouse extends TestHouse {
  constructor(
    url: string,
    databaseUrl: string,
    readonly roomUrls: Readonly<Record<string, string>>,
    /** The database of each room, as its owner; the same one unless they are separate. */
    readonly databaseUrls: Readonly<Record<string, string>>,
    readonly keyFiles: Required<KeyFiles>,
    readonly processes: Readonly<Record<string, ChildProcess>>,
    /** Starts a room that has died anew, where it was. */
    readonly revive: (room: RoomName) => Promise<void>,
    close: () => Promise<void>,
  ) {
    super({ url, get rooms(): never { throw new Error('the rooms of a split house are in other processes'); }, stop: close }, databaseUrl, close);
  }
}

export interface SplitOptions {
  /** Has events and hints carried by this NATS server. */
  readonly nats?: string;
  /** Gives each room a database of its own; needs NATS. */
  readonly separateDatabases?: boolean;
}

/** Starts the gateway and each room as a process of its own; `environment` overrides their settings. */
export async function startSplitHouse(environment: Record<string, string> = {}, { nats, separateDatabases = false }: SplitOptions = {}): Promise<SplitHouse> {
  const template = process.env['ARDOISE_TEST_DATABASE_URL']!;
  const dataDir = await mkdtemp(join(process.env['ARDOISE_TEST_DIRECTORY']!, 'split-'));
  const keyFiles = await makeKeyFiles(join(dataDir, 'keys'));
  const rooms = SUBGRAPHS.map(({ name }) => name);
  const databases: string[] = [];
  const cloneDatabase = async (): Promise<string> => {
    const name = `split_${randomBytes(6).toString('hex')}`;
    await administer(template, `create database ${name} template ardoise`);
    databases.push(name);
    const url = new URL(template);
    url.pathname = `/${name}`;
    return url.href;
  };
  const processes: Record<string, ChildProcess> = {};
  const starts: Partial<Record<ProcessName, (port: string) => Promise<string>>> = {};
  const close = async (): Promise<void> => {
    await Promise.all(Object.values(processes).map(endProcess));
    for (const name of databases) await administer(template, `drop database ${name} with (force)`);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const shared = await cloneDatabase();
    const start = async (name: ProcessName, script: string[], settings: Record<string, string>): Promise<string> => {
      const files = Object.fromEntries((KEYS_BY_PROCESS[name] as readonly (keyof KeyFiles)[]).map((key) => [FILE_VARIABLES[key], keyFiles[key]]));
      starts[name] = (port) => start(name, script, { ...settings, PORT: port });
      processes[name] = spawn(process.execPath, [join(DIST, ...script.slice(0, 2)), ...script.slice(2)], {
        env: { PATH: process.env['PATH'], PORT: '0', HOST: '127.0.0.1', ARDOISE_SANDBOX: '1', ARDOISE_LOG_LEVEL: 'fatal', ...(nats && { NATS_URL: nats }), ...files, ...settings, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return firstUrl(name, processes[name]);
    };
    const databaseUrls = Object.fromEntries(await Promise.all(rooms.map(async (room) => [room, separateDatabases && room !== rooms[0] ? await cloneDatabase() : shared] as const)));
    const roomUrls = Object.fromEntries(await Promise.all(
      rooms.map(async (room) => [room, await start(room, ['subgraphs', 'start-room.js', room], { DATABASE_URL: databaseUrls[room]! })] as const),
    ));
    const settings = Object.fromEntries(rooms.map((room) => [`ARDOISE_${room.toUpperCase()}_URL`, roomUrls[room]!]));
    const url = await start('gateway', ['gateway', 'start.js'], settings);
    const revive = async (room: RoomName): Promise<void> => void (await starts[room]!(new URL(roomUrls[room]!).port));
    return new SplitHouse(url.replace('/graphql', ''), shared, roomUrls, databaseUrls, keyFiles, processes, revive, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Ends a process in order, or, when it does not, without. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  // A frozen process hears nothing else.
  child.kill('SIGCONT');
  const timer = setTimeout(() => child.kill('SIGKILL'), 8000);
  await ended;
  clearTimeout(timer);
}

/** A port that nobody uses just now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

/** What a process says on its first line is where it is. */
async function firstUrl(name: string, child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} did not start: ${said}`)), START_MILLISECONDS);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const url = / is at (http\S+)\n/.exec(said)?.[1];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${name} exited with ${code}: ${said}`));
    });
  });
}

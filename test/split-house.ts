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
import { TcpProxy } from './tcp-proxy.js';

const DIST = join(import.meta.dirname, '..');
const START_MILLISECONDS = 60_000;

/** One process of a split house. It is where it was first after each revival. */
export class HouseProcess {
  /** Where each of its rooms listens itself, without a proxy; of a gateway the only one. */
  urls: readonly string[] = [];
  #child: ChildProcess | undefined;

  constructor(
    /** `gateway`, or the names of its rooms; from the second of a kind on with its number: `community 1`. */
    readonly name: string,
    private readonly places: number,
    private readonly spawn: (port: string) => ChildProcess,
  ) {}

  get child(): ChildProcess {
    return this.#child!;
  }

  get url(): string {
    return this.urls[0]!;
  }

  async start(): Promise<void> {
    this.#child = this.spawn(this.urls.length === 0 ? '0' : new URL(this.url).port);
    this.urls = (await firstUrls(this.name, this.places, this.#child)).map((url) => url.replace('/graphql', ''));
  }

  /** Ends it without a word. Once this resolves it is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Starts it anew where it was, after it has ended. */
  revive(): Promise<void> {
    return this.start();
  }
}

/** Ardoise as processes of their own, reached like any other house. */
export class SplitHouse extends TestHouse {
  constructor(
    /** A house for each gateway: who is a visitor of `doors[1]` asks the second one. `url` is that of the first. */
    readonly doors: readonly TestHouse[],
    databaseUrl: string,
    /** Where the gateways look for each room. */
    readonly roomUrls: Readonly<Record<string, string>>,
    /** The database of each room, as its owner; the same one unless they are separate. */
    readonly databaseUrls: Readonly<Record<string, string>>,
    readonly keyFiles: Required<KeyFiles>,
    readonly gateways: readonly HouseProcess[],
    readonly communities: readonly HouseProcess[],
    private readonly all: readonly HouseProcess[],
    readonly proxies: HouseProxies,
    close: () => Promise<void>,
  ) {
    super(doors[0]!.running, databaseUrl, close);
  }

  /** What runs now under each name. */
  get processes(): Readonly<Record<string, ChildProcess>> {
    return Object.fromEntries(this.all.map(({ name, child }) => [name, child]));
  }

  /** Starts a room that has died anew, where it was. */
  async revive(room: RoomName): Promise<void> {
    await this.all.find(({ name }) => name === room)!.revive();
  }
}

/** Lines of a house that can be made bad; each is there only if it was asked for. */
export interface HouseProxies {
  /** Between the gateways and the community processes, which it takes in turn. */
  readonly community?: TcpProxy;
  /** Between clients and each gateway. */
  readonly doors?: readonly TcpProxy[];
  /** Between the community processes and their database. */
  readonly database?: TcpProxy;
}

export interface SplitOptions {
  /** Has events and hints carried by this NATS server. */
  readonly nats?: string;
  /** Gives each room a database of its own; needs NATS. */
  readonly separateDatabases?: boolean;
  /** How many gateways there are, and how many processes of the room community. */
  readonly gateways?: number;
  readonly communities?: number;
  /** Which lines go by a proxy. That to several community processes always does. */
  readonly proxied?: readonly (keyof HouseProxies)[];
  /** Has all rooms but community in one process on one database; it cannot be revived. Such a house starts sooner, for faults that touch none of these. */
  readonly together?: boolean;
}

/** Starts the gateway and each room as a process of its own; `environment` overrides their settings. */
export async function startSplitHouse(environment: Record<string, string> = {}, options: SplitOptions = {}): Promise<SplitHouse> {
  const { nats, separateDatabases = false, gateways: gatewayCount = 1, communities: communityCount = 1, proxied = [], together = false } = options;
  const template = process.env['ARDOISE_TEST_DATABASE_URL']!;
  const dataDir = await mkdtemp(join(process.env['ARDOISE_TEST_DIRECTORY']!, 'split-'));
  const keyFiles = await makeKeyFiles(join(dataDir, 'keys'));
  const rooms = SUBGRAPHS.map(({ name }) => name);
  const databases: string[] = [];
  const processes: HouseProcess[] = [];
  const opened: TcpProxy[] = [];
  const doors: TestHouse[] = [];
  const cloneDatabase = async (): Promise<string> => {
    const name = `split_${randomBytes(6).toString('hex')}`;
    await administer(template, `create database ${name} template ardoise`);
    databases.push(name);
    const url = new URL(template);
    url.pathname = `/${name}`;
    return url.href;
  };
  const openProxy = async (...targets: string[]): Promise<TcpProxy> => {
    const proxy = await TcpProxy.start(...targets);
    opened.push(proxy);
    return proxy;
  };
  const start = async (kinds: readonly ('gateway' | RoomName)[], place: number, script: readonly string[], settings: Record<string, string>): Promise<HouseProcess> => {
    const files = Object.fromEntries(kinds.flatMap((kind) => KEYS_BY_PROCESS[kind] as readonly (keyof KeyFiles)[]).map((key) => [FILE_VARIABLES[key], keyFiles[key]]));
    const name = kinds.join(' ');
    const one = new HouseProcess(place === 0 ? name : `${name} ${place}`, kinds.length, (port) =>
      spawn(process.execPath, [join(DIST, ...script.slice(0, 2)), ...script.slice(2)], {
        env: { PATH: process.env['PATH'], HOST: '127.0.0.1', ARDOISE_SANDBOX: '1', ARDOISE_LOG_LEVEL: 'fatal', ...(nats && { NATS_URL: nats }), ...files, ...settings, ...environment, PORT: port },
        stdio: ['ignore', 'pipe', 'pipe'],
      }));
    processes.push(one);
    await one.start();
    return one;
  };
  const close = async (): Promise<void> => {
    for (const door of doors) await door[Symbol.asyncDispose]();
    await Promise.all(processes.map(({ child }) => endProcess(child)));
    for (const proxy of opened) await proxy.stop();
    for (const name of databases) await administer(template, `drop database ${name} with (force)`);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const shared = await cloneDatabase();
    const databaseUrls = Object.fromEntries(await Promise.all(rooms.map(async (room) => [room, separateDatabases && room !== rooms[0] ? await cloneDatabase() : shared] as const)));
    const database = proxied.includes('database') ? await openProxy(databaseUrls['community']!) : undefined;
    const startRooms = (names: readonly RoomName[], place = 0): Promise<HouseProcess> =>
      start(names, place, ['subgraphs', 'start-room.js', ...names], { DATABASE_URL: names.includes('community') && database ? database.urlOf() : databaseUrls[names[0]!]! });
    const quiet = rooms.filter((room) => room !== 'community');
    const [communities, ...others] = await Promise.all([
      Promise.all(Array.from({ length: communityCount }, (_, place) => startRooms(['community'], place))),
      ...(together ? [quiet] : quiet.map((room) => [room])).map((names) => startRooms(names)),
    ]);
    const roomUrls = Object.fromEntries([['community', communities[0]!.url], ...others.flatMap(({ urls }) => urls).map((url, place) => [quiet[place]!, url])]);
    const community = communityCount > 1 || proxied.includes('community') ? await openProxy(...communities.map(({ url }) => url)) : undefined;
    if (community) roomUrls['community'] = community.urlOf();
    const settings = Object.fromEntries(rooms.map((room) => [`ARDOISE_${room.toUpperCase()}_URL`, roomUrls[room]!]));
    const gateways = await Promise.all(Array.from({ length: gatewayCount }, (_, place) => start(['gateway'], place, ['gateway', 'start.js'], settings)));
    const doorProxies = proxied.includes('doors') ? await Promise.all(gateways.map(({ url }) => openProxy(url))) : undefined;
    for (const [place, { url }] of gateways.entries()) {
      doors.push(new TestHouse({
        url: doorProxies ? doorProxies[place]!.urlOf() : url,
        get rooms(): never { throw new Error('the rooms of a split house are in other processes'); },
        stop: async () => undefined,
      }, shared, async () => undefined));
    }
    const proxies = { ...(community && { community }), ...(doorProxies && { doors: doorProxies }), ...(database && { database }) };
    return new SplitHouse(doors, shared, roomUrls, databaseUrls, keyFiles, gateways, communities, processes, proxies, close);
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

/** Where a process says that each of its `places` is. */
export async function firstUrls(name: string, places: number, child: ChildProcess): Promise<readonly string[]> {
  let said = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} did not start: ${said}`)), START_MILLISECONDS);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const urls = [...said.matchAll(/ is at (http\S+)\s/g)].map(([, url]) => url!);
      if (urls.length < places) return;
      clearTimeout(timer);
      resolve(urls);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${name} exited with ${code}: ${said}`));
    });
  });
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reaches } from '../gateway/ask-room.js';
import type { ListeningGateway } from '../gateway/listen.js';
import { Clock } from '../src/clock.js';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { lockDirectory } from '../src/database/lock-directory.js';
import { memoryWires, openHints } from '../src/events/open-hints.js';
import { makeKeyFiles, readKeySet } from '../src/keys.js';
import { openLog } from '../src/log.js';
import type { RoomName } from '../src/rooms.js';
import { demandFreePort } from '../src/server/demand-free-port.js';
import type { OpenRoom } from '../src/server/open-room.js';
import { DEFAULT_PORTS, type Settings } from '../src/settings.js';

/** The whole of Ardoise in one process. */
export interface House {
  readonly url: string;
  readonly rooms: Readonly<Record<RoomName, OpenRoom>>;
  /** Drains, then stops everything, the embedded database last. */
  stop(): Promise<void>;
}

/** How long each part of the house may take to end, in milliseconds; together they stay below five seconds. */
const STOP_MILLISECONDS = { gateway: 2200, rooms: 1000 } as const;

/**
 * Opens every room and the gateway in this process. Without `DATABASE_URL` it brings its own PostgreSQL, and then it is
 * the only process there is. `stopping` breaks the start off, and leaves nothing running.
 */
export async function openHouse(settings: Settings, onOpen: (rooms: House['rooms']) => Promise<void> = async () => undefined, stopping: AbortSignal = new AbortController().signal): Promise<House> {
  const log = openLog(settings.logLevel);
  const port = settings.port ?? DEFAULT_PORTS.gateway;
  // Before PostgreSQL starts: a second start must leave the first one's database alone.
  await demandFreePort(settings.host, port);
  await mkdir(settings.dataDir, { recursive: true });
  const loading = loadProgram();
  // Whoever waits for it below is told; a start that ends before must not end the process.
  loading.catch(() => undefined);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).toReversed()) await end();
  };
  try {
    let databaseUrl = settings.databaseUrl;
    if (databaseUrl === undefined) {
      stops.push(await lockDirectory(settings.dataDir));
      const postgres = await startEmbeddedPostgres(settings.dataDir, true, log);
      stops.push(() => postgres.stop());
      databaseUrl = postgres.url;
      stopping.throwIfAborted();
    }
    const keyFiles = { ...(await makeKeyFiles(join(settings.dataDir, 'keys'))), ...definedOnly(settings.keyFiles) };
    const url = databaseUrl;
    const wires = settings.databaseUrl === undefined ? memoryWires() : await openHints(settings, url, log);
    stops.push(() => wires.close());
    const clock = new Clock();
    const { SUBGRAPHS, openRoom, Authenticator, createGateway, listen } = await loading;
    const opened = await Promise.all(SUBGRAPHS.map((subgraph) => openRoom(subgraph, { settings, keyFiles, databaseUrl: url, clock, wires, replicated: false, log })));
    stops.push(() => within(STOP_MILLISECONDS.rooms, Promise.all(opened.map((room) => room.stop()))));
    stopping.throwIfAborted();
    const rooms = Object.fromEntries(opened.map((room) => [room.room.name, room])) as Record<RoomName, OpenRoom>;
    await unlessAborted(stopping, onOpen(rooms));
    for (const room of opened) room.start();
    const reaches = Object.fromEntries(opened.map((room) => [room.room.name, { kind: 'here', running: room }])) as unknown as Reaches;
    const authenticator = new Authenticator(await readKeySet(keyFiles.sessionPublicKey), reaches.identity);
    const gateway = await createGateway(settings, reaches, authenticator, log);
    const listening: ListeningGateway = await listen(settings, port, gateway, reaches, authenticator, log);
    stops.push(() => within(STOP_MILLISECONDS.gateway, listening.stop()));
    stopping.throwIfAborted();
    return { url: listening.url, rooms, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The larger part of the program, loaded while PostgreSQL starts: each takes its time. */
async function loadProgram() {
  const [{ SUBGRAPHS }, { openRoom }, { Authenticator }, { createGateway }, { listen }] = await Promise.all([
    import('./all.js'), import('../src/server/open-room.js'), import('../gateway/authenticate.js'), import('../gateway/gateway.js'), import('../gateway/listen.js'),
  ]);
  return { SUBGRAPHS, openRoom, Authenticator, createGateway, listen };
}

/** Waits for work to end, but not for ever: what is cut off was in a transaction, and did not happen. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
  clearTimeout(timer);
}

async function unlessAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function definedOnly<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

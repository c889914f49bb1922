import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reaches } from '../gateway/ask-room.js';
import { Authenticator } from '../gateway/authenticate.js';
import { createGateway } from '../gateway/gateway.js';
import { listen, type ListeningGateway } from '../gateway/listen.js';
import { Clock } from '../src/clock.js';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { MemoryHints } from '../src/events/hints.js';
import { makeKeyFiles, readKeySet } from '../src/keys.js';
import { openLog } from '../src/log.js';
import type { RoomName } from '../src/rooms.js';
import { openRoom, type OpenRoom } from '../src/server/open-room.js';
import { DEFAULT_PORTS, type Settings } from '../src/settings.js';
import { SUBGRAPHS } from './all.js';

/** The whole of Ardoise in one process. */
export interface House {
  readonly url: string;
  readonly rooms: Readonly<Record<RoomName, OpenRoom>>;
  /** Drains, then stops everything, the embedded database last. */
  stop(): Promise<void>;
}

/** Opens every room and the gateway in this process. Without `DATABASE_URL` it brings its own PostgreSQL. */
export async function openHouse(settings: Settings, onOpen: (rooms: House['rooms']) => Promise<void> = async () => undefined): Promise<House> {
  const log = openLog(settings.logLevel);
  await mkdir(settings.dataDir, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).toReversed()) await end();
  };
  try {
    const keyFiles = { ...(await makeKeyFiles(join(settings.dataDir, 'keys'))), ...definedOnly(settings.keyFiles) };
    let databaseUrl = settings.databaseUrl;
    if (databaseUrl === undefined) {
      const postgres = await startEmbeddedPostgres(settings.dataDir);
      stops.push(() => postgres.stop());
      databaseUrl = postgres.url;
    }
    const url = databaseUrl;
    const hints = new MemoryHints();
    const clock = new Clock();
    const opened = await Promise.all(SUBGRAPHS.map((subgraph) => openRoom(subgraph, { settings, keyFiles, databaseUrl: url, clock, hints, log })));
    stops.push(async () => {
      await Promise.all(opened.map((room) => room.stop()));
    });
    const rooms = Object.fromEntries(opened.map((room) => [room.room.name, room])) as Record<RoomName, OpenRoom>;
    await onOpen(rooms);
    for (const room of opened) room.start();
    const reaches = Object.fromEntries(opened.map((room) => [room.room.name, { kind: 'here', running: room }])) as unknown as Reaches;
    const authenticator = new Authenticator(await readKeySet(keyFiles.sessionPublicKey), reaches.identity);
    const gateway = await createGateway(settings, reaches, authenticator, log);
    const listening: ListeningGateway = await listen(settings, settings.port ?? DEFAULT_PORTS.gateway, gateway, reaches, authenticator, log);
    stops.push(() => listening.stop());
    return { url: listening.url, rooms, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function definedOnly<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

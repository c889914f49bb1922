import { Client } from 'pg';
import { Clock } from '../src/clock.js';
import { openHints } from '../src/events/open-hints.js';
import { demandKeyFiles, readKeySet } from '../src/keys.js';
import { openLog } from '../src/log.js';
import { AssertionVerifier } from '../src/server/assertion.js';
import { demandFreePort } from '../src/server/demand-free-port.js';
import { openRoom } from '../src/server/open-room.js';
import type { Running } from '../src/server/run-process.js';
import { serveSubgraph } from '../src/server/serve-subgraph.js';
import type { Subgraph } from '../src/server/subgraph.js';
import { DEFAULT_PORTS, readSettings, SettingsError, type Settings } from '../src/settings.js';
import { SUBGRAPHS } from './all.js';

/** How long a room waits for a database that is starting, in milliseconds. */
const DATABASE_MILLISECONDS = 20_000;

/** Runs rooms in a process without a gateway, each at a port of its own. */
export async function startRooms(names: readonly string[], stopping: AbortSignal): Promise<Running> {
  const subgraphs = SUBGRAPHS.filter(({ name }) => names.includes(name));
  if (names.length === 0 || subgraphs.length !== names.length) throw new SettingsError([`Say which rooms to start: ${SUBGRAPHS.map((each) => each.name).join(', ')}.`]);
  const settings = readSettings();
  if (subgraphs.length > 1 && settings.port) throw new SettingsError(['PORT: several rooms of one process listen at a port each: leave it out, or set it to 0 for free ones']);
  const started: Running[] = [];
  const stop = async (): Promise<void> => void (await Promise.all(started.map((room) => room.stop())));
  try {
    for (const subgraph of subgraphs) started.push(await startRoom(subgraph, settings, stopping));
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

async function startRoom(subgraph: Subgraph, settings: Settings, stopping: AbortSignal): Promise<Running> {
  const databaseUrl = demandDatabase(settings, subgraph.name);
  const port = settings.port ?? DEFAULT_PORTS[subgraph.name];
  await demandFreePort(settings.host, port);
  const log = openLog(settings.logLevel);
  const verifier = new AssertionVerifier(subgraph.name, await readKeySet(settings.keyFiles.assertionPublicKey));
  await waitForDatabase(databaseUrl, stopping);
  const wires = await openHints(settings, databaseUrl, log);
  const room = await openRoom(subgraph, { settings, keyFiles: settings.keyFiles, databaseUrl, clock: new Clock(), wires, replicated: true, log });
  room.start();
  const served = await serveSubgraph(room, verifier, settings.host, port);
  console.log(`The room ${subgraph.name} is at http://${settings.host}:${served.port}`);
  return {
    async stop() {
      await served.stop();
      await room.stop();
      await wires.close();
    },
  };
}

function demandDatabase(settings: Settings, room: (typeof SUBGRAPHS)[number]['name']): string {
  const lines = settings.databaseUrl === undefined ? ['DATABASE_URL: must name the PostgreSQL database of this room, as its owner'] : [];
  demandKeyFiles(settings.keyFiles, room, lines);
  return settings.databaseUrl!;
}

/** Waits for a database that is not there yet; one that refuses us is said at once. */
async function waitForDatabase(url: string, stopping: AbortSignal): Promise<void> {
  const until = Date.now() + DATABASE_MILLISECONDS;
  for (;;) {
    stopping.throwIfAborted();
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
    try {
      await client.connect();
      return;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      // 57P03: PostgreSQL is starting.
      const comes = code === 'ECONNREFUSED' || code === '57P03' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';
      if (!comes || Date.now() > until) throw new SettingsError([`DATABASE_URL: the database cannot be used (${message || code})`]);
      await new Promise((resolve) => setTimeout(resolve, 300));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

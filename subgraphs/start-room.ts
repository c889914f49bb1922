import { DEFAULT_PORTS, readSettings, SettingsError, type Settings } from '../src/settings.js';
import { Client } from 'pg';
import { Clock } from '../src/clock.js';
import { openHints } from '../src/events/open-hints.js';
import { demandKeyFiles, readKeySet } from '../src/keys.js';
import { openLog } from '../src/log.js';
import { AssertionVerifier } from '../src/server/assertion.js';
import { demandFreePort } from '../src/server/demand-free-port.js';
import { openRoom } from '../src/server/open-room.js';
import { runProcess, type Running } from '../src/server/run-process.js';
import { serveSubgraph } from '../src/server/serve-subgraph.js';
import { SUBGRAPHS } from './all.js';

/** How long a room waits for a database that is starting, in milliseconds. */
const DATABASE_MILLISECONDS = 20_000;

/** Runs one room as a process of its own: `start-room.js identity`. */
await runProcess((stopping) => startRoom(process.argv[2], stopping));

async function startRoom(name: string | undefined, stopping: AbortSignal): Promise<Running> {
  const subgraph = SUBGRAPHS.find((candidate) => candidate.name === name);
  if (!subgraph) throw new SettingsError([`Say which room to start: ${SUBGRAPHS.map((each) => each.name).join(', ')}.`]);
  const settings = readSettings();
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

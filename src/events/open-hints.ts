import type { NatsConnection } from '@nats-io/transport-node';
import type { Log } from '../log.js';
import type { Settings } from '../settings.js';
import { MemoryHints, type Hints } from './hints.js';
import { PostgresHints } from './postgres-hints.js';

/** What processes tell one another by. */
export interface Wires {
  readonly hints: Hints;
  /** Carries events between rooms that may have databases of their own; without it they share one. */
  readonly nats: NatsConnection | undefined;
  close(): Promise<void>;
}

/** Hints for one of several processes: over NATS when there is one, else through the database they share. */
export async function openHints(settings: Settings, databaseUrl: string, log: Log): Promise<Wires> {
  if (settings.natsUrl === undefined) {
    const hints = await PostgresHints.open(databaseUrl, log);
    return { hints, nats: undefined, close: () => hints.close() };
  }
  // Loaded by who uses it: most do not.
  const [{ connectNats }, { NatsHints }] = await Promise.all([import('./connect-nats.js'), import('./nats-hints.js')]);
  const nats = await connectNats(settings.natsUrl, log);
  const hints = new NatsHints(nats);
  return {
    hints,
    nats,
    async close() {
      await hints.close();
      await nats.close();
    },
  };
}

/** Hints for the only process there is. */
export function memoryWires(): Wires {
  const hints = new MemoryHints();
  return { hints, nats: undefined, close: () => hints.close() };
}

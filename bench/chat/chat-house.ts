import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { findEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { invariant } from '../../src/errors.js';
import { readSecret } from '../../src/keys.js';
import { OpaqueIds } from '../../src/values/opaque-id.js';
import { startBenchHouse } from '../bench-house.js';
import { cpuOf, cpuOfChildren } from '../measure.js';

/** Ardoise as a newcomer starts it, in one process with its own durable PostgreSQL; and its owner's way in. */
export interface ChatHouse extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly databaseUrl: string;
  readonly owner: Client;
  readonly ids: OpaqueIds;
  /** Milliseconds of CPU so far: of the process, and of PostgreSQL. */
  cpu(): Promise<{ readonly process: number; readonly database: number }>;
}

/** In a directory of its own, which goes with it, or in one that is given and stays. */
export async function startChatHouse(environment: Readonly<Record<string, string>> = {}, given?: string): Promise<ChatHouse> {
  const directory = given ?? (await mkdtemp(join(tmpdir(), 'ardoise-bench-chat-')));
  await chmod(directory, 0o755);
  // An empty address of a database is none: it brings its own.
  const house = await startBenchHouse('', directory, environment);
  const databaseUrl = await findEmbeddedPostgres(directory);
  invariant(databaseUrl, 'its PostgreSQL runs');
  const owner = new Client({ connectionString: databaseUrl });
  await owner.connect();
  const { rows: [settings] } = await owner.query<{ fsync: string; commit: string }>(`select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`);
  invariant(settings!.fsync === 'on' && settings!.commit === 'on', 'every message is durable');
  return {
    url: house.url,
    pid: house.pid,
    databaseUrl,
    owner,
    ids: new OpaqueIds(await readSecret(join(directory, 'keys', 'identifier.key'))),
    cpu: async () => ({ process: await cpuOf(house.pid), database: await cpuOfChildren(house.pid) }),
    async [Symbol.asyncDispose]() {
      await owner.end();
      await house[Symbol.asyncDispose]();
      if (given === undefined) await removeHouse(directory);
    },
  };
}

/** Removes what a house kept, its database too. */
export async function removeHouse(directory: string): Promise<void> {
  const home = await readFile(join(directory, 'database-is-in'), 'utf8').then((text) => text.trim(), () => undefined);
  for (const place of [directory, home]) if (place !== undefined) await rm(place, { recursive: true, force: true });
}

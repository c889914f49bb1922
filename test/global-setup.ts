import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chmod } from 'node:fs/promises';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { migrate } from '../src/database/migrate.js';
import { makeKeyFiles } from '../src/keys.js';
import { SUBGRAPHS } from '../subgraphs/all.js';

declare global {
  var testPostgres: EmbeddedPostgres | undefined;
}

/** One PostgreSQL for all tests, with one migrated database that each house is cloned from. */
export default async function setUp(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'ardoise-test-'));
  await chmod(directory, 0o755);
  const postgres = await startEmbeddedPostgres(directory, false);
  for (const subgraph of SUBGRAPHS) await migrate(postgres.url, subgraph.name, subgraph.migrations);
  await makeKeyFiles(join(directory, 'keys'));
  globalThis.testPostgres = postgres;
  process.env['ARDOISE_TEST_DIRECTORY'] = directory;
  process.env['ARDOISE_TEST_DATABASE_URL'] = postgres.url;
}

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.js';

/** One PostgreSQL for all contenders of a bench, of its own and empty. `await using` stops it and removes its files. */
export interface BenchDatabase extends AsyncDisposable {
  /** As the owner of everything. */
  readonly url: string;
  /** A directory beside it that goes with it. */
  readonly directory: string;
}

export async function startBenchDatabase(): Promise<BenchDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'ardoise-bench-'));
  // As root the server runs as another user, and would keep its files elsewhere, where nobody removes them.
  await chmod(directory, 0o755);
  const postgres = await startEmbeddedPostgres(directory);
  return {
    url: postgres.url,
    directory,
    async [Symbol.asyncDispose]() {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

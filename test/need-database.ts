import setUp from './global-setup.js';
import tearDown from './global-teardown.js';

/** The PostgreSQL that houses are started on, and where they may keep files. */
export interface TestDatabase {
  readonly url: string;
  readonly directory: string;
}

/** Sees to a PostgreSQL that houses are started on: the one of the tests, or one that goes with the last that needed it. */
export async function needDatabase(after: (cleanUp: () => Promise<void>) => void): Promise<TestDatabase> {
  if (process.env['ARDOISE_TEST_DATABASE_URL'] === undefined) {
    await setUp();
    after(async () => {
      delete process.env['ARDOISE_TEST_DATABASE_URL'];
      await tearDown();
    });
  }
  return { url: process.env['ARDOISE_TEST_DATABASE_URL']!, directory: process.env['ARDOISE_TEST_DIRECTORY']! };
}

/** Has houses started on a PostgreSQL that another process sees to. */
export function useDatabase({ url, directory }: TestDatabase): void {
  process.env['ARDOISE_TEST_DATABASE_URL'] = url;
  process.env['ARDOISE_TEST_DIRECTORY'] = directory;
}

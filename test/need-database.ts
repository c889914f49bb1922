import setUp from './global-setup.js';
import tearDown from './global-teardown.js';

/** Sees to a PostgreSQL that houses are started on: the one of the tests, or one that goes with the last that needed it. */
export async function needDatabase(after: (cleanUp: () => Promise<void>) => void): Promise<void> {
  if (process.env['ARDOISE_TEST_DATABASE_URL'] !== undefined) return;
  await setUp();
  after(async () => {
    delete process.env['ARDOISE_TEST_DATABASE_URL'];
    await tearDown();
  });
}

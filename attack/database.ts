import setUp from '../test/global-setup.js';
import tearDown from '../test/global-teardown.js';
import type { AttackOptions } from './attack.js';

/** Sees to a PostgreSQL that houses are started on: the one of the tests, or one that is gone after the last attack. */
export async function needDatabase(after: AttackOptions['after']): Promise<void> {
  if (process.env['ARDOISE_TEST_DATABASE_URL'] !== undefined) return;
  await setUp();
  after(async () => {
    delete process.env['ARDOISE_TEST_DATABASE_URL'];
    await tearDown();
  });
}

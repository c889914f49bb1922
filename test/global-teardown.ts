import { rm } from 'node:fs/promises';

export default async function tearDown(): Promise<void> {
  await globalThis.testPostgres?.stop();
  const directory = process.env['ARDOISE_TEST_DIRECTORY'];
  if (directory) await rm(directory, { recursive: true, force: true });
}

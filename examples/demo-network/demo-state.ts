import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How far the demo network of a data directory has come. It is made for the day of its first start and stays as it is. */
export interface DemoState {
  readonly madeFor: string;
  readonly complete: boolean;
}

/** `undefined`: no demo network was ever begun here. */
export async function readDemoState(dataDir: string): Promise<DemoState | undefined> {
  try {
    return JSON.parse(await readFile(join(dataDir, 'demo-network.json'), 'utf8')) as DemoState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaced whole: whoever is killed in between leaves the state before. */
export async function writeDemoState(dataDir: string, state: DemoState): Promise<void> {
  const path = join(dataDir, 'demo-network.json');
  await writeFile(`${path}.new`, `${JSON.stringify(state)}\n`);
  await rename(`${path}.new`, path);
}

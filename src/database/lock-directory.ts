import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SettingsError } from '../settings.js';

const NAME = 'in-use-by';

/**
 * Takes a data directory for this process and returns how to give it back. A process that was killed gives nothing back:
 * what it left is taken over. Throws a `SettingsError` when a living process has it.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, NAME);
  const own = `${process.pid} ${await startOf(process.pid)}\n`;
  const mine = `${path}.${process.pid}`;
  await writeFile(mine, own);
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      // A link appears whole or not at all: nobody reads a lock that is half-written.
      const taken = await link(mine, path).then(() => true, (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      });
      if (taken) return () => rm(path, { force: true });
      const found = await readFile(path, 'utf8').catch(() => undefined);
      if (found === undefined) continue;
      const pid = Number(found.split(' ')[0]);
      if (await isAlive(pid, found)) throw busy(directory, pid);
      await removeStale(path, found);
    }
    throw busy(directory, undefined);
  } finally {
    await rm(mine, { force: true });
  }
}

/** Another starter may have replaced the stale lock since it was read: then what was moved away is put back. */
async function removeStale(path: string, found: string): Promise<void> {
  const aside = `${path}.stale.${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => undefined);
  if (moved !== undefined && moved !== found) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isAlive(pid: number, found: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // The number may belong to another process by now.
  const start = await startOf(pid);
  return found === `${pid} ${start}\n`;
}

/** When a process started, in the kernel's own count; the same word for all where the kernel does not tell. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in brackets may hold spaces; the state is the first field after it, the start the twentieth.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Killed, and only not yet taken note of by its parent.
  if (fields?.[0] === 'Z') return 'ended';
  return fields?.[19] ?? 'unknown';
}

function busy(directory: string, pid: number | undefined): SettingsError {
  return new SettingsError([`The data directory ${directory} is in use${pid === undefined ? '' : ` by process ${pid}`}: stop it or set ARDOISE_DATA_DIR.`]);
}

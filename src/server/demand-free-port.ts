import { lookup } from 'node:dns/promises';
import { createServer } from 'node:net';
import { SettingsError } from '../settings.js';
import { portInUse } from './run-process.js';

/** Refuses to begin when another program listens where we shall, on any of the host's addresses. */
export async function demandFreePort(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const addresses = await lookup(host, { all: true }).catch(() => {
    throw new SettingsError([`HOST: ${JSON.stringify(host)} is not known here`]);
  });
  for (const { address } of addresses) {
    const code = await tryToListen(address, port);
    if (code === 'EADDRINUSE') throw new SettingsError([portInUse(host, port)]);
    if (code === 'EACCES') throw new SettingsError([`Port ${port} on ${host} may not be used by this user: set PORT to one above 1023.`]);
  }
}

async function tryToListen(address: string, port: number): Promise<string | undefined> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    probe.listen(port, address, () => probe.close(() => resolve(undefined)));
  });
}

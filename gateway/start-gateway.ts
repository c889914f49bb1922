import { DEFAULT_PORTS, readSettings } from '../src/settings.js';
import { demandKeyFiles, readKeySet } from '../src/keys.js';
import { openLog } from '../src/log.js';
import { ROOMS } from '../src/rooms.js';
import { AssertionSigner } from '../src/server/assertion.js';
import { demandFreePort } from '../src/server/demand-free-port.js';
import type { Running } from '../src/server/run-process.js';
import type { Reaches } from './ask-room.js';
import { Authenticator } from './authenticate.js';
import { createGateway } from './gateway.js';
import { listen } from './listen.js';

/** Runs the gateway in a process without a room: each is asked where the settings say that it is. */
export async function startGateway(): Promise<Running> {
  const settings = readSettings();
  demandKeyFiles(settings.keyFiles, 'gateway');
  const port = settings.port ?? DEFAULT_PORTS.gateway;
  await demandFreePort(settings.host, port);
  const log = openLog(settings.logLevel);
  const [sessionKeys, signer] = await Promise.all([
    readKeySet(settings.keyFiles.sessionPublicKey),
    readKeySet(settings.keyFiles.assertionKey).then((keys) => AssertionSigner.from(keys)),
  ]);
  const reaches = Object.fromEntries(ROOMS.map((room) => [room, { kind: 'there', url: settings.roomUrls[room], signer }])) as unknown as Reaches;
  const authenticator = new Authenticator(sessionKeys, reaches.identity);
  const gateway = await createGateway(settings, reaches, authenticator, log);
  const listening = await listen(settings, port, gateway, reaches, authenticator, log);
  console.log(`The gateway is at ${listening.url}/graphql`);
  return listening;
}

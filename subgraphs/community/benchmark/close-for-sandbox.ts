import { settle } from '../../../src/events/dispatch.js';
import { record } from '../../../src/events/record.js';
import type { Room } from '../../../src/server/room.js';
import { closeDueEpochs } from './close-due-epochs.js';
import { readLatestEpoch, type EpochRow } from './read-epoch.js';
import { tellPublications } from './tell-publications.js';

/** Has portfolios tell what its ledgers made due, waits for it, then closes every epoch due at the sandbox's clock, and waits until whoever makes something of it has heard. Returns the latest. */
export async function closeForSandbox(room: Room): Promise<EpochRow | undefined> {
  await room.db.asSystem().transaction((em) => record(em, null, 'sandbox.settle-requested', {}));
  await settle(room);
  await closeDueEpochs(room);
  await tellPublications(room);
  await settle(room);
  return room.db.asSystem().transaction((em) => readLatestEpoch(em, room.clock.today()));
}

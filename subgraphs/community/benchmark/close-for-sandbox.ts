import { settle } from '../../../src/events/dispatch.js';
import { record } from '../../../src/events/record.js';
import type { Room } from '../../../src/server/room.js';
import { closeDueEpochs } from './close-due-epochs.js';

/** Has portfolios tell what its ledgers made due, waits for it, then closes every epoch due at the sandbox's clock. */
export async function closeForSandbox(room: Room): Promise<void> {
  await room.db.asSystem().transaction((em) => record(em, null, 'sandbox.settle-requested', {}));
  await settle(room);
  await closeDueEpochs(room);
}

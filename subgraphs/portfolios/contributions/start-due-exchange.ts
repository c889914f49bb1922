import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import { readKeyAge } from './read-matching-keys.js';
import { beginExchange, lockMatching, tellAgain } from './rotate-matching-key.js';

/**
 * Begins an exchange once the matching key is a year old, whichever of several processes comes first. Where the operator
 * exchanges it by hand, it says in the log that it is time.
 */
export async function startDueExchange(room: Room): Promise<void> {
  const system = room.db.asSystem();
  const { isDue, dueOn } = await system.transaction(async (em) => {
    await tellAgain(em);
    return readKeyAge(em);
  });
  if (!isDue) return;
  if (room.matchingKeyByHand) {
    room.log.warn({ dueOn: dueOn.toString() }, 'the matching key is to be exchanged: ardoise operator matching-key rotate');
    return;
  }
  await system.transaction(async (em) => {
    await lockMatching(em);
    // Another process, or an operator, may have begun one since.
    if ((await readKeyAge(em)).isDue) await beginExchange(em, { by: 'Ardoise', why: 'the key was a year old' });
  });
}

export const startDueExchangeJob: Job = { name: 'start-due-exchange', everySeconds: 6 * 3600, run: startDueExchange };

import { countOnTheirWay } from '../../src/events/carry-events.js';
import type { Room } from '../../src/server/room.js';

/** The longest wait, in milliseconds: what a firm told a moment ago comes sooner, and for the rest of a large import nobody waits. */
const LONGEST_MILLISECONDS = 2000;
/** From the first look to the next; then each wait is twice the one before, up to the last. */
const FIRST_WAIT_MILLISECONDS = 20;
const LAST_WAIT_MILLISECONDS = 320;

/**
 * Looks again and again until `isEnough`, two seconds at most. It is told whether something of this firm is still on its way; what other
 * firms tell makes nobody wait. To be asked for what a firm told just before: rooms hear of one another a moment later.
 */
export async function awaitTold(room: Room, firmId: string, isEnough: (isOnItsWay: boolean) => Promise<boolean>): Promise<void> {
  const until = performance.now() + LONGEST_MILLISECONDS;
  for (let wait = FIRST_WAIT_MILLISECONDS; ; wait = Math.min(2 * wait, LAST_WAIT_MILLISECONDS)) {
    // In this order: what was on its way when it was counted may have come by the time it is looked for.
    const isOnItsWay = (await countOnTheirWay(room, firmId)) > 0;
    if ((await isEnough(isOnItsWay)) || performance.now() >= until) return;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

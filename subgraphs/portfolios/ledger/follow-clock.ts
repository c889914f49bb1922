import type { Room } from '../../../src/server/room.js';
import { closeDueMonths } from '../contributions/close-due-months.js';
import { tellDueCustomers } from './tell-due-customers.js';

/** Does what the day makes due: a sandbox answers after it. */
export async function followClock(room: Room): Promise<void> {
  await closeDueMonths(room);
  await tellDueCustomers(room);
}

import { ApiError } from '../errors.js';
import type { Room } from './room.js';

/** Refuses what only a sandbox may do. */
export function demandSandbox(room: Room): void {
  if (!room.sandbox) throw new ApiError('FORBIDDEN', 'This works only in a sandbox (ARDOISE_SANDBOX=1).');
}

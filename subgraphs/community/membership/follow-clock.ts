import type { Reaction } from '../../../src/events/dispatch.js';

/** Follows the business time of the sandbox. Epochs that became due wait for `sandboxEpochsClose`. */
export const followClock: Reaction<'sandbox.clock-moved'> = async (room, { data }) => {
  room.clock.shiftTo(data.offsetMilliseconds);
};

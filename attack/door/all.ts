import { presenceInContent } from './a19-presence-in-content.js';
import type { DoorAttack } from './outcome.js';

/** Every attack that goes through the door, in the order of the policy's table. */
export const DOOR_ATTACKS: readonly DoorAttack[] = [
  presenceInContent,
];

import type { Attack } from './attack.js';
import { subtractYourself } from './a01-subtract-yourself.js';
import { DOOR_ATTACKS } from './door/attacks.js';

/** Every attack of the table that is executable, in its order. */
export const ATTACKS: readonly Attack[] = [subtractYourself, ...DOOR_ATTACKS].toSorted((a, b) => a.id.localeCompare(b.id));

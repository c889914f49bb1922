import type { Attack } from '../attack.js';

/** Attacks through the public door. */
export const DOOR_ATTACKS: readonly Attack[] = [];

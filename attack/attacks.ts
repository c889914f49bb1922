import type { Attack } from './attack.js';
import { subtractYourself } from './a01-subtract-yourself.js';
import { walkTierEdge } from './a02-walk-tier-edge.js';
import { loneJoiner } from './a03-lone-joiner.js';
import { leaver } from './a04-leaver.js';
import { swap } from './a05-swap.js';
import { rejoin } from './a06-rejoin.js';
import { history } from './a07-history.js';
import { dither } from './a08-dither.js';
import { acrossMetrics } from './a15-across-metrics.js';
import { DOOR_ATTACKS } from './door/attacks.js';

/** Every attack of the table that is executable, in its order. */
export const ATTACKS: readonly Attack[] = [
  subtractYourself, walkTierEdge, loneJoiner, leaver, swap, rejoin, history, dither, acrossMetrics,
  ...DOOR_ATTACKS,
].toSorted((a, b) => a.id.localeCompare(b.id));

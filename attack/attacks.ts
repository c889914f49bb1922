import type { Attack } from './attack.js';
import { subtractYourself } from './a01-subtract-yourself.js';
import { walkTierEdge } from './a02-walk-tier-edge.js';
import { loneJoiner } from './a03-lone-joiner.js';
import { leaver } from './a04-leaver.js';
import { swap } from './a05-swap.js';
import { rejoin } from './a06-rejoin.js';
import { history } from './a07-history.js';
import { dither } from './a08-dither.js';
import { unverifiedSybils } from './a09-unverified-sybils.js';
import { linkedSybils } from './a10-linked-sybils.js';
import { allOtherSeats } from './a11-all-other-seats.js';
import { compareAnswers } from './a13-compare-answers.js';
import { acrossMetrics } from './a15-across-metrics.js';
import { replay } from './a17-replay.js';
import { backDated } from './a18-back-dated.js';
import { homogeneous } from './a29-homogeneous.js';
import { dominantMember } from './a30-dominant-member.js';
import { atTheBounds } from './a31-at-the-bounds.js';
import { publicRoster } from './a32-public-roster.js';
import { pause } from './a33-pause.js';
import { poison } from './a34-poison.js';
import { searchLateShare } from './l08-search-late-share.js';
import { utility } from './a44-utility.js';
import { throughHttp } from './h50-through-http.js';
import { DOOR_ATTACKS } from './door/attacks.js';

/** Every attack of the table that is executable, in its order. */
export const ATTACKS: readonly Attack[] = [
  subtractYourself, walkTierEdge, loneJoiner, leaver, swap, rejoin, history, dither, unverifiedSybils, linkedSybils, allOtherSeats, compareAnswers, acrossMetrics,
  replay, backDated, homogeneous, dominantMember, atTheBounds, publicRoster, pause, poison, utility, throughHttp, searchLateShare,
  ...DOOR_ATTACKS,
].toSorted((a, b) => a.id.localeCompare(b.id));

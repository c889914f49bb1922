import type { Metric } from '../../../src/values/metric.js';
import { TRENDS, type Trend } from '../../../src/values/trend.js';
import type { DisclosurePolicy } from './policy.js';

/** One contributor's input now and three months earlier; `undefined` when it had none then. */
export interface Change {
  readonly now: number;
  readonly before: number | undefined;
}

/**
 * Where two thirds of the contributors moved over three months: IMPROVING when their figures fell by more than the dead
 * zone (five days, or five points of a share), WORSENING when they rose by more, STABLE when they stayed within. `null`
 * when fewer agree; a contributor without an earlier figure agrees with nobody.
 *
 * Claim: the direction is a vote of the group, never the movement of one.
 * Why: the direction of a mean follows whoever moves most, so it would tell of one contributor. A vote of a large majority
 * on rounded figures tells of none. Argument: disclosure.proof.md, "Direction".
 */
export function directionOf(metric: Metric, changes: readonly Change[], policy: DisclosurePolicy): Trend | null {
  const { deadZoneDays, deadZoneShare, agreement } = policy.direction;
  const deadZone = metric === 'LATE_SHARE' ? deadZoneShare : deadZoneDays;
  const votes: Record<Trend, number> = { IMPROVING: 0, STABLE: 0, WORSENING: 0 };
  for (const { now, before } of changes) {
    if (before === undefined) continue;
    // In whole steps of the dead zone, so that no fraction of a share tips it.
    const moved = Math.round(now / deadZone) - Math.round(before / deadZone);
    votes[moved > 1 ? 'WORSENING' : moved < -1 ? 'IMPROVING' : 'STABLE'] += 1;
  }
  return TRENDS.find((trend) => votes[trend] * agreement.of >= changes.length * agreement.parts && votes[trend] > 0) ?? null;
}

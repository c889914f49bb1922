import { marginOf, SCALES, type AlertDirection, type AlertMetric, type MoveDirection } from './alert-metric.js';
import { partsOf } from './measure.js';

/** What a rule asks for. At least one of `delta` and `threshold` is there; with both, either makes an alert. */
export interface RuleTerms {
  readonly metric: AlertMetric;
  readonly direction: AlertDirection;
  readonly delta: number | null;
  readonly threshold: number | null;
}

/** Where a rule stands with one customer. Figures are millionths. */
export interface RuleStanding {
  /** What the next move is compared with; null without a delta. */
  readonly reference: bigint | null;
  /** The next rise is an alert from here on; null: not before the figure has gone back. */
  readonly upAt: bigint | null;
  /** The next fall is an alert from here on; null: not before the figure has gone back. */
  readonly downAt: bigint | null;
}

export interface Decision {
  readonly standing: RuleStanding;
  /** The alert that the move makes, with what it is compared with; null: none. */
  readonly alert: { readonly direction: MoveDirection; readonly before: bigint } | null;
}

interface Levels {
  readonly threshold: bigint;
  /** At or below it a figure has gone back from above, at or above it from below. */
  readonly low: bigint;
  readonly high: bigint;
}

/** Where a rule stands with a customer when it begins: nothing that is already so is an alert. */
export function startStanding(rule: RuleTerms, value: bigint): RuleStanding {
  const levels = levelsOf(rule);
  return {
    reference: rule.delta === null ? null : value,
    upAt: levels && isAbout(rule, 'UP') && value < levels.threshold ? levels.threshold : null,
    downAt: levels && isAbout(rule, 'DOWN') && value > levels.threshold ? levels.threshold : null,
  };
}

/**
 * Says whether the move of a figure from `before` to `value` is an alert, and where the rule stands then.
 *
 * A *delta* compares with the figure at the last alert, or at the start. A rule about one direction compares with the furthest
 * that the figure has gone the other way since: a rise after a long fall is a rise.
 *
 * A *threshold* is crossed by reaching it. It is crossed anew only when the figure had gone back behind it by the margin of its
 * metric. A rule about both directions is also told of the way back, once that has gone beyond the threshold by the margin.
 *
 * However many of these a move does at once, it makes one alert; without a move there is none.
 */
export function decideAlert(rule: RuleTerms, standing: RuleStanding, before: bigint, value: bigint): Decision {
  if (value === before) return { standing, alert: null };
  const direction = value > before ? 'UP' : 'DOWN';
  const crosses = isAbout(rule, direction) && isReached(standing, direction, value);
  const moves = isAbout(rule, direction) && isFarEnough(rule, standing, direction, value);
  const levels = levelsOf(rule);
  const crossed = crosses && levels ? crossedStanding(rule, standing, direction, levels) : standing;
  const rearmed = levels ? rearm(rule, crossed, value, levels) : crossed;
  if (!crosses && !moves) return { standing: { ...rearmed, reference: follow(rule, standing.reference, value) }, alert: null };
  return {
    standing: { ...rearmed, reference: standing.reference === null ? null : value },
    alert: { direction, before: moves && standing.reference !== null ? standing.reference : before },
  };
}

function isAbout(rule: RuleTerms, direction: MoveDirection): boolean {
  return rule.direction === 'BOTH' || rule.direction === direction;
}

function isReached({ upAt, downAt }: RuleStanding, direction: MoveDirection, value: bigint): boolean {
  return direction === 'UP' ? upAt !== null && value >= upAt : downAt !== null && value <= downAt;
}

function isFarEnough(rule: RuleTerms, { reference }: RuleStanding, direction: MoveDirection, value: bigint): boolean {
  if (rule.delta === null || reference === null) return false;
  return (direction === 'UP' ? value - reference : reference - value) >= partsOf(rule.delta);
}

/** A rule about one direction follows the figure the other way. */
function follow(rule: RuleTerms, reference: bigint | null, value: bigint): bigint | null {
  if (reference === null) return null;
  if (rule.direction === 'UP') return value < reference ? value : reference;
  if (rule.direction === 'DOWN') return value > reference ? value : reference;
  return reference;
}

/** After an alert the same way is closed; a rule about both is told of the way back once it has gone the margin beyond. */
function crossedStanding(rule: RuleTerms, standing: RuleStanding, direction: MoveDirection, { low, high }: Levels): RuleStanding {
  return direction === 'UP'
    ? { ...standing, upAt: null, downAt: isAbout(rule, 'DOWN') ? (standing.downAt ?? low) : null }
    : { ...standing, downAt: null, upAt: isAbout(rule, 'UP') ? (standing.upAt ?? high) : null };
}

/** Behind the threshold by the margin, the way over it is open again. */
function rearm(rule: RuleTerms, standing: RuleStanding, value: bigint, { threshold, low, high }: Levels): RuleStanding {
  return {
    ...standing,
    upAt: isAbout(rule, 'UP') && value <= low ? threshold : standing.upAt,
    downAt: isAbout(rule, 'DOWN') && value >= high ? threshold : standing.downAt,
  };
}

/** The margin ends where the scale does: else a threshold near its end would never be crossed anew. */
function levelsOf({ metric, threshold }: RuleTerms): Levels | null {
  if (threshold === null) return null;
  const { lowest, highest } = SCALES[metric];
  const at = partsOf(threshold);
  const margin = partsOf(marginOf(metric, threshold));
  const low = at - margin;
  const high = at + margin;
  return {
    threshold: at,
    low: lowest !== null && low < partsOf(lowest) ? partsOf(lowest) : low,
    high: highest !== null && high > partsOf(highest) ? partsOf(highest) : high,
  };
}

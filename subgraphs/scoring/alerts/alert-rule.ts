import { Refusal } from '../../../src/errors.js';
import { SCALES, type AlertDirection, type AlertMetric } from './alert-metric.js';
import type { RuleTerms } from './decide-alert.js';

/** As many as a firm may have at a time. */
export const MOST_RULES = 50;

/** Beyond it no figure lies: a million times the largest amount of an invoice. */
const LARGEST = 1e13;

export interface AskedRule {
  readonly metric: AlertMetric;
  readonly direction: AlertDirection;
  readonly delta: number | null;
  readonly threshold: number | null;
}

/** The terms of a rule that can be kept and can come true, to six decimals; anything else is refused. */
export function ruleTerms({ metric, direction, delta, threshold }: AskedRule): RuleTerms {
  if (delta === null && threshold === null) throw new Refusal('REQUIRED', 'A rule needs a delta, a threshold or both.', ['input', 'delta']);
  return {
    metric,
    direction,
    delta: delta === null ? null : sensibleDelta(metric, delta),
    threshold: threshold === null ? null : sensibleThreshold(metric, direction, threshold),
  };
}

function sensibleDelta(metric: AlertMetric, delta: number): number {
  const { lowest, highest, whole } = SCALES[metric];
  const refuse = (why: string): never => {
    throw new Refusal('INVALID', why, ['input', 'delta']);
  };
  const rounded = round(delta);
  if (!(rounded > 0)) return refuse('A delta is above zero, by a millionth at least.');
  if (whole && !Number.isInteger(rounded)) return refuse('Bands lie whole steps apart.');
  if (lowest !== null && highest !== null && rounded > highest - lowest) return refuse(`No figure of ${metric} moves further than ${highest - lowest}.`);
  if (rounded > LARGEST) return refuse(`A delta is at most ${LARGEST}.`);
  return rounded;
}

function sensibleThreshold(metric: AlertMetric, direction: AlertDirection, threshold: number): number {
  const { lowest, highest, whole } = SCALES[metric];
  const refuse = (why: string): never => {
    throw new Refusal('INVALID', why, ['input', 'threshold']);
  };
  const rounded = round(threshold);
  if (!Number.isFinite(rounded) || Math.abs(rounded) > LARGEST) return refuse(`A threshold is from -${LARGEST} to ${LARGEST}.`);
  if (whole && !Number.isInteger(rounded)) return refuse('A band is a whole number: A is 5, B 4, C 3, D 2 and E 1.');
  if (lowest !== null && rounded < lowest) return refuse(`${metric} is never below ${lowest}.`);
  if (highest !== null && rounded > highest) return refuse(`${metric} is never above ${highest}.`);
  // Where the scale begins every figure has been reached from below, and where it ends from above.
  if (rounded === lowest && direction !== 'DOWN') return refuse(`No figure of ${metric} rises to ${lowest}, the least there is.`);
  if (rounded === highest && direction !== 'UP') return refuse(`No figure of ${metric} falls to ${highest}, the most there is.`);
  return rounded;
}

/** To the six decimals that figures are compared with; what is no number stays none. */
function round(value: number): number {
  return Number.isFinite(value) && Math.abs(value) <= LARGEST * 10 ? Number(value.toFixed(6)) : value;
}

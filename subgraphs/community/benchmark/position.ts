import type { Metric } from '../../../src/values/metric.js';
import type { Position } from '../../../src/values/position.js';
import { bandOf, type Cell } from './cell.js';
import { classBounds, classOf, shareClass } from './figure-class.js';
import { clipDays } from './input.js';
import type { DisclosurePolicy } from './policy.js';

/**
 * Where a viewer's own figure lies against what the cell shows: SIMILAR within the shown rounding (half of it to either
 * side; the same band; the same class). The own figure counts clipped, as it counts in the mean.
 *
 * Claim: computed from the published cell and the own figure alone.
 * Why: compared with anything finer it would be a search: a viewer that moves its own figure would find the unrounded
 * mean. Argument: disclosure.proof.md, "Position".
 */
export function positionOf(metric: Metric, cell: Cell, own: number, policy: DisclosurePolicy): Position {
  if (cell.tier === 'T1') {
    const band = metric === 'LATE_SHARE' ? classBounds(classOf(own, policy.lateShareBands), policy.lateShareBands) : bandOf(clipDays(own, policy), policy);
    return compare(band.from - cell.from, 0);
  }
  if (metric === 'LATE_SHARE') return compare(shareClass(classOf(own, policy.lateShareClasses), policy.lateShareClasses).value - cell.value, 0);
  if (metric === 'PAYMENT_TERMS') {
    const classes = policy.termsClasses[cell.tier];
    return compare(classes[classOf(own, classes)]! - cell.value, 0);
  }
  return compare(clipDays(own, policy) - cell.value, cell.roundedTo / 2);
}

function compare(difference: number, tolerance: number): Position {
  if (difference < -tolerance) return 'BELOW';
  return difference > tolerance ? 'ABOVE' : 'SIMILAR';
}

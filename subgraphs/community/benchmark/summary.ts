import type { Metric } from '../../../src/values/metric.js';
import type { Cell } from './cell.js';
import { clipDays } from './input.js';
import { classOf } from './figure-class.js';
import type { DisclosurePolicy } from './policy.js';
import type { Position } from '../../../src/values/position.js';
import { positionOf } from './position.js';

/** A customer of the viewer with its published cell and the viewer's own figure in it. */
export interface Placed {
  readonly customerId: string;
  readonly cell: Cell;
  readonly own: number;
}

/** The same, and how far the own figure lies from what is shown: above is later. 0 where it is similar. */
export interface Gap extends Placed {
  readonly position: Position;
  readonly gap: number;
}

/** How a portfolio's customers pay the viewer against how they pay the members that share them. */
export interface Summary {
  readonly paidSooner: number;
  readonly paidSimilar: number;
  readonly paidLater: number;
  /** Every customer that is not similar, the largest gap first. */
  readonly gaps: readonly Gap[];
  /** Customers that pay the viewer on time and are late with the others, the largest gap first. */
  readonly hiddenSlowPayers: readonly Gap[];
}

/**
 * Paid on time: so near to the due date that it is no change by the policy, and at most the first class of a share. Late
 * with the others: what is shown lies beyond that by at least the finest step that every tier can show of it.
 */
const ON_TIME = { days: 5, share: 0.1 } as const;
const LATE = { days: 10, share: 0.25 } as const;

/**
 * Sums up a portfolio from published cells and the viewer's own figures.
 *
 * Claim: whoever reads the same customers one by one can compute all of it.
 * Why: a sum over customers that was made of anything finer would be another statistic of the same contributors.
 */
export function summarise(metric: Metric, placed: readonly Placed[], policy: DisclosurePolicy): Summary {
  const counts: Record<Position, number> = { BELOW: 0, SIMILAR: 0, ABOVE: 0 };
  const gaps: Gap[] = [];
  for (const customer of placed) {
    const position = positionOf(metric, customer.cell, customer.own, policy);
    counts[position] += 1;
    if (position !== 'SIMILAR') gaps.push({ ...customer, position, gap: gapOf(metric, customer.cell, customer.own, policy) });
  }
  // Equals by their id, so that a page does not change from one reading to the next.
  gaps.sort((one, other) => Math.abs(other.gap) - Math.abs(one.gap) || (one.customerId < other.customerId ? -1 : 1));
  return { paidSooner: counts.BELOW, paidSimilar: counts.SIMILAR, paidLater: counts.ABOVE, gaps, hiddenSlowPayers: gaps.filter((gap) => isHiddenSlowPayer(metric, gap)) };
}

/** How far an own figure that is not similar lies from what is shown: from the value, or from the nearest end of a band or class. */
function gapOf(metric: Metric, cell: Cell, own: number, policy: DisclosurePolicy): number {
  if (cell.tier !== 'T1' && metric === 'PAYMENT_TERMS') {
    const classes = policy.termsClasses[cell.tier];
    return classes[classOf(own, classes)]! - cell.value;
  }
  const counted = metric === 'LATE_SHARE' ? own : clipDays(own, policy);
  if (cell.tier !== 'T1' && metric !== 'LATE_SHARE') return counted - cell.value;
  const [from, to] = shownRange(cell);
  return counted < from ? counted - from : counted - to;
}

/** Only what is measured from the due date says who is late. */
function isHiddenSlowPayer(metric: Metric, { position, cell, own }: Gap): boolean {
  if (position !== 'BELOW') return false;
  if (metric === 'DAYS_BEYOND_TERMS') return own <= ON_TIME.days && (cell.tier === 'T1' ? cell.from : cell.value) >= LATE.days;
  return metric === 'LATE_SHARE' && own <= ON_TIME.share && shownRange(cell)[0] >= LATE.share;
}

/** Where a band or a class begins and ends. */
function shownRange(cell: Cell): readonly [number, number] {
  if (cell.tier === 'T1') return [cell.from, cell.to];
  // Through whole thousandths: 0.375 less half of 0.25 has no exact form in binary.
  return [Math.round((cell.value - cell.roundedTo / 2) * 1000) / 1000, Math.round((cell.value + cell.roundedTo / 2) * 1000) / 1000];
}

import type { Trend } from '../../../src/values/trend.js';

/**
 * How many points of a score a signal of weight 1 gives, by the way in which members' figures moved. A customer that others wait
 * longer for is a warning that the firm's own ledger does not have yet; that others are paid sooner is no promise to the firm,
 * and gives half of it. When only the own figure moved, the score knows that by itself.
 */
const POINTS: Readonly<Record<Trend, number>> = { WORSENING: -40, STABLE: 0, IMPROVING: 20 };

/** The whole points of a signal: those of its direction times its weight, from 0 to 1, halves towards zero. */
export function signalPoints(direction: Trend, weight: number): number {
  const points = POINTS[direction];
  // Adding zero makes of minus zero a zero.
  return Math.sign(points) * Math.ceil(Math.abs(points) * weight - 0.5) + 0;
}

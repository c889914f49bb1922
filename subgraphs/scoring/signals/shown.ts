import type { Metric } from '../../../src/values/metric.js';
import type { Position } from '../../../src/values/position.js';
import type { Trend } from '../../../src/values/trend.js';

/** What a firm is shown of how members are paid by one of its customers: a band, or a value with how coarse it is. */
export interface Shown {
  readonly from: number | null;
  readonly to: number | null;
  readonly value: number | null;
  readonly roundedTo: number | null;
  readonly direction: Trend | null;
  /** The firm's own figure; null: it told none. */
  readonly own: number | null;
  readonly position: Position | null;
}

/** A figure counts from 0 to 150 days in what is shown, so the own one counts so against it. */
const CLIP_DAYS = { lowest: 0, highest: 150 } as const;

/** The last classes of PAYMENT_TERMS have no upper bound: what is named 60 in steps of 30 begins there at 30, 90 in steps of 15 at 60. */
const OPEN_TERMS = [{ value: 60, roundedTo: 30, from: 30 }, { value: 90, roundedTo: 15, from: 60 }] as const;

/**
 * Which way what is shown has moved from one epoch to the next; `null` when it did not.
 *
 * It moved when its band or class is another, when a value in days differs by more than its rounding (the coarser one of the two),
 * when a band and a value have nothing in common, or when the own figure lies otherwise against it. WORSENING: members are paid
 * later than before, or on longer terms. STABLE: what is shown is the same, and only the firm's own figure moved against it.
 */
export function movementOf(metric: Metric, before: Shown, after: Shown): Trend | null {
  const { difference, isMove } = compare(metric, before, after);
  const turned = before.position !== null && after.position !== null && before.position !== after.position;
  if (!isMove && !turned) return null;
  if (difference === 0) return 'STABLE';
  return difference > 0 ? 'WORSENING' : 'IMPROVING';
}

function compare(metric: Metric, before: Shown, after: Shown): { readonly difference: number; readonly isMove: boolean } {
  if (before.from !== null && after.from !== null) return { difference: after.from - before.from, isMove: after.from !== before.from };
  const isDays = metric === 'DSO' || metric === 'DAYS_BEYOND_TERMS';
  if (before.value !== null && after.value !== null && (metric !== 'PAYMENT_TERMS' || before.roundedTo === after.roundedTo)) {
    const difference = after.value - before.value;
    return { difference, isMove: isDays ? Math.abs(difference) > Math.max(before.roundedTo ?? 0, after.roundedTo ?? 0) : difference !== 0 };
  }
  const [fromBefore, toBefore] = spanOf(metric, before);
  const [fromAfter, toAfter] = spanOf(metric, after);
  const difference = fromAfter >= toBefore ? 1 : toAfter <= fromBefore ? -1 : 0;
  return { difference, isMove: difference !== 0 };
}

/** Between which figures what is shown lies. */
function spanOf(metric: Metric, { from, to, value, roundedTo }: Shown): readonly [number, number] {
  if (from !== null && to !== null) return [from, to];
  const [middle, width] = [value ?? 0, roundedTo ?? 0];
  if (metric !== 'PAYMENT_TERMS') return [middle - width / 2, middle + width / 2];
  const open = OPEN_TERMS.find((last) => last.value === value && last.roundedTo === roundedTo);
  return open ? [open.from, Infinity] : [middle - width, middle];
}

/**
 * By how many days members are paid later than the firm: from its own figure to the value, or to the nearest end of the band. 0 while
 * the own figure is SIMILAR, below 0 when they are paid sooner; `null` without an own figure.
 */
export function gapOf({ from, to, value, own, position }: Shown): number | null {
  if (own === null || position === null) return null;
  if (position === 'SIMILAR') return 0;
  const counted = Math.min(Math.max(own, CLIP_DAYS.lowest), CLIP_DAYS.highest);
  const end = value ?? (position === 'BELOW' ? from : to) ?? counted;
  // Differences of hundredths, without the noise of binary.
  return Math.round((end - counted) * 1000) / 1000;
}

/** What is shown as a short text: `40`, or `30–60`. */
export function shownText({ from, to, value }: Shown): string {
  return value === null ? `${from}–${to}` : String(value);
}

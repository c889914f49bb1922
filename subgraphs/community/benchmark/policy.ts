import { METRICS, type Metric } from '../../../src/values/metric.js';

/**
 * Every number of the disclosure policy (DISCLOSURE.md, "Policy v1"), in one place. A published cell records the version it was made under, so a number
 * changes only together with the version.
 *
 * Days are days; shares are from 0 to 1.
 */
export interface DisclosurePolicy {
  readonly version: number;
  /** Fewest other contributors of each tier; below the first nothing is shown. */
  readonly fewestOthers: { readonly T1: number; readonly T2: number; readonly T3: number };
  /** A figure beyond these counts as the bound. */
  readonly clipDays: { readonly lowest: number; readonly highest: number };
  /** Inputs are rounded to this before they are averaged. */
  readonly bucketDays: { readonly T1: number; readonly T2: number; readonly T3: number };
  /** The mean is rounded to this; in T1 it is the width of the band. */
  readonly shownDays: { readonly T1: number; readonly T2: number; readonly T3: number };
  readonly quartileDays: number;
  /** How far one contributor's input may move from one epoch to the next. */
  readonly movementDays: number;
  /** Direction: how far back it looks, what counts as no change, and the part of the contributors that must agree. */
  readonly direction: { readonly months: number; readonly deadZoneDays: number; readonly deadZoneShare: number; readonly agreement: { readonly parts: number; readonly of: number } };
  /** Upper bounds of the classes of LATE_SHARE; a share on a bound belongs to the class below it. */
  readonly lateShareClasses: readonly number[];
  /** The same for the wide bands of T1. */
  readonly lateShareBands: readonly number[];
  /** Upper bounds of the classes of PAYMENT_TERMS; the last takes whatever is longer. */
  readonly termsClasses: { readonly T2: readonly number[]; readonly T3: readonly number[] };
  readonly termsRoundedTo: { readonly T2: number; readonly T3: number };
  /** Days of membership before a contribution counts. */
  readonly tenureDays: number;
  /** A cell is held while more than `held` of its panel joined less than `days` before its publication. */
  readonly newcomers: { readonly days: number; readonly held: number };
  /** A panel changes only by at least this many joins and leaves together … */
  readonly fewestPanelChanges: number;
  /** … and by one for one only if this many others are in it. */
  readonly fewestOthersForSwap: number;
  /** Secret shifts of means before they are rounded (edge-shift.ts). */
  readonly edgeShift: EdgeShiftNumbers;
  readonly gate: GateNumbers;
  /** Months for which a panel's member without a new figure counts with its last one. */
  readonly carryMonths: number;
  /** A firm reads while it told a figure of a month that ended at most this long ago, or that the latest epoch is made of. */
  readonly freshDays: number;
  /** How long after its period an epoch is published. */
  readonly publishedAfterDays: { readonly PAYMENT: number; readonly TERMS: number };
  /** Comparing with one consenting member: figures this near to one another are similar. */
  readonly pair: { readonly similarDays: number; readonly similarShare: number };
}

/** Means are shifted where their edges could be found, or would say too much. Days of days, shares of shares. */
export interface EdgeShiftNumbers {
  /** Two members that have together moved this much further than two others would have may be looking for edges. */
  readonly sweptDays: number;
  readonly sweptShare: number;
  /** Then by up to half of what is shown, so that the edges may lie anywhere. */
  readonly days: { readonly T1: number; readonly T2: number; readonly T3: number };
  /** Classes of shares are too wide for that; by this much. */
  readonly share: { readonly T1: number; readonly T2: number; readonly T3: number };
  /** A band that says too much of somebody, for an edge is near: by up to this. */
  readonly besideDays: number;
}

/** The numbers of the release gate (disclosure-gate.ts). */
export interface GateNumbers {
  /** How wide what a coalition can infer of another member must stay. */
  readonly widthDays: { readonly T1: number; readonly T2: number; readonly T3: number };
  readonly widthShare: { readonly T1: number; readonly T2: number; readonly T3: number };
  /**
   * What a group must have for a mean of days, rather than a band: so much together without its two largest, and without its largest.
   * The same below the upper bound.
   */
  readonly figureDays: { readonly withoutTwo: number; readonly withoutOne: number };
  /** How many published epochs of a cell it looks back. */
  readonly epochs: number;
  /** Up to how many contributors every coalition is gone through one by one. */
  readonly exactUpTo: number;
}

export const POLICY_V1: DisclosurePolicy = {
  version: 1,
  fewestOthers: { T1: 3, T2: 5, T3: 10 },
  clipDays: { lowest: 0, highest: 150 },
  bucketDays: { T1: 5, T2: 10, T3: 5 },
  shownDays: { T1: 30, T2: 10, T3: 5 },
  quartileDays: 10,
  movementDays: 10,
  direction: { months: 3, deadZoneDays: 5, deadZoneShare: 0.05, agreement: { parts: 2, of: 3 } },
  lateShareClasses: [0.1, 0.25, 0.5, 1],
  lateShareBands: [0.25, 1],
  termsClasses: { T2: [30, 60], T3: [30, 45, 60, 90] },
  termsRoundedTo: { T2: 30, T3: 15 },
  tenureDays: 90,
  newcomers: { days: 180, held: 1 / 2 },
  fewestPanelChanges: 2,
  fewestOthersForSwap: 5,
  edgeShift: { sweptDays: 30, sweptShare: 0.3, days: { T1: 15, T2: 5, T3: 2.5 }, share: { T1: 0.1, T2: 0.05, T3: 0.025 }, besideDays: 5 },
  gate: {
    widthDays: { T1: 30, T2: 20, T3: 10 },
    widthShare: { T1: 0.2, T2: 0.15, T3: 0.1 },
    figureDays: { withoutTwo: 30, withoutOne: 50 },
    epochs: 24,
    exactUpTo: 30,
  },
  carryMonths: 3,
  freshDays: 45,
  publishedAfterDays: { PAYMENT: 30, TERMS: 90 },
  pair: { similarDays: 15, similarShare: 0.25 },
};

/** The policy under which cells are made now. */
export const POLICY = POLICY_V1;

/** Metrics that are published together: how a customer pays monthly, on what terms quarterly. */
export type Family = 'PAYMENT' | 'TERMS';

export function familyOf(metric: Metric): Family {
  return metric === 'PAYMENT_TERMS' ? 'TERMS' : 'PAYMENT';
}

export function metricsOf(family: Family): readonly Metric[] {
  return METRICS.filter((metric) => familyOf(metric) === family);
}

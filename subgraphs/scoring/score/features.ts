/**
 * What a score is made of, of one customer on one day. `null`: not known, or nothing to tell it by; every characteristic has
 * points for that. What is here, and the version of the model, is all that a score depends on.
 */
export interface Features {
  /** Payment behaviour index, 0 to 100, rounded. INDICATORS.md, "Payment behaviour index". */
  readonly index: number | null;
  /** Points by which the index of the last 3 months is above that of the last 12; below zero when it is worse. */
  readonly trendPoints: number | null;
  /** What is open and more than 30 days past due ÷ what is open: 0 to 1. */
  readonly shareBeyond30: number | null;
  /** What stands against the credit limit ÷ the limit. */
  readonly utilisation: number | null;
  /** Disputes that are open. */
  readonly openDisputes: number | null;
  /** Promises to pay that were broken in the last 12 months. */
  readonly brokenPromises: number | null;
  /** Whole months since the first invoice. */
  readonly relationMonths: number | null;
  /** Days by which it pays other members later than this firm, as the benchmark was published; below zero: earlier. */
  readonly benchmarkGap: number | null;
  /** 1 when an insolvency notice stands against it, else 0. */
  readonly insolvent: number | null;
  /** Ratios of its newest financial statement, by their codes; none when there is no statement. */
  readonly statement: Readonly<Record<string, number | null>> | null;
}

/** A feature that is one number. */
export type FeatureName = Exclude<keyof Features, 'statement'>;

/** What a rule watches of a customer. */
export const ALERT_METRICS = ['RISK_SCORE', 'RISK_BAND', 'PAYMENT_BEHAVIOUR', 'OVERDUE', 'DSO', 'CREDIT_UTILISATION', 'BENCHMARK'] as const;
export type AlertMetric = (typeof ALERT_METRICS)[number];

/** Which moves a rule is about. */
export const ALERT_DIRECTIONS = ['UP', 'DOWN', 'BOTH'] as const;
export type AlertDirection = (typeof ALERT_DIRECTIONS)[number];
/** Which way a figure moved. */
export type MoveDirection = Exclude<AlertDirection, 'BOTH'>;

export interface MetricScale {
  /** The least and the most that a figure can be; null where nothing bounds it. */
  readonly lowest: number | null;
  readonly highest: number | null;
  /** Whether only whole numbers mean something. */
  readonly whole: boolean;
  /** By how much a figure must have gone back behind a threshold before that is crossed anew. */
  readonly margin: number;
  /** The margin is this share of the threshold where that is more. */
  readonly marginShare: number;
}

/**
 * The scales of the metrics. UP is the larger number: a score, a behaviour and a band (E = 1 … A = 5) that rise are better, the
 * others worse. Margins are what a figure does by itself: the dead zone of the behaviour's trend, a twentieth of a limit, the
 * days by which a DSO moves within a week.
 */
export const SCALES: Readonly<Record<AlertMetric, MetricScale>> = {
  RISK_SCORE: { lowest: 0, highest: 1000, whole: false, margin: 20, marginShare: 0 },
  RISK_BAND: { lowest: 1, highest: 5, whole: true, margin: 1, marginShare: 0 },
  PAYMENT_BEHAVIOUR: { lowest: 0, highest: 100, whole: false, margin: 3, marginShare: 0 },
  OVERDUE: { lowest: 0, highest: null, whole: false, margin: 1, marginShare: 0.05 },
  DSO: { lowest: 0, highest: null, whole: false, margin: 5, marginShare: 0 },
  CREDIT_UTILISATION: { lowest: 0, highest: null, whole: false, margin: 0.05, marginShare: 0 },
  BENCHMARK: { lowest: null, highest: null, whole: false, margin: 3, marginShare: 0 },
};

/** How far a figure must go back behind a threshold before that is crossed anew, in the figure's own unit. */
export function marginOf(metric: AlertMetric, threshold: number): number {
  const { margin, marginShare } = SCALES[metric];
  return Math.max(margin, threshold * marginShare);
}

import { brierOf, decilesOf, type Decile } from './calibration.js';
import { bootstrap, delong, delongDifference, type Interval } from './discrimination.js';
import type { Sample } from './fit.js';

/** What a card is compared with: one figure of risk a row, higher is worse; null where it cannot be computed. */
export interface Baseline {
  readonly name: string;
  readonly risk: readonly (number | null)[];
  /** Shown, and not demanded: more than was asked for, or chosen on the very rows it is judged on. */
  readonly shownOnly?: boolean;
}

/** How a card does on rows that it has not learned from. */
export interface Verdict {
  readonly name: string;
  readonly rows: number;
  readonly bad: number;
  readonly groups: number;
  /** DeLong's interval, and the one of a bootstrap of whole companies or customers. */
  readonly area: Interval;
  readonly drawnArea: Interval;
  readonly gini: number;
  readonly brier: number;
  /** The Brier score of saying the rate of the bad for every row: what anything has to beat. */
  readonly brierOfRate: number;
  readonly said: number;
  readonly deciles: readonly Decile[];
  readonly against: readonly { readonly name: string; readonly shownOnly: boolean; readonly area: Interval; readonly lead: Interval; readonly drawnLead: Interval }[];
}

/** Holds what a card said of rows to what came, with the baselines on the same rows. A baseline that is not known of a row takes its median there. */
export function judge(name: string, probabilities: readonly number[], samples: readonly Sample[], baselines: readonly Baseline[], seed: number): Verdict {
  const bad = samples.map((sample) => sample.bad);
  const group = samples.map((sample) => sample.group);
  const risk = probabilities;
  const others = baselines.map((baseline) => ({ name: baseline.name, shownOnly: baseline.shownOnly ?? false, risk: withMedian(baseline.risk) }));
  const drawn = bootstrap([risk, ...others.map((other) => other.risk)], { bad, group }, seed);
  const area = delong({ risk, bad });
  const failed = bad.filter(Boolean).length;
  const rate = failed / bad.length;
  return {
    name, rows: bad.length, bad: failed, groups: new Set(group).size, area, drawnArea: drawn.areas[0]!, gini: 2 * area.value - 1,
    brier: brierOf(probabilities, bad), brierOfRate: rate * (1 - rate), said: probabilities.reduce((sum, probability) => sum + probability, 0) / bad.length,
    deciles: decilesOf(probabilities, bad),
    against: others.map((other, index) => ({ name: other.name, shownOnly: other.shownOnly, area: delong({ risk: other.risk, bad }), lead: delongDifference(risk, other.risk, bad), drawnLead: drawn.leads[index]! })),
  };
}

function withMedian(risk: readonly (number | null)[]): number[] {
  const known = risk.filter((value) => value !== null).toSorted((one, other) => one - other);
  const median = known[Math.floor(known.length / 2)] ?? 0;
  return risk.map((value) => value ?? median);
}

/**
 * Whether the card beats every baseline that is demanded: the lower bound of its area (DeLong) is above the
 * baseline's, and so is the lower bound of its lead above none, also where whole groups are drawn.
 */
export function beatsAll({ area, against }: Verdict): boolean {
  return against.every((other) => other.shownOnly || (area.low > other.area.value && Math.min(other.lead.low, other.drawnLead.low) > 0));
}

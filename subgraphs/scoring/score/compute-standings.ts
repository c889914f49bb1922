import type { Reader } from '../../../src/database/firm-reads.js';
import type { PaymentBehaviour } from '../behaviour/payment-behaviour.js';
import type { ContextShift } from '../context/context-event.js';
import { factorOfShift } from '../context/context-factor.js';
import { readContextShifts } from '../context/read-context-shifts.js';
import { readShownBenchmarks } from '../signals/read-shown-benchmarks.js';
import { readIntegratedSignals } from '../signals/read-integrated-signals.js';
import { gapOf, type Shown } from '../signals/shown.js';
import { readInsolvencies } from '../statements/read-insolvencies.js';
import { readStatementRatios } from '../statements/read-statement-ratios.js';
import type { Features } from './features.js';
import { computeMeasures, type Owed } from './compute-measures.js';
import { latenessOutlook, type LatenessOutlook } from './lateness-outlook.js';
import { scoreOf, type Score } from './model.js';
import { CURRENT_MODEL } from './models.js';
import { readLatenessHabits } from './read-lateness-habits.js';
import type { Factor } from './scorecard.js';

/** How a customer stands on a day: how it pays, its score, all that these were computed from, and how likely its next invoice is late. */
export interface Standing {
  readonly behaviour: PaymentBehaviour | null;
  readonly features: Features;
  readonly score: Score;
  readonly modelVersion: string;
  readonly lateness: LatenessOutlook | null;
}

/** A standing as it was just computed, with what alerts and simulations look at beside it. */
export interface ComputedStanding extends Standing {
  readonly owed: readonly Owed[];
  /** The published days beyond terms that the firm is shown. */
  readonly benchmark: Shown | null;
  /** What integrated signals give to the score. */
  readonly signals: readonly Factor[];
}

/** Computes how these customers of the reader's firm stand on `today`; who is not known is not in it. */
export async function computeStandings(em: Reader, customerIds: readonly string[], today: Temporal.PlainDate): Promise<ReadonlyMap<string, ComputedStanding>> {
  const [measured, habits, ratios, insolvencies, shifts, benchmarks, integrated] = await Promise.all([
    computeMeasures(em, customerIds, today),
    readLatenessHabits(em, customerIds, today),
    readStatementRatios(em, customerIds, today),
    readInsolvencies(em, customerIds, today),
    readContextShifts(em, customerIds, today),
    readShownBenchmarks(em, customerIds),
    readIntegratedSignals(em, customerIds, today),
  ]);
  return new Map([...measured].map(([customerId, { behaviour, features: known, owed }]) => {
    const benchmark = benchmarks.get(customerId) ?? null;
    const features: Features = { ...known, benchmarkGap: benchmark && gapOf(benchmark), insolvent: insolvencies.has(customerId) ? 1 : 0, statement: ratios.get(customerId) ?? null };
    const signals = integrated.get(customerId) ?? [];
    const paying = habits.get(customerId);
    return [customerId, {
      behaviour, features, owed, benchmark, signals, score: scoreUnder({ features, signals }, shifts.get(customerId) ?? []), modelVersion: CURRENT_MODEL.version,
      lateness: paying ? latenessOutlook(paying) : null,
    }];
  }));
}

/** The score of a customer that stands like this, while these context events apply to it. */
export function scoreUnder({ features, signals }: Pick<ComputedStanding, 'features' | 'signals'>, shifts: readonly ContextShift[]): Score {
  return scoreOf(CURRENT_MODEL, features, [...shifts.map(factorOfShift), ...signals]);
}

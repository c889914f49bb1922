import type { Reader } from '../../../src/database/firm-reads.js';
import type { PaymentBehaviour } from '../behaviour/payment-behaviour.js';
import type { Features } from './features.js';
import { measureCustomers, type Owed } from './measure-customers.js';
import { scoreOf, type Score } from './model.js';
import { CURRENT_MODEL } from './models.js';

/** How a customer stands on a day: how it pays, its score, and all that these were computed from. */
export interface Standing {
  readonly behaviour: PaymentBehaviour | null;
  readonly features: Features;
  readonly score: Score;
  readonly modelVersion: string;
}

/** A standing as it was just computed, with what alerts look at beside it. */
export interface ComputedStanding extends Standing {
  readonly owed: readonly Owed[];
}

/** Computes how these customers of the reader's firm stand on `today`; who is not known is not in it. */
export async function computeStandings(em: Reader, customerIds: readonly string[], today: Temporal.PlainDate): Promise<ReadonlyMap<string, ComputedStanding>> {
  const measured = await measureCustomers(em, customerIds, today);
  return new Map([...measured].map(([customerId, { behaviour, features: known, owed }]) => {
    const features: Features = { ...known, benchmarkGap: null, insolvent: null, statement: null };
    return [customerId, { behaviour, features, owed, score: scoreOf(CURRENT_MODEL, features), modelVersion: CURRENT_MODEL.version }];
  }));
}

import { LATENESS } from './cards/lateness-2026-11.js';
import { LEAST_INVOICES, type LatenessHabit, type LatenessHabits } from './lateness-habits.js';
import type { Factor } from './scorecard.js';
import { probabilityAt, scoreOfCard, type Observed, type TrainedCard } from './trained-card.js';

/** How likely the next invoice of a customer is late, and why. */
export interface LatenessOutlook {
  /** 0 to 1. */
  readonly chance: number;
  /** Higher is safer; the base and the contributions of its factors. */
  readonly value: number;
  readonly base: number;
  readonly factors: readonly Factor[];
  readonly modelVersion: string;
}

/** Decimals of what is observed: what is shown is what was counted with, so whoever has it and the card has the value. */
const OBSERVED_DECIMALS = 6;

/** Every version that was ever used, the newest last. */
const CARDS: readonly TrainedCard[] = [LATENESS];

export const CURRENT_LATENESS_CARD = CARDS.at(-1)!;

/** The card of that version; nothing when there was none. */
export function latenessCardOf(version: string): TrainedCard | undefined {
  return CARDS.find((card) => card.version === version);
}

/** The chance that an invoice issued now is late, by the habits of its customer; null while they are of too few invoices. */
export function latenessOutlook({ invoiceCount, ...habits }: LatenessHabits): LatenessOutlook | null {
  if (invoiceCount < LEAST_INVOICES) return null;
  const { value, base, factors } = scoreOfCard(CURRENT_LATENESS_CARD, rounded(habits));
  return {
    chance: probabilityAt(CURRENT_LATENESS_CARD, value), value, base,
    factors: factors.map(({ code, contribution, observed }) => ({ code, contribution, observed: observed === null ? null : String(observed) })),
    modelVersion: CURRENT_LATENESS_CARD.version,
  };
}

function rounded(habits: Readonly<Record<LatenessHabit, number | null>>): Observed {
  return Object.fromEntries(Object.entries(habits).map(([code, value]) => [code, value === null ? null : Number(value.toFixed(OBSERVED_DECIMALS))]));
}

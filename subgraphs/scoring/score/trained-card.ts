/** What is known of a customer, by the code of the characteristic; null or absent is not known. */
export type Observed = Readonly<Record<string, number | null | undefined>>;

/** One characteristic of a scorecard: what is observed falls into one of its bins, and the bin has points. */
export interface Characteristic {
  readonly code: string;
  /** In rising order. A value belongs to the first bin whose bound it is below; the last bin has none. */
  readonly bins: readonly Bin[];
  /** Points where nothing is known. */
  readonly unknown: number;
}

export interface Bin {
  readonly below: number | null;
  /** Whole; positive is safer than the average of those the card was made of. */
  readonly points: number;
}

/** A card that was learned from data, and is data: the same card and the same observations give the same value for ever. */
export interface TrainedCard {
  readonly version: string;
  /** The value of somebody of whom nothing is known. */
  readonly base: number;
  /** The value at which good and bad are equally likely. */
  readonly at: number;
  /** Points by which the odds of good to bad grow e-fold. */
  readonly scale: number;
  readonly characteristics: readonly Characteristic[];
}

export interface Factor {
  readonly code: string;
  readonly contribution: number;
  readonly observed: number | null;
}

export interface Scored {
  /** Higher is safer; base and contributions add up to it. */
  readonly value: number;
  readonly base: number;
  readonly factors: readonly Factor[];
}

/** The value of a card for what is observed, and every characteristic's part in it: base + Σ contributions = value. */
export function scoreOfCard(card: TrainedCard, observed: Observed): Scored {
  const factors = card.characteristics.map((characteristic) => {
    const value = observed[characteristic.code] ?? null;
    return { code: characteristic.code, contribution: pointsOf(characteristic, value), observed: value };
  });
  return { value: factors.reduce((sum, { contribution }) => sum + contribution, card.base), base: card.base, factors };
}

/** How likely the bad outcome is at a value of the card, between 0 and 1. */
export function probabilityAt(card: Pick<TrainedCard, 'at' | 'scale'>, value: number): number {
  return 1 / (1 + Math.exp((value - card.at) / card.scale));
}

/** The points of one observed value. */
export function pointsOf({ bins, unknown }: Characteristic, observed: number | null): number {
  if (observed === null || Number.isNaN(observed)) return unknown;
  return bins.find(({ below }) => below === null || observed < below)!.points;
}

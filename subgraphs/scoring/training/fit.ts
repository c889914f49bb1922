import { pointsOf, probabilityAt, scoreOf, type Characteristic, type Observed, type Scorecard } from '../score/scorecard.js';
import { placeOf } from './chance.js';
import { fitLogistic } from './logistic.js';
import { informationOf, monotoneBins, type Safer, type WeighedBin } from './monotone-bins.js';

/** One row that a card learns from or is held to. */
export interface Sample {
  readonly observed: Observed;
  readonly bad: boolean;
  /** The company or customer. */
  readonly group: string;
}

/** What may become a characteristic, and which way it must point. */
export interface Candidate {
  readonly code: string;
  readonly safer: Safer;
}

/** Penalties that are tried. */
const PENALTIES = [1, 3, 10, 30, 100];
const FOLDS = 5;
/** The value runs from 0 to 1000; the scale is the largest, up to this one, with which no card can leave that. */
const MOST_SCALE = 100;
/** A characteristic that moves the value by fewer points than this is left out. */
const LEAST_SPREAD = 12;

/**
 * A scorecard of monotone bins: weight of evidence of each, times a coefficient that is not negative, in whole points.
 * What is not known has no points: why a value is missing here is no reason elsewhere.
 */
export function fitScorecard(version: string, samples: readonly Sample[], candidates: readonly Candidate[], seed: number): Scorecard {
  const penalty = choosePenalty(samples, candidates, seed);
  let chosen = candidates;
  for (;;) {
    const card = cardOf(version, samples, chosen, penalty);
    const kept = chosen.filter(({ code }) => spreadOf(card.characteristics.find((characteristic) => characteristic.code === code)) >= LEAST_SPREAD);
    if (kept.length === chosen.length) return card;
    chosen = kept;
  }
}

/** What a card says of a sample: the probability of the bad outcome. */
export function probabilityOf(card: Scorecard, { observed }: Pick<Sample, 'observed'>): number {
  return probabilityAt(card, scoreOf(card, observed).value);
}

/** What cards that have not seen a sample's group say of it, in the samples' order; null of those not asked for. */
export function crossFitted(samples: readonly Sample[], isLearned: (sample: Sample) => boolean, isHeld: (sample: Sample) => boolean, candidates: readonly Candidate[], seed: number): (number | null)[] {
  const folds = samples.map(({ group }) => Math.floor(placeOf(group, seed) * FOLDS));
  const said: (number | null)[] = samples.map(() => null);
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const card = fitScorecard('', samples.filter((sample, row) => folds[row] !== fold && isLearned(sample)), candidates, seed + 1);
    samples.forEach((sample, row) => {
      if (folds[row] === fold && isHeld(sample)) said[row] = probabilityOf(card, sample);
    });
  }
  return said;
}

/** The penalty with the least logarithmic loss on groups that were not learned from. */
function choosePenalty(samples: readonly Sample[], candidates: readonly Candidate[], seed: number): number {
  const folds = samples.map(({ group }) => Math.floor(placeOf(group, seed) * FOLDS));
  const losses = PENALTIES.map(() => 0);
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const learned = samples.filter((_, row) => folds[row] !== fold);
    const held = samples.filter((_, row) => folds[row] === fold);
    const evidence = evidenceOf(learned, candidates);
    const columns = columnsOf(evidence, learned);
    const heldColumns = columnsOf(evidence, held);
    PENALTIES.forEach((penalty, index) => {
      const { intercept, coefficients } = fitLogistic(columns, learned.map(({ bad }) => bad), penalty);
      held.forEach(({ bad }, row) => {
        const logit = coefficients.reduce((sum, coefficient, column) => sum + coefficient * heldColumns[column]![row]!, intercept);
        losses[index] = losses[index]! + Math.log1p(Math.exp(bad ? -logit : logit));
      });
    });
  }
  return PENALTIES[losses.indexOf(Math.min(...losses))]!;
}

interface Evidence {
  readonly code: string;
  readonly bins: readonly WeighedBin[];
}

function evidenceOf(samples: readonly Sample[], candidates: readonly Candidate[]): Evidence[] {
  const bad = samples.map((sample) => sample.bad);
  return candidates
    .map(({ code, safer }) => ({ code, bins: monotoneBins(samples.map(({ observed }) => observed[code] ?? null), bad, safer) }))
    .filter(({ bins }) => bins.length > 1 && informationOf(bins) > 0.02);
}

/** Risk, not safety: a higher column is worse. */
function columnsOf(evidence: readonly Evidence[], samples: readonly Sample[]): Float64Array[] {
  return evidence.map(({ code, bins }) => {
    const weights: Characteristic = { code, unknown: 0, bins: bins.map(({ below, weight }) => ({ below, points: weight })) };
    return Float64Array.from(samples, ({ observed }) => -pointsOf(weights, observed[code] ?? null));
  });
}

function cardOf(version: string, samples: readonly Sample[], candidates: readonly Candidate[], penalty: number): Scorecard {
  const evidence = evidenceOf(samples, candidates);
  const { intercept, coefficients } = fitLogistic(columnsOf(evidence, samples), samples.map(({ bad }) => bad), penalty);
  const used = evidence.map((one, index) => ({ ...one, coefficient: coefficients[index]! })).filter(({ coefficient }) => coefficient > 0);
  const lowest = used.reduce((sum, { bins, coefficient }) => sum + coefficient * Math.min(...bins.map(({ weight }) => weight)), 0);
  const highest = used.reduce((sum, { bins, coefficient }) => sum + coefficient * Math.max(...bins.map(({ weight }) => weight)), 0);
  // Rounding may add half a point a characteristic at both ends.
  const scale = Math.min(MOST_SCALE, Math.floor((1000 - used.length) / (highest - lowest)));
  const characteristics = used.map(({ code, bins, coefficient }) => ({ code, unknown: 0, bins: joinAlike(bins.map(({ below, weight }) => ({ below, points: Math.round(scale * coefficient * weight) }))) }));
  const least = characteristics.reduce((sum, { bins }) => sum + Math.min(...bins.map(({ points }) => points)), 0);
  const most = characteristics.reduce((sum, { bins }) => sum + Math.max(...bins.map(({ points }) => points)), 0);
  const base = Math.round((1000 - most - least) / 2);
  // logit of the bad = intercept − Σ points ÷ scale, and it is 0 at the value `at`.
  return { version, base, at: Number((base + scale * intercept).toFixed(3)), scale, characteristics };
}

/** Neighbours that were rounded to the same points are one bin. */
function joinAlike(bins: readonly { readonly below: number | null; readonly points: number }[]): { below: number | null; points: number }[] {
  return bins.filter(({ points }, index) => points !== bins[index + 1]?.points);
}

function spreadOf(characteristic: Characteristic | undefined): number {
  if (!characteristic) return 0;
  const points = characteristic.bins.map((bin) => bin.points);
  return Math.max(...points) - Math.min(...points);
}

import { pointsOf, probabilityAt, scoreOfCard, type Characteristic, type Observed, type TrainedCard } from '../score/trained-card.js';
import { placeOf } from './chance.js';
import { fitLogistic, type Fitted } from './logistic.js';
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

/** On the squares of the coefficients. */
const PENALTY = 10;
/** Few characteristics explain themselves better than many. */
const MOST_CHARACTERISTICS = 10;
const FOLDS = 5;
/** 50 points double the odds, unless the value could then leave 0 to 1000. */
const MOST_SCALE = Number((50 / Math.LN2).toFixed(6));
/** A characteristic that moves the value by fewer points than this is left out. */
const LEAST_SPREAD = 10;

/**
 * A scorecard of monotone bins: weight of evidence of each, times a coefficient that is not negative, in whole points.
 * What is not known has no points: why a value is missing here is no reason elsewhere.
 */
export function fitScorecard(version: string, samples: readonly Sample[], candidates: readonly Candidate[], seed: number): TrainedCard {
  const evidence = evidenceOf(samples, candidates);
  const path = pathOf(columnsOf(evidence, samples), samples.map(({ bad }) => bad), chooseSize(samples, candidates, seed)).at(-1);
  let chosen = evidence.filter((_, index) => path?.columns.includes(index));
  for (;;) {
    const card = cardOf(version, samples, chosen);
    const kept = chosen.filter(({ code }) => spreadOf(card.characteristics.find((characteristic) => characteristic.code === code)) >= LEAST_SPREAD);
    if (kept.length === chosen.length) return card;
    chosen = kept;
  }
}

/** What a card says of a sample: the probability of the bad outcome. */
export function probabilityOf(card: TrainedCard, { observed }: Pick<Sample, 'observed'>): number {
  return probabilityAt(card, scoreOfCard(card, observed).value);
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

/** How many characteristics have the least logarithmic loss on groups that were not learned from. */
function chooseSize(samples: readonly Sample[], candidates: readonly Candidate[], seed: number): number {
  const folds = samples.map(({ group }) => Math.floor(placeOf(group, seed) * FOLDS));
  const losses = Array.from({ length: MOST_CHARACTERISTICS }, () => 0);
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const learned = samples.filter((_, row) => folds[row] !== fold);
    const held = samples.filter((_, row) => folds[row] === fold);
    const evidence = evidenceOf(learned, candidates);
    const columns = columnsOf(evidence, learned);
    const heldColumns = columnsOf(evidence, held);
    const bad = learned.map((sample) => sample.bad);
    const path = pathOf(columns, bad, MOST_CHARACTERISTICS);
    losses.forEach((_, index) => {
      const logits = logitsOf(path[Math.min(index, path.length - 1)] ?? { columns: [], ...fitLogistic([], bad, PENALTY) }, heldColumns, held.length);
      held.forEach((sample, row) => {
        const against = sample.bad ? -logits[row]! : logits[row]!;
        losses[index] = losses[index]! + Math.log1p(Math.exp(-Math.abs(against))) + Math.max(0, against);
      });
    });
  }
  return losses.indexOf(Math.min(...losses)) + 1;
}

interface Step extends Fitted {
  readonly columns: readonly number[];
}

/** One column more at each step: the one that explains most of what those before it leave unexplained (score test). */
function pathOf(columns: readonly Float64Array[], bad: readonly boolean[], size: number): Step[] {
  const path: Step[] = [];
  let { intercept, coefficients } = fitLogistic([], bad, PENALTY);
  let chosen: readonly number[] = [];
  while (path.length < Math.min(size, columns.length)) {
    const said = logitsOf({ columns: chosen, intercept, coefficients }, columns, bad.length).map((logit) => 1 / (1 + Math.exp(-logit)));
    const gains = columns.map((column, index) => (chosen.includes(index) ? 0 : gainOf(column, said, bad)));
    const best = gains.indexOf(Math.max(...gains));
    if (gains[best]! <= 0) break;
    chosen = [...chosen, best];
    ({ intercept, coefficients } = fitLogistic(chosen.map((column) => columns[column]!), bad, PENALTY));
    path.push({ columns: chosen, intercept, coefficients });
  }
  return path;
}

function logitsOf({ columns: chosen, intercept, coefficients }: Step, columns: readonly Float64Array[], rows: number): Float64Array {
  const logits = new Float64Array(rows).fill(intercept);
  chosen.forEach((index, place) => {
    const column = columns[index]!;
    const coefficient = coefficients[place]!;
    for (let row = 0; row < rows; row += 1) logits[row] = logits[row]! + coefficient * column[row]!;
  });
  return logits;
}

/** How much a column would add, if its coefficient were to be positive; none or less otherwise. */
function gainOf(column: Float64Array, said: Float64Array, bad: readonly boolean[]): number {
  let slope = 0;
  let curve = PENALTY;
  for (let row = 0; row < column.length; row += 1) {
    const value = column[row]!;
    slope += value * ((bad[row]! ? 1 : 0) - said[row]!);
    curve += value * value * said[row]! * (1 - said[row]!);
  }
  return slope <= 0 ? 0 : (slope * slope) / curve;
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

function cardOf(version: string, samples: readonly Sample[], evidence: readonly Evidence[]): TrainedCard {
  const { intercept, coefficients } = fitLogistic(columnsOf(evidence, samples), samples.map(({ bad }) => bad), PENALTY);
  const used = evidence.map((one, index) => ({ ...one, coefficient: coefficients[index]! })).filter(({ coefficient }) => coefficient > 0);
  const lowest = used.reduce((sum, { bins, coefficient }) => sum + coefficient * Math.min(...bins.map(({ weight }) => weight)), 0);
  const highest = used.reduce((sum, { bins, coefficient }) => sum + coefficient * Math.max(...bins.map(({ weight }) => weight)), 0);
  // Rounding may add half a point a characteristic at both ends.
  const scale = Math.min(MOST_SCALE, Math.floor((1000 - used.length) / (highest - lowest)));
  // Adding nothing turns −0 into 0.
  const characteristics = used.map(({ code, bins, coefficient }) => ({ code, unknown: 0, bins: joinAlike(bins.map(({ below, weight }) => ({ below, points: Math.round(scale * coefficient * weight) + 0 }))) }));
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

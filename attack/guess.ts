/** What the attackers know in one trial, as numbers, always in the same places. */
export interface View {
  readonly known: Float64Array;
  /** What is known only as a kind, such as which months were published: views of one kind are compared with each other. */
  readonly kind: string;
}

/** A view whose secret the attacker made up itself. */
export interface Rehearsal {
  readonly view: View;
  readonly secret: number;
}

/** How near a guess must come, in days. */
export const NEAR = 5;

/** Fewest rehearsals of one kind to learn from it alone: this many, and four for each number known. */
const FEWEST_OF_KIND = 150;
const NEIGHBOURS = 160;

export type Guess = (view: View) => number;

/**
 * The attacker: it knows the policy, the code and how the world is made, and has played this very scenario thousands of
 * times with secrets of its own. It guesses where most of the posterior lies within five days.
 *
 * The posterior is estimated by regression (semi-automatic ABC, Fearnhead and Prangle 2012): ridge regression of the secret on
 * all that is known gives the posterior mean where the world is linear, which it is but for rounding; among the rehearsals
 * nearest in that mean, the window that holds most secrets is the guess. Of the mean and the window, whichever did better on
 * rehearsals put aside is used. Kinds seen often are learnt alone, so what is withheld is evidence too.
 */
export function learn(rehearsals: readonly Rehearsal[]): Guess {
  const width = rehearsals[0]!.view.known.length;
  const general = learnOneKind(rehearsals);
  const special = new Map<string, Guess>();
  for (const [kind, some] of Map.groupBy(rehearsals, ({ view }) => view.kind)) {
    if (some.length < rehearsals.length && some.length >= FEWEST_OF_KIND + 4 * width) special.set(kind, learnOneKind(some));
  }
  return (view) => (special.get(view.kind) ?? general)(view);
}

function learnOneKind(rehearsals: readonly Rehearsal[]): Guess {
  const aside = rehearsals.filter((_, place) => place % 4 === 3);
  const studied = rehearsals.filter((_, place) => place % 4 !== 3);
  const trial = estimators(studied);
  const [mean, window] = trial.map((guess) => aside.filter(({ view, secret }) => Math.abs(guess(view) - secret) <= NEAR).length);
  return estimators(rehearsals)[window! > mean! ? 1 : 0];
}

function estimators(rehearsals: readonly Rehearsal[]): readonly [Guess, Guess] {
  const predict = ridge(rehearsals.map(({ view }) => view.known), rehearsals.map(({ secret }) => secret));
  const sorted = rehearsals.map(({ view, secret }) => ({ score: predict(view.known), secret })).toSorted((a, b) => a.score - b.score);
  const scores = Float64Array.from(sorted, ({ score }) => score);
  return [
    ({ known }) => predict(known),
    ({ known }) => {
      const score = predict(known);
      const place = lowerBound(scores, score);
      const from = Math.max(0, Math.min(place - NEIGHBOURS / 2, sorted.length - NEIGHBOURS));
      // Each neighbour's secret, moved by what its own mean differs: the shape of the error around this one.
      const near = sorted.slice(from, from + NEIGHBOURS).map((each) => each.secret - each.score + score).toSorted((a, b) => a - b);
      return fullestWindow(near);
    },
  ];
}

/** The middle of the window of twice `NEAR` that holds most values; of all such windows, of the middle one. */
function fullestWindow(sorted: readonly number[]): number {
  let most = 0;
  let middles: number[] = [];
  for (let from = 0, to = 0; from < sorted.length; from += 1) {
    while (to < sorted.length && sorted[to]! - sorted[from]! <= 2 * NEAR) to += 1;
    const middle = (sorted[from]! + sorted[to - 1]!) / 2;
    if (to - from > most) [most, middles] = [to - from, [middle]];
    else if (to - from === most) middles.push(middle);
  }
  return middles[Math.floor(middles.length / 2)]!;
}

/** Least squares with a slight pull to zero, on numbers brought to one scale. */
export function ridge(rows: readonly Float64Array[], targets: readonly number[]): (row: Float64Array) => number {
  const count = rows.length;
  const width = rows[0]!.length;
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (const row of rows) for (let at = 0; at < width; at += 1) mean[at]! += row[at]! / count;
  for (const row of rows) for (let at = 0; at < width; at += 1) scale[at]! += (row[at]! - mean[at]!) ** 2 / count;
  // What never varies says nothing.
  for (let at = 0; at < width; at += 1) scale[at] = scale[at]! < 1e-12 ? 0 : 1 / Math.sqrt(scale[at]!);
  const average = targets.reduce((sum, target) => sum + target, 0) / count;
  const normal = Array.from({ length: width }, () => new Float64Array(width));
  const right = new Float64Array(width);
  const centred = new Float64Array(width);
  for (const [place, row] of rows.entries()) {
    for (let at = 0; at < width; at += 1) centred[at] = (row[at]! - mean[at]!) * scale[at]!;
    const target = targets[place]! - average;
    for (let at = 0; at < width; at += 1) {
      const value = centred[at]!;
      if (value === 0) continue;
      right[at]! += value * target;
      const line = normal[at]!;
      for (let other = 0; other <= at; other += 1) line[other]! += value * centred[other]!;
    }
  }
  for (let at = 0; at < width; at += 1) normal[at]![at]! += 1e-7 * count + 1e-9;
  const weights = solve(normal, right);
  return (row) => {
    let value = average;
    for (let at = 0; at < width; at += 1) value += weights[at]! * (row[at]! - mean[at]!) * scale[at]!;
    return value;
  };
}

/** Cholesky, in place, of the lower half of a positive definite matrix. */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const width = right.length;
  for (let row = 0; row < width; row += 1) {
    const line = matrix[row]!;
    for (let column = 0; column <= row; column += 1) {
      const other = matrix[column]!;
      let sum = line[column]!;
      for (let at = 0; at < column; at += 1) sum -= line[at]! * other[at]!;
      line[column] = row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / other[column]!;
    }
  }
  const solution = Float64Array.from(right);
  for (let row = 0; row < width; row += 1) {
    for (let at = 0; at < row; at += 1) solution[row]! -= matrix[row]![at]! * solution[at]!;
    solution[row]! /= matrix[row]![row]!;
  }
  for (let row = width - 1; row >= 0; row -= 1) {
    for (let at = row + 1; at < width; at += 1) solution[row]! -= matrix[at]![row]! * solution[at]!;
    solution[row]! /= matrix[row]![row]!;
  }
  return solution;
}

function lowerBound(sorted: Float64Array, value: number): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

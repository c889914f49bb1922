export interface Fitted {
  readonly intercept: number;
  /** Not negative, one a column. */
  readonly coefficients: readonly number[];
}

const MOST_STEPS = 50;
/** A step that gains less of the loss than this a row is the last. */
const CLOSE_ENOUGH = 1e-10;

/**
 * Logistic regression with coefficients that are not negative and an L2 penalty on them: the least of
 * −Σ log likelihood + penalty ÷ 2 × Σ coefficient². Newton's steps, each solved one coefficient after another.
 */
export function fitLogistic(columns: readonly Float64Array[], bad: readonly boolean[], penalty: number): Fitted {
  const rows = bad.length;
  // The first is the constant: no penalty, any sign.
  const width = columns.length + 1;
  const table = new Float64Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    table[row * width] = 1;
    for (let index = 1; index < width; index += 1) table[row * width + index] = columns[index - 1]![row]!;
  }
  const outcome = Float64Array.from(bad, Number);
  const failed = bad.filter(Boolean).length;
  let solution = new Float64Array(width);
  solution[0] = Math.log(failed / (rows - failed));
  let loss = lossOf(table, outcome, penalty, solution);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const next = solveStep(table, outcome, penalty, solution);
    // A whole step may overshoot; half of one, or less, does not.
    let share = 1;
    let tried = next;
    let triedLoss = lossOf(table, outcome, penalty, tried);
    while (triedLoss > loss && share > 1e-6) {
      share /= 2;
      tried = solution.map((value, index) => value + share * (next[index]! - value));
      triedLoss = lossOf(table, outcome, penalty, tried);
    }
    const gain = loss - triedLoss;
    solution = tried;
    loss = triedLoss;
    if (gain < CLOSE_ENOUGH * rows) break;
  }
  return { intercept: solution[0]!, coefficients: [...solution.subarray(1)] };
}

/** The least of the parabola that the loss is close to at a solution. */
function solveStep(table: Float64Array, outcome: Float64Array, penalty: number, solution: Float64Array): Float64Array<ArrayBuffer> {
  const width = solution.length;
  const gradient = new Float64Array(width);
  const curve = new Float64Array(width * width);
  for (let row = 0, from = 0; row < outcome.length; row += 1, from += width) {
    let logit = 0;
    for (let index = 0; index < width; index += 1) logit += solution[index]! * table[from + index]!;
    const probability = 1 / (1 + Math.exp(-logit));
    const weight = Math.max(probability * (1 - probability), 1e-9);
    const miss = outcome[row]! - probability;
    for (let index = 0; index < width; index += 1) {
      const value = table[from + index]!;
      gradient[index] = gradient[index]! + value * miss;
      const weighted = weight * value;
      for (let other = 0; other <= index; other += 1) curve[index * width + other] = curve[index * width + other]! + weighted * table[from + other]!;
    }
  }
  for (let index = 0; index < width; index += 1) for (let other = 0; other < index; other += 1) curve[other * width + index] = curve[index * width + other]!;
  const target = gradient.map((value, index) => solution.reduce((sum, at, other) => sum + curve[index * width + other]! * at, value));
  const next = Float64Array.from(solution);
  for (let round = 0; round < 500; round += 1) {
    let moved = 0;
    for (let index = 0; index < width; index += 1) {
      let rest = target[index]!;
      for (let other = 0; other < width; other += 1) if (other !== index) rest -= curve[index * width + other]! * next[other]!;
      const value = index === 0 ? rest / curve[0]! : Math.max(0, rest / (curve[index * width + index]! + penalty));
      moved = Math.max(moved, Math.abs(value - next[index]!));
      next[index] = value;
    }
    if (moved < 1e-8) break;
  }
  return next;
}

function lossOf(table: Float64Array, outcome: Float64Array, penalty: number, solution: Float64Array): number {
  const width = solution.length;
  let loss = 0;
  for (let index = 1; index < width; index += 1) loss += (penalty / 2) * solution[index]! ** 2;
  for (let row = 0, from = 0; row < outcome.length; row += 1, from += width) {
    let logit = 0;
    for (let index = 0; index < width; index += 1) logit += solution[index]! * table[from + index]!;
    loss += Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(0, outcome[row] === 1 ? -logit : logit);
  }
  return loss;
}

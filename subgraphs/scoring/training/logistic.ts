export interface Fitted {
  readonly intercept: number;
  /** Not negative, one a column. */
  readonly coefficients: readonly number[];
}

const MOST_STEPS = 100;
const CLOSE_ENOUGH = 1e-9;

/**
 * Logistic regression with coefficients that are not negative and an L2 penalty on them: the least of
 * −Σ log likelihood + penalty ÷ 2 × Σ coefficient². Newton's steps, each solved one coefficient after another.
 */
export function fitLogistic(columns: readonly Float64Array[], bad: readonly boolean[], penalty: number): Fitted {
  const rows = bad.length;
  // The first is the constant: no penalty, any sign.
  const all = [new Float64Array(rows).fill(1), ...columns];
  const failed = bad.filter(Boolean).length;
  const solution = all.map((_, index) => (index === 0 ? Math.log(failed / (rows - failed)) : 0));
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const gradient = all.map(() => 0);
    const curvature = all.map(() => all.map(() => 0));
    for (let row = 0; row < rows; row += 1) {
      let logit = 0;
      for (let index = 0; index < all.length; index += 1) logit += solution[index]! * all[index]![row]!;
      const probability = 1 / (1 + Math.exp(-logit));
      const weight = Math.max(probability * (1 - probability), 1e-9);
      const miss = (bad[row]! ? 1 : 0) - probability;
      for (let index = 0; index < all.length; index += 1) {
        const value = all[index]![row]!;
        if (value === 0) continue;
        gradient[index] = gradient[index]! + value * miss;
        const line = curvature[index]!;
        for (let other = 0; other <= index; other += 1) line[other] = line[other]! + weight * value * all[other]![row]!;
      }
    }
    const curve = (one: number, other: number): number => (one >= other ? curvature[one]![other]! : curvature[other]![one]!);
    const target = all.map((_, index) => gradient[index]! + solution.reduce((sum, value, other) => sum + curve(index, other) * value, 0));
    const next = [...solution];
    for (let round = 0; round < 1000; round += 1) {
      let moved = 0;
      for (let index = 0; index < all.length; index += 1) {
        let rest = target[index]!;
        for (let other = 0; other < all.length; other += 1) if (other !== index) rest -= curve(index, other) * next[other]!;
        const value = index === 0 ? rest / curve(0, 0) : Math.max(0, rest / (curve(index, index) + penalty));
        moved = Math.max(moved, Math.abs(value - next[index]!));
        next[index] = value;
      }
      if (moved < CLOSE_ENOUGH) break;
    }
    const moved = Math.max(...next.map((value, index) => Math.abs(value - solution[index]!)));
    next.forEach((value, index) => (solution[index] = value));
    if (moved < 1e-7) break;
  }
  const [intercept, ...coefficients] = solution;
  return { intercept: intercept!, coefficients };
}

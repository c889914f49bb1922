/** One tenth of the rows, by rising probability. */
export interface Decile {
  readonly rows: number;
  readonly bad: number;
  /** Mean of what the card said. */
  readonly said: number;
  /** What came. */
  readonly seen: number;
}

/** Brier score: the mean square of probability less outcome; 0 is perfect. */
export function brierOf(probabilities: readonly number[], bad: readonly boolean[]): number {
  return probabilities.reduce((sum, probability, index) => sum + (probability - (bad[index]! ? 1 : 0)) ** 2, 0) / probabilities.length;
}

/** Rows by rising probability in ten parts of one size: what was said of each and what came. */
export function decilesOf(probabilities: readonly number[], bad: readonly boolean[]): Decile[] {
  const order = [...probabilities.keys()].toSorted((one, other) => probabilities[one]! - probabilities[other]! || one - other);
  return Array.from({ length: 10 }, (_, tenth) => {
    const rows = order.slice(Math.round((tenth * order.length) / 10), Math.round(((tenth + 1) * order.length) / 10));
    const failed = rows.filter((row) => bad[row]).length;
    return { rows: rows.length, bad: failed, said: rows.reduce((sum, row) => sum + probabilities[row]!, 0) / rows.length, seen: failed / rows.length };
  });
}

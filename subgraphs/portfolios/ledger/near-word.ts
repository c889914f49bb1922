/** From so many letters on a word may be mistyped; a shorter one would be near to everything. */
export const SHORTEST_MISTYPED = 4;

/** From so many letters on the beginning of a longer word may be mistyped too: what is typed need not be the whole word. */
const SHORTEST_BEGINNING = 6;
/** From so many letters on a word may hold two mistakes. */
const SHORTEST_WITH_TWO = 8;

/**
 * How many mistakes part a word that was typed from one that is kept, or from its beginning: a letter too many, missing,
 * other, or two neighbours exchanged. `undefined` when they are too many for the length of what was typed.
 */
export function mistakesIn(typed: string, kept: string): number | undefined {
  const from = [...typed];
  const to = [...kept];
  const most = from.length >= SHORTEST_WITH_TWO ? 2 : from.length >= SHORTEST_MISTYPED ? 1 : 0;
  const mayContinue = from.length >= SHORTEST_BEGINNING;
  if (!mayContinue && Math.abs(from.length - to.length) > most) return undefined;
  // Rows of the optimal string alignment: one for each letter typed, the last three are kept.
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, place) => place);
  for (const [row, letter] of from.entries()) {
    const next = [row + 1];
    for (const [column, other] of to.entries()) {
      const isSame = letter === other;
      let cost = Math.min(last[column + 1]! + 1, next[column]! + 1, last[column]! + (isSame ? 0 : 1));
      if (row > 0 && column > 0 && letter === to[column - 1] && from[row - 1] === other) cost = Math.min(cost, before[column - 1]! + 1);
      next.push(cost);
    }
    before = last;
    last = next;
  }
  const mistakes = mayContinue ? Math.min(...last) : last[to.length]!;
  return mistakes <= most ? mistakes : undefined;
}

/**
 * How many letters at one of its two ends a word with a single mistake surely has in common with what was meant: a mistake,
 * two exchanged neighbours included, cannot touch both ends. With more mistakes there are mostly some words that keep one.
 */
export function sureLetters(typed: string): number {
  return Math.min(Math.floor(([...typed].length - 1) / 2), 3);
}

/**
 * The index of the class that a figure belongs to: the first whose upper bound it does not exceed, the last one for
 * whatever is beyond.
 *
 * Claim: a figure shown as its class is the same for every figure of that class.
 * Why: shares and terms have few values in practice (0, 1; 30, 45, 60), so a rounded mean would give them away.
 * Argument: disclosure.proof.md, "Classes".
 */
export function classOf(value: number, upperBounds: readonly number[]): number {
  const found = upperBounds.findIndex((bound) => value <= bound);
  return found === -1 ? upperBounds.length - 1 : found;
}

/** A class of shares as a number: its midpoint, and its width. */
export function shareClass(index: number, upperBounds: readonly number[]): { readonly value: number; readonly roundedTo: number } {
  const { from, to } = classBounds(index, upperBounds);
  // Through whole thousandths: 0.1 + 0.25 has no exact half in binary.
  return { value: Math.round((from + to) * 500) / 1000, roundedTo: Math.round((to - from) * 1000) / 1000 };
}

/** Where a class of shares begins and ends. */
export function classBounds(index: number, upperBounds: readonly number[]): { readonly from: number; readonly to: number } {
  return { from: upperBounds[index - 1] ?? 0, to: upperBounds[index]! };
}

/** The class with most figures; of equals the lowest, or the highest. */
export function modalClass(values: readonly number[], upperBounds: readonly number[], ofEquals: 'LOWEST' | 'HIGHEST' = 'LOWEST'): number {
  const counts = upperBounds.map(() => 0);
  for (const value of values) counts[classOf(value, upperBounds)]! += 1;
  const most = Math.max(...counts);
  return ofEquals === 'LOWEST' ? counts.indexOf(most) : counts.lastIndexOf(most);
}

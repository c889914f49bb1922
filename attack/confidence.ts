const Z = 1.959963984540054;

/** How two attempts at the same trial ended. */
export interface Pair {
  readonly with: boolean;
  readonly without: boolean;
}

export interface Estimate {
  /** In points. */
  readonly excess: number;
  /** Upper end of its 95 % interval, in points. */
  readonly bound: number;
}

/**
 * The difference of two paired rates and the upper end of its 95 % interval, in points.
 *
 * Newcombe (1998), method 10: Wilson's intervals of both rates, put together by squares with the correlation φ of the
 * pairs, corrected for continuity: upper = d + √((u₁ − p₁)² − 2φ (u₁ − p₁)(p₂ − l₂) + (p₂ − l₂)²).
 */
export function pairedExcess(pairs: readonly Pair[]): Estimate {
  const count = pairs.length;
  const both = pairs.filter((pair) => pair.with && pair.without).length;
  const onlyWith = pairs.filter((pair) => pair.with && !pair.without).length;
  const onlyWithout = pairs.filter((pair) => !pair.with && pair.without).length;
  const neither = count - both - onlyWith - onlyWithout;
  const first = wilson(both + onlyWith, count);
  const second = wilson(both + onlyWithout, count);
  const margins = (both + onlyWith) * (neither + onlyWithout) * (both + onlyWithout) * (neither + onlyWith);
  const product = both * neither - onlyWith * onlyWithout;
  const phi = margins === 0 ? 0 : (product > 0 ? Math.max(product - count / 2, 0) : product) / Math.sqrt(margins);
  const up = first.upper - first.rate;
  const down = second.rate - second.lower;
  const difference = first.rate - second.rate;
  return { excess: 100 * difference, bound: 100 * (difference + Math.sqrt(Math.max(0, up ** 2 - 2 * phi * up * down + down ** 2))) };
}

/** How often something happened, and the upper end of its 95 % interval after Wilson, in points. */
export function rate(happened: number, count: number): Estimate {
  const { rate: share, upper } = wilson(happened, count);
  return { excess: 100 * share, bound: 100 * upper };
}

function wilson(happened: number, count: number): { readonly rate: number; readonly lower: number; readonly upper: number } {
  const share = happened / count;
  const centre = (happened + Z ** 2 / 2) / (count + Z ** 2);
  const half = (Z / (count + Z ** 2)) * Math.sqrt((happened * (count - happened)) / count + Z ** 2 / 4);
  return { rate: share, lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}

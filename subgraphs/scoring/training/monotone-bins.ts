/** Which way a characteristic points. */
export type Safer = 'higher' | 'lower';

export interface WeighedBin {
  readonly below: number | null;
  readonly good: number;
  readonly bad: number;
  /** Weight of evidence: the logarithm of the share of the good in this bin over the share of the bad; positive is safer. */
  readonly weight: number;
}

/** Bins begin as so many parts of one size. */
const FIRST_PARTS = 24;
/** No bin has fewer rows than this share of those known, or fewer good or bad ones than these. */
const LEAST_SHARE = 0.04;
const LEAST_OF_A_KIND = 5;
/** As if so many rows more were in every bin, good and bad as everywhere: a small bin's weight is drawn to none. */
const DRAWN_ROWS = 30;

/**
 * Cuts a characteristic into bins whose rate of bad ones only falls in the direction that is safer: parts that do not
 * are put together (pool adjacent violators), and so are those too small to tell. One bin means that it tells nothing.
 */
export function monotoneBins(values: readonly (number | null)[], bad: readonly boolean[], safer: Safer): WeighedBin[] {
  const known = values.flatMap((value, row) => (value === null || Number.isNaN(value) ? [] : [{ value, bad: bad[row]! }])).toSorted((one, other) => one.value - other.value);
  const allBad = known.filter((row) => row.bad).length;
  const allGood = known.length - allBad;
  if (allBad === 0 || allGood === 0) return [];
  const bounds = [...new Set(Array.from({ length: FIRST_PARTS - 1 }, (_, part) => Number(known[Math.floor(((part + 1) * known.length) / FIRST_PARTS)]!.value.toPrecision(3))))].toSorted((one, other) => one - other);
  let bins: { below: number | null; good: number; bad: number }[] = [...bounds, null].map((below) => ({ below, good: 0, bad: 0 }));
  for (const row of known) {
    const bin = bins.find(({ below }) => below === null || row.value < below)!;
    if (row.bad) bin.bad += 1;
    else bin.good += 1;
  }
  const rateOf = (bin: { good: number; bad: number }): number => bin.bad / (bin.good + bin.bad);
  const join = (index: number): void => {
    bins = bins.toSpliced(index, 2, { below: bins[index + 1]!.below, good: bins[index]!.good + bins[index + 1]!.good, bad: bins[index]!.bad + bins[index + 1]!.bad });
  };
  const joinWhere = (isOne: (index: number) => boolean): boolean => {
    const index = bins.findIndex((_, place) => place + 1 < bins.length && isOne(place));
    if (index >= 0) join(index);
    return index >= 0;
  };
  while (joinWhere((index) => bins[index]!.good + bins[index]!.bad === 0 || bins[index + 1]!.good + bins[index + 1]!.bad === 0));
  const violates = (index: number): boolean => (safer === 'higher' ? rateOf(bins[index + 1]!) >= rateOf(bins[index]!) : rateOf(bins[index + 1]!) <= rateOf(bins[index]!));
  const isSmall = ({ good, bad: failed }: { good: number; bad: number }): boolean => good + failed < LEAST_SHARE * known.length || failed < LEAST_OF_A_KIND || good < LEAST_OF_A_KIND;
  for (;;) {
    if (joinWhere(violates)) continue;
    const small = bins.findIndex(isSmall);
    if (small < 0 || bins.length === 1) break;
    const gap = (index: number): number => (index < 0 || index + 1 >= bins.length ? Infinity : Math.abs(rateOf(bins[index]!) - rateOf(bins[index + 1]!)));
    join(gap(small - 1) <= gap(small) ? small - 1 : small);
  }
  const weigh = (bin: { good: number; bad: number }): number => {
    const shareOfGood = (bin.good + (DRAWN_ROWS * allGood) / known.length) / allGood;
    const shareOfBad = (bin.bad + (DRAWN_ROWS * allBad) / known.length) / allBad;
    return Math.log(shareOfGood / shareOfBad);
  };
  // A small bin is drawn further than a large one, so neighbours may have changed places.
  while (joinWhere((index) => (safer === 'higher' ? weigh(bins[index + 1]!) <= weigh(bins[index]!) : weigh(bins[index + 1]!) >= weigh(bins[index]!))));
  return bins.map((bin) => ({ ...bin, weight: weigh(bin) }));
}

/** How much a characteristic tells: Σ (share of the good − share of the bad) × weight. */
export function informationOf(bins: readonly WeighedBin[]): number {
  const good = bins.reduce((sum, bin) => sum + bin.good, 0);
  const bad = bins.reduce((sum, bin) => sum + bin.bad, 0);
  return bins.reduce((sum, bin) => sum + (bin.good / good - bin.bad / bad) * bin.weight, 0);
}

import { seededChance } from './chance.js';

/** How the bad and the good are told apart by one figure of risk: higher must mean worse. */
export interface Judged {
  readonly risk: readonly number[];
  readonly bad: readonly boolean[];
  /** The company or customer of each row; rows of one are drawn together. */
  readonly group: readonly string[];
}

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Half the width of a two-sided 95 % interval, in standard errors. */
const NORMAL_95 = 1.959963984540054;

/** The area under the ROC curve: how often a bad one has the higher risk than a good one, ties count half. */
export function areaUnderCurve(risk: readonly number[], bad: readonly boolean[]): number {
  return placements(risk, bad).area;
}

/**
 * The area and its 95 % interval after DeLong, DeLong and Clarke-Pearson (1988): variance of the placements of the bad
 * among the good, and of the good among the bad.
 */
export function delong({ risk, bad }: Pick<Judged, 'risk' | 'bad'>): Interval {
  const { area, placed } = placements(risk, bad);
  return intervalOf(area, placed, bad);
}

/** The difference of two areas on the same rows, first less second, with its paired 95 % interval after DeLong. */
export function delongDifference(first: readonly number[], second: readonly number[], bad: readonly boolean[]): Interval {
  const one = placements(first, bad);
  const other = placements(second, bad);
  return intervalOf(one.area - other.area, one.placed.map((placed, index) => placed - other.placed[index]!), bad);
}

/**
 * Areas of several figures on the same rows, and of the first one's lead over each other, with 95 % intervals from a
 * seeded bootstrap of whole groups: rows of one company or customer are no independent proof.
 */
export function bootstrap(risks: readonly (readonly number[])[], { bad, group }: Pick<Judged, 'bad' | 'group'>, seed: number, rounds = 1000): { readonly areas: readonly Interval[]; readonly leads: readonly Interval[] } {
  const names = [...new Set(group)].toSorted();
  const placeByName = new Map(names.map((name, index) => [name, index]));
  const places = group.map((name) => placeByName.get(name)!);
  const orders = risks.map((risk) => orderOf(risk));
  const isBad = Uint8Array.from(bad, Number);
  const once = new Float64Array(names.length).fill(1);
  const measured = orders.map((order) => weightedArea(order, isBad, places, once));
  const draws: number[][] = risks.map(() => []);
  const chance = seededChance(seed);
  const drawn = new Float64Array(names.length);
  for (let round = 0; round < rounds; round += 1) {
    drawn.fill(0);
    for (let draw = 0; draw < names.length; draw += 1) {
      const place = Math.floor(chance() * names.length);
      drawn[place] = drawn[place]! + 1;
    }
    const areas = orders.map((order) => weightedArea(order, isBad, places, drawn));
    // A draw without any bad, or without any good, tells nothing.
    if (areas.every((area) => !Number.isNaN(area))) areas.forEach((area, index) => draws[index]!.push(area));
  }
  return {
    areas: measured.map((value, index) => percentiles(value, draws[index]!)),
    leads: measured.slice(1).map((value, index) => percentiles(measured[0]! - value, draws[0]!.map((area, draw) => area - draws[index + 1]![draw]!))),
  };
}

interface Order {
  /** Rows by rising risk. */
  readonly rows: Int32Array;
  /** Whether the row has the same risk as the one before it. */
  readonly tied: Uint8Array;
}

function orderOf(risk: readonly number[]): Order {
  const rows = Int32Array.from(risk.keys()).toSorted((one, other) => risk[one]! - risk[other]! || one - other);
  return { rows, tied: Uint8Array.from(rows, (row, index) => (index > 0 && risk[row] === risk[rows[index - 1]!] ? 1 : 0)) };
}

function weightedArea({ rows, tied }: Order, bad: Uint8Array, places: readonly number[], weights: Float64Array): number {
  let goodBefore = 0;
  let area = 0;
  let allBad = 0;
  let badHere = 0;
  let goodHere = 0;
  const close = (): void => {
    area += badHere * (goodBefore + goodHere / 2);
    goodBefore += goodHere;
    allBad += badHere;
    badHere = 0;
    goodHere = 0;
  };
  for (let index = 0; index < rows.length; index += 1) {
    if (tied[index] === 0) close();
    const row = rows[index]!;
    const weight = weights[places[row]!]!;
    if (bad[row] === 1) badHere += weight;
    else goodHere += weight;
  }
  close();
  return area / (allBad * goodBefore);
}

/** For each bad row the share of the good below it, for each good row the share of the bad above it; ties count half. */
function placements(risk: readonly number[], bad: readonly boolean[]): { readonly area: number; readonly placed: readonly number[] } {
  const allBad = bad.filter(Boolean).length;
  const allGood = bad.length - allBad;
  const order = [...risk.keys()].toSorted((one, other) => risk[one]! - risk[other]!);
  const placed: number[] = Array.from({ length: risk.length }, () => 0);
  let goodBefore = 0;
  let badBefore = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let badHere = 0;
    while (to < order.length && risk[order[to]!] === risk[order[from]!]) {
      if (bad[order[to]!]!) badHere += 1;
      to += 1;
    }
    const goodHere = to - from - badHere;
    for (let index = from; index < to; index += 1) {
      const row = order[index]!;
      placed[row] = bad[row]! ? (goodBefore + goodHere / 2) / allGood : (allBad - badBefore - badHere / 2) / allBad;
    }
    goodBefore += goodHere;
    badBefore += badHere;
    from = to;
  }
  return { area: meanOf(placed.filter((_, index) => bad[index])), placed };
}

function intervalOf(value: number, placed: readonly number[], bad: readonly boolean[]): Interval {
  const ofBad = placed.filter((_, index) => bad[index]);
  const ofGood = placed.filter((_, index) => !bad[index]);
  const half = NORMAL_95 * Math.sqrt(varianceOf(ofBad) / ofBad.length + varianceOf(ofGood) / ofGood.length);
  return { value, low: value - half, high: value + half };
}

function percentiles(value: number, draws: readonly number[]): Interval {
  const sorted = draws.toSorted((one, other) => one - other);
  return { value, low: sorted[Math.floor(0.025 * (sorted.length - 1))]!, high: sorted[Math.ceil(0.975 * (sorted.length - 1))]! };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

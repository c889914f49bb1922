import type { Metric } from '../src/values/metric.js';
import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY, type DisclosurePolicy } from '../subgraphs/community/benchmark/policy.js';
import type { AttackOptions, AttackResult } from './attack.js';
import { Chance } from './chance.js';
import { pairedExcess, type Estimate, type Pair } from './confidence.js';
import { learn, NEAR, type Guess, type Rehearsal, type View } from './guess.js';
import { decideNaively } from './naive-build.js';
import { epochsOf, firmIdOf, LONG_AGO, play, type Decide, type Part } from './play.js';
import { Customer, WORLD, type Row, type WorldShape } from './world.js';

/** A place where an attack is tried: who is there, who plays with whom, what happens, and what is to be guessed. */
export interface Scenario {
  readonly name: string;
  /** Whether the fast run tries it as well: the easiest place of the control, and the place that is hardest to hold. */
  readonly inFast: boolean;
  readonly months: number;
  /** Suppliers of the customer: first the attackers' seats, then the victim, then everybody else. */
  readonly firms: number;
  readonly seats: number;
  /** Metrics whose cells the attackers read. */
  readonly metrics: readonly Metric[];
  readonly world?: WorldShape;
  /** The months whose cells are read, the last of which holds the secret. */
  readonly reads: (month: number) => boolean;
  /** The month whose figure of the victim is to be guessed, and which figure of it. */
  readonly target: number;
  readonly secret: Metric;
  /** Puts the firms into the story; the victim is at `seats`. */
  readonly stage: (rows: readonly Row[], metric: Metric) => readonly Part[];
}

type Fields = Pick<Scenario, 'name' | 'firms' | 'seats'> & Partial<Omit<Scenario, 'stage'>>;

/** A scenario in which everybody is there all the time, unless `stage` has it otherwise. The last month alone is read. */
export function scenario(fields: Fields, change: (parts: readonly Part[], metric: Metric) => readonly Part[] = (parts) => parts): Scenario {
  const months = fields.months ?? 4;
  return {
    inFast: false,
    months,
    metrics: ['DSO'],
    secret: 'DSO',
    reads: (month) => month === months - 1,
    target: months - 1,
    ...fields,
    stage: (rows, metric) => change(rows.map((row, place) => ({ firmId: firmIdOf(place), joinedOn: LONG_AGO, figures: row.map((figures) => figures[metric]), admitted: row.map(() => true) })), metric),
  };
}

/** A firm that is a member, and counts, in these months only. */
export function onlyIn(part: Part, months: (month: number) => boolean): Part {
  return { ...part, admitted: part.admitted.map((_, month) => months(month)), figures: part.figures.map((figure, month) => (months(month) ? figure : null)) };
}

/** A firm that stays a member, but has something to tell in these months only. */
export function tellsOnlyIn(part: Part, months: (month: number) => boolean): Part {
  return { ...part, figures: part.figures.map((figure, month) => (months(month) ? figure : null)) };
}

/** The parts with some of them changed, by place. */
export function changed(parts: readonly Part[], changes: Readonly<Record<number, (part: Part) => Part>>): readonly Part[] {
  return parts.map((part, place) => changes[place]?.(part) ?? part);
}

/** All of one trial: the story with the victim, the same story with another firm's row in its place, and the secret. */
export interface Trial {
  readonly secret: number;
  readonly rows: readonly Row[];
  readonly rowsWithout: readonly Row[];
}

export function makeTrial({ firms, seats, months, target, secret, world = WORLD }: Scenario, chance: Chance): Trial {
  const customer = new Customer(chance, months, world);
  const rows = Array.from({ length: firms }, () => customer.row(chance));
  const stranger = customer.row(chance);
  return { rows, rowsWithout: rows.with(seats, stranger), secret: rows[seats]![target]![secret] };
}

/** What is published of a trial's story, metric by metric and month by month. */
export function publish(place: Scenario, rows: readonly Row[], policy: DisclosurePolicy, decide: Decide): readonly Told[] {
  return place.metrics.map((metric) => {
    const parts = place.stage(rows, metric);
    return { metric, seats: parts.slice(0, place.seats), cells: play(metric, parts, epochsFor(metric, place.months, policy), policy, decide) };
  });
}

/** What became public of one metric, and what the attackers themselves told for it. */
export interface Told {
  readonly metric: Metric;
  readonly seats: readonly Part[];
  readonly cells: readonly (Cell | undefined)[];
}

/** What the attackers know when all is over: every cell they read, and their own figures. */
function look(place: Scenario, published: readonly Told[]): View {
  const known: number[] = [];
  let kind = '';
  for (const { seats, cells } of published) {
    const own = seats.flatMap(({ figures }) => figures.filter((figure) => figure !== null));
    let last = own.length === 0 ? 0 : own.reduce((sum, value) => sum + value, 0) / own.length;
    // What all cells together leave possible of the others' sum, if nothing but the attackers' own figures moved.
    let [lowest, highest] = [-Infinity, Infinity];
    for (const [month, cell] of cells.entries()) {
      for (const { figures } of seats) known.push(figures[month] ?? 0);
      if (!place.reads(month)) continue;
      kind += cell?.tier ?? '--';
      if (cell) last = cell.tier === 'T1' ? (cell.from + cell.to) / 2 : cell.value;
      const quartiles = cell && cell.tier !== 'T1' ? [cell.lowerQuartile ?? last, cell.upperQuartile ?? last] : [last, last];
      known.push(last, ...quartiles.map((quartile) => quartile - last), cell?.direction === 'WORSENING' ? 1 : cell?.direction === 'IMPROVING' ? -1 : 0, cell?.direction === null ? 1 : 0);
      known.push(cell ? 0 : 1, cell?.tier === 'T1' ? 1 : 0, cell?.tier === 'T3' ? 1 : 0);
      if (!cell) continue;
      const half = (cell.tier === 'T1' ? cell.to - cell.from : cell.roundedTo) / 2;
      const mine = seats.reduce((sum, { figures }) => sum + (figures[month] ?? 0), 0);
      lowest = Math.max(lowest, place.firms * (last - half) - mine);
      highest = Math.min(highest, place.firms * (last + half) - mine);
    }
    known.push(...(Number.isFinite(lowest) ? [(lowest + highest) / 2, highest - lowest] : [0, 0]));
  }
  return { known: Float64Array.from(known), kind };
}

/** How many times an attacker rehearses, and is put to the trial. */
export interface Effort {
  readonly rehearsals: number;
  readonly trials: number;
}

export const FULL: Effort = { rehearsals: 3000, trials: 2000 };
export const FAST: Effort = { rehearsals: 800, trials: 400 };

/** Runs a scenario against one build. The attackers learn on that build, and are tried on worlds that they have not seen. */
export function attempt(place: Scenario, decide: Decide, policy: DisclosurePolicy, effort: Effort, chance: Chance): Estimate {
  const guess = rehearse(place, decide, policy, effort.rehearsals, chance);
  return pairedExcess(Array.from({ length: effort.trials }, (_, number) => tryOnce(place, guess, decide, policy, chance.fork('trial', number))));
}

function rehearse(place: Scenario, decide: Decide, policy: DisclosurePolicy, times: number, chance: Chance): Guess {
  return learn(Array.from({ length: times }, (_, number): Rehearsal => {
    const draw = chance.fork('rehearsal', number);
    const { rows, secret } = makeTrial(place, draw);
    return { view: look(place, publish(place, rows, policy, decide)), secret };
  }));
}

function tryOnce(place: Scenario, guess: Guess, decide: Decide, policy: DisclosurePolicy, chance: Chance): Pair {
  const { rows, rowsWithout, secret } = makeTrial(place, chance);
  const succeeds = (told: readonly Row[]): boolean => Math.abs(guess(look(place, publish(place, told, policy, decide))) - secret) <= NEAR;
  return { with: succeeds(rows), without: succeeds(rowsWithout) };
}

/** The default line of the table: excess at most 10 points, and the upper end of its interval at most 12. */
export const LINE_D = { words: 'excess ≤ 10, bound ≤ 12', excess: 10, bound: 12 };

/**
 * Tries every scenario against the product and against the control. An attacker goes where it is easiest, so the worst scenario
 * is the result, on both sides.
 */
export function attemptAll(id: string, scenarios: readonly Scenario[], { seed, fast }: AttackOptions, line = LINE_D): AttackResult {
  const effort = fast ? FAST : FULL;
  const policy = POLICY;
  const outcomes = scenarios.filter((place) => !fast || place.inFast).map((place) => ({
    name: place.name,
    product: attempt(place, decideCell, policy, effort, Chance.from(seed, id, place.name)),
    // The control is far from its line: fewer trials say the same.
    control: attempt(place, decideNaively, policy, FAST, Chance.from(seed, id, place.name, 'control')),
  }));
  const worst = outcomes.toSorted((a, b) => b.product.bound - a.product.bound)[0]!;
  const easiest = outcomes.toSorted((a, b) => b.control.excess - a.control.excess)[0]!;
  return {
    trials: outcomes.length * effort.trials,
    excess: worst.product.excess,
    bound: worst.product.bound,
    control: easiest.control.excess,
    passed: outcomes.every(({ product }) => isWithin(product, line, fast)),
    notes: outcomes.map(({ name, product, control }) => `${name}: ${product.excess.toFixed(1)} (≤ ${product.bound.toFixed(1)}), control ${control.excess.toFixed(1)}`),
  };
}

/** With few trials the interval is too wide to be held to the line; what lies over it by more than chance is caught all the same. */
function isWithin({ excess, bound }: Estimate, line: typeof LINE_D, fast: boolean): boolean {
  return fast ? 2 * excess - bound <= line.excess : excess <= line.excess && bound <= line.bound;
}

const epochs = new Map<string, ReturnType<typeof epochsOf>>();

function epochsFor(metric: Metric, months: number, policy: DisclosurePolicy): ReturnType<typeof epochsOf> {
  const key = `${metric} ${months} ${policy.version}`;
  const known = epochs.get(key) ?? epochsOf(metric, months, policy);
  epochs.set(key, known);
  return known;
}

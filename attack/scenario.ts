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
  readonly months: number;
  /** Suppliers of the customer: first the attackers' seats, then the victim, then everybody else. */
  readonly firms: number;
  readonly seats: number;
  /** Metrics whose cells the attackers read. */
  readonly metrics: readonly Metric[];
  readonly world?: WorldShape;
  /** The months whose cells are read, the last of which holds the secret. */
  readonly reads: (month: number) => boolean;
  /** The month whose figure of the victim is to be guessed. */
  readonly target: number;
  /** Puts the firms into the story; the victim is at `seats`. */
  readonly stage: (rows: readonly Row[], metric: Metric, chance: Chance) => readonly Part[];
}

type Fields = Pick<Scenario, 'name' | 'firms' | 'seats'> & Partial<Omit<Scenario, 'stage'>>;

/** A scenario in which everybody is there all the time, unless `stage` has it otherwise. The last month alone is read. */
export function scenario(fields: Fields, change: (parts: Part[], chance: Chance) => void = () => {}): Scenario {
  const months = fields.months ?? 4;
  return {
    months,
    metrics: ['DSO'],
    reads: (month) => month === months - 1,
    target: months - 1,
    ...fields,
    stage: (rows, metric, chance) => {
      const parts = rows.map((row, place) => ({ firmId: firmIdOf(place), joinedOn: LONG_AGO, figures: row.map((figures) => figures[metric]), admitted: row.map(() => true) }));
      change(parts, chance);
      return parts;
    },
  };
}

/** All of one trial: the story with the victim, the same story with another firm's row in its place, and the secret. */
export interface Trial {
  readonly seats: readonly Row[];
  readonly secret: number;
  readonly rows: readonly Row[];
  readonly rowsWithout: readonly Row[];
}

export function makeTrial({ firms, seats, months, target, world = WORLD }: Scenario, chance: Chance): Trial {
  const customer = new Customer(chance, months, world);
  const rows = Array.from({ length: firms }, () => customer.row(chance));
  const stranger = customer.row(chance);
  return { rows, rowsWithout: rows.with(seats, stranger), seats: rows.slice(0, seats), secret: rows[seats]![target]!.DSO };
}

/** What is published of a trial's story, metric by metric and month by month. */
export function publish(place: Scenario, rows: readonly Row[], chance: Chance, policy: DisclosurePolicy, decide: Decide): readonly (readonly (Cell | undefined)[])[] {
  return place.metrics.map((metric) => play(metric, place.stage(rows, metric, chance.fork('stage')), epochsFor(metric, place.months, policy), policy, decide));
}

/** What the attackers know when all is over: every cell they read, and their own figures. */
function look(place: Scenario, seats: readonly Row[], published: readonly (readonly (Cell | undefined)[])[]): View {
  const known: number[] = [];
  let kind = '';
  const own = seats.flatMap((row) => row.map(({ DSO }) => DSO));
  for (const cells of published) {
    let last = own.reduce((sum, value) => sum + value, 0) / own.length;
    for (const [month, cell] of cells.entries()) {
      if (!place.reads(month)) continue;
      kind += cell?.tier ?? '--';
      if (cell) last = cell.tier === 'T1' ? (cell.from + cell.to) / 2 : cell.value;
      const quartiles = cell && cell.tier !== 'T1' ? [cell.lowerQuartile ?? last, cell.upperQuartile ?? last] : [last, last];
      known.push(last, ...quartiles.map((quartile) => quartile - last), cell?.direction === 'WORSENING' ? 1 : cell?.direction === 'IMPROVING' ? -1 : 0, cell?.direction === null ? 1 : 0);
      known.push(cell ? 0 : 1, cell?.tier === 'T1' ? 1 : 0, cell?.tier === 'T3' ? 1 : 0);
    }
  }
  for (const metric of place.metrics) for (const row of seats) for (const figures of row) known.push(figures[metric]);
  return { known: Float64Array.from(known), kind };
}

/** How many times an attacker rehearses, and is put to the trial. */
export interface Effort {
  readonly rehearsals: number;
  readonly trials: number;
}

export const FULL: Effort = { rehearsals: 6000, trials: 2000 };
export const FAST: Effort = { rehearsals: 1200, trials: 400 };

/** Runs a scenario against one build. The attackers learn on that build, and are tried on worlds that they have not seen. */
export function attempt(place: Scenario, decide: Decide, policy: DisclosurePolicy, effort: Effort, chance: Chance): Estimate {
  const guess = rehearse(place, decide, policy, effort.rehearsals, chance);
  return pairedExcess(Array.from({ length: effort.trials }, (_, number) => tryOnce(place, guess, decide, policy, chance.fork('trial', number))));
}

function rehearse(place: Scenario, decide: Decide, policy: DisclosurePolicy, times: number, chance: Chance): Guess {
  return learn(Array.from({ length: times }, (_, number): Rehearsal => {
    const draw = chance.fork('rehearsal', number);
    const { rows, seats, secret } = makeTrial(place, draw);
    return { view: look(place, seats, publish(place, rows, draw, policy, decide)), secret };
  }));
}

function tryOnce(place: Scenario, guess: Guess, decide: Decide, policy: DisclosurePolicy, chance: Chance): Pair {
  const { rows, rowsWithout, seats, secret } = makeTrial(place, chance);
  const succeeds = (told: readonly Row[]): boolean => Math.abs(guess(look(place, seats, publish(place, told, chance, policy, decide))) - secret) <= NEAR;
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
  const outcomes = scenarios.map((place) => ({
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

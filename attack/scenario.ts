import type { Metric } from '../src/values/metric.js';
import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY, type DisclosurePolicy } from '../subgraphs/community/benchmark/policy.js';
import type { AttackOptions, AttackResult } from './attack.js';
import { Chance } from './chance.js';
import { pairedExcess, type Estimate, type Pair } from './confidence.js';
import { learn, NEAR, type Rehearsal, type View } from './guess.js';
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
  /** What is guessed: the victim's figure, or which way it moved over three months. */
  readonly guessed: 'FIGURE' | 'DIRECTION';
  /** Its own line instead of the attack's; `null`: it is reported, and held to none. */
  readonly line?: Line | null;
  /** Puts the firms into the story; the victim is at `seats`. */
  readonly stage: (rows: readonly Row[], metric: Metric) => readonly Part[];
}

type Fields = Pick<Scenario, 'name' | 'firms' | 'seats'> & Partial<Omit<Scenario, 'stage'>>;

/** A scenario in which everybody is there all the time, unless `stage` has it otherwise. The last month alone is read. */
export function scenario(fields: Fields, change: (parts: readonly Part[], metric: Metric, key: string) => readonly Part[] = (parts) => parts): Scenario {
  const months = fields.months ?? 4;
  return {
    inFast: false,
    months,
    metrics: ['DSO'],
    secret: 'DSO',
    guessed: 'FIGURE',
    reads: (month) => month === months - 1,
    target: months - 1,
    ...fields,
    stage: (rows, metric) => change(rows.map((row, place) => ({ firmId: firmIdOf(place), joinedOn: LONG_AGO, figures: row.map((figures) => figures[metric]), admitted: row.map(() => true) })), metric, keyOf(rows)),
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

/** A ledger written to please: up and down between the bounds of what counts, as fast as a contributor may, 10 days an epoch. */
export const sweeping = (from: number) => (part: Part): Part => ({
  ...part,
  figures: part.figures.map((figure, month) => (figure === null ? null : Math.abs(((from + POLICY.movementDays * month + 150) % 300) - 150))),
});

/** The parts with some of them changed, by place. */
export function changed(parts: readonly Part[], changes: Readonly<Record<number, (part: Part) => Part>>): readonly Part[] {
  return parts.map((part, place) => changes[place]?.(part) ?? part);
}

/** All of one trial: the story with the victim, the same story with another firm's row in its place, and the victim's own row. */
export interface Trial {
  readonly secret: Row;
  readonly rows: readonly Row[];
  readonly rowsWithout: readonly Row[];
}

export function makeTrial({ firms, seats, months, world = WORLD }: Scenario, chance: Chance): Trial {
  const customer = new Customer(chance, months, world);
  const rows = Array.from({ length: firms }, () => customer.row(chance));
  return { rows, rowsWithout: rows.with(seats, customer.row(chance)), secret: rows[seats]! };
}

/** What is published of a trial's story, metric by metric and month by month. */
export function publish(place: Scenario, rows: readonly Row[], policy: DisclosurePolicy, decide: Decide): readonly Told[] {
  return place.metrics.map((metric) => {
    const parts = place.stage(rows, metric);
    return { metric, seats: parts.slice(0, place.seats), cells: play(metric, parts, epochsFor(metric, place.months, policy), policy, decide, keyOf(rows)) };
  });
}

/** The key of a trial's customer: chance, and as far from the attackers as the figures of the last firm. */
function keyOf(rows: readonly Row[]): string {
  return JSON.stringify(rows.at(-1)?.[0]);
}

/** What became public of one metric, and what the attackers themselves told for it. */
export interface Told {
  readonly metric: Metric;
  readonly seats: readonly Part[];
  readonly cells: readonly (Cell | undefined)[];
}

/** Which way a figure went over three months, past the dead zone: 1 for worse, -1 for better. */
function wayOf(figures: readonly (number | null)[], month: number, policy: DisclosurePolicy): number {
  const moved = (figures[month] ?? 0) - (figures[month - policy.direction.months] ?? 0);
  return Math.abs(moved) <= policy.direction.deadZoneDays ? 0 : Math.sign(moved);
}

/** Which way the cell and the attackers' own figures went, as a kind; the rest does not matter for a direction. */
function lookAtDirections(place: Scenario, published: readonly Told[], policy: DisclosurePolicy): string {
  return published.map(({ cells, seats }) => `${cells[place.target]?.tier} ${cells[place.target]?.direction} ${seats.reduce((sum, { figures }) => sum + wayOf(figures, place.target, policy), 0)}`).join(',');
}

/** What the attackers know when all is over: every cell they read, and their own figures. */
export function look(place: Scenario, published: readonly Told[]): View {
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

/** How many times an attacker rehearses, and is put to the trial at most. */
export interface Effort {
  readonly rehearsals: number;
  readonly trials: number;
}

export const FULL: Effort = { rehearsals: 2400, trials: 2000 };
export const FAST: Effort = { rehearsals: 400, trials: 250 };
/** The control is far from its line: fewer trials say the same. */
export const CONTROL: Effort = { rehearsals: 500, trials: 200 };
const FAST_CONTROL: Effort = { rehearsals: 200, trials: 80 };
/** Where it is looked whether more trials could change anything. */
const PAUSES: readonly number[] = [400, 1000];

export interface Tried extends Estimate {
  readonly trials: number;
}

/**
 * Runs a scenario against one build. The attackers learn on that build, and are tried on worlds that they have not seen. Given a line,
 * it ends early where the bound lies so far below it that more trials would change nothing.
 */
export function attempt(place: Scenario, decide: Decide, policy: DisclosurePolicy, effort: Effort, chance: Chance, line: Line | null = null): Tried {
  const succeeds = place.guessed === 'DIRECTION' ? guessDirections(place, decide, policy, effort.rehearsals, chance) : guessFigures(place, decide, policy, effort.rehearsals, chance);
  const pairs: Pair[] = [];
  while (pairs.length < effort.trials) {
    const { rows, rowsWithout, secret } = makeTrial(place, chance.fork('trial', pairs.length));
    pairs.push({ with: succeeds(publish(place, rows, policy, decide), secret), without: succeeds(publish(place, rowsWithout, policy, decide), secret) });
    if (line && PAUSES.includes(pairs.length) && pairedExcess(pairs).bound <= line.excess - 3) break;
  }
  return { ...pairedExcess(pairs), trials: pairs.length };
}

type Succeeds = (told: readonly Told[], secret: Row) => boolean;

function guessFigures(place: Scenario, decide: Decide, policy: DisclosurePolicy, times: number, chance: Chance): Succeeds {
  const succeeds = rehearseOn(place, decide, policy, times, chance);
  return (told, secret) => succeeds(look(place, told), secret);
}

/** Attackers who played a scenario so many times with secrets of their own; says whether they guess the victim's figure. */
export function rehearseOn(place: Scenario, decide: Decide, policy: DisclosurePolicy, times: number, chance: Chance): (view: View, secret: Row) => boolean {
  // A share is guessed in hundredths, as near as days are.
  const secretOf = (row: Row): number => row[place.target]![place.secret] * (place.secret === 'LATE_SHARE' ? 100 : 1);
  const guess = learn(Array.from({ length: times }, (_, number): Rehearsal => {
    const { rows, secret } = makeTrial(place, chance.fork('rehearsal', number));
    return { view: look(place, publish(place, rows, policy, decide)), secret: secretOf(secret) };
  }));
  return (view, secret) => Math.abs(guess(view) - secretOf(secret)) <= NEAR;
}

/** Says the way that was most frequent in rehearsals that looked the same. */
function guessDirections(place: Scenario, decide: Decide, policy: DisclosurePolicy, times: number, chance: Chance): Succeeds {
  const secretOf = (row: Row): number => wayOf(row.map((figures) => figures[place.secret]), place.target, policy);
  const rehearsals = Array.from({ length: times }, (_, number) => {
    const { rows, secret } = makeTrial(place, chance.fork('rehearsal', number));
    return { kind: lookAtDirections(place, publish(place, rows, policy, decide), policy), way: secretOf(secret) };
  });
  const usual = new Map([...Map.groupBy(rehearsals, ({ kind }) => kind)].map(([kind, same]) => [kind, mostFrequent(same.map(({ way }) => way))]));
  return (told, secret) => (usual.get(lookAtDirections(place, told, policy)) ?? 0) === secretOf(secret);
}

function mostFrequent(ways: readonly number[]): number {
  return [-1, 0, 1].toSorted((a, b) => ways.filter((way) => way === b).length - ways.filter((way) => way === a).length)[0]!;
}

/** What an attack must not pass, in points. */
export interface Line {
  readonly excess: number;
  readonly bound: number;
}

/** The default of the table for figures, and for directions. */
export const LINE_D = { words: 'excess ≤ 10, bound ≤ 12', excess: 10, bound: 12 };
export const LINE_OF_DIRECTIONS: Line = { excess: 15, bound: Infinity };

/**
 * Tries every scenario against the product and against the control. An attacker goes where it is easiest, so the worst scenario
 * is the result, on both sides.
 */
export function attemptAll(id: string, scenarios: readonly Scenario[], { seed, fast }: AttackOptions): AttackResult {
  const effort = fast ? FAST : FULL;
  const outcomes = scenarios.filter(({ inFast }) => !fast || inFast).map((place) => {
    const line = place.line === undefined ? (place.guessed === 'FIGURE' ? LINE_D : LINE_OF_DIRECTIONS) : place.line;
    const product = attempt(place, decideCell, POLICY, effort, Chance.from(seed, id, place.name), line);
    const control = attempt(place, decideNaively, POLICY, fast ? FAST_CONTROL : CONTROL, Chance.from(seed, id, place.name, 'control'));
    return { name: place.name, guessed: place.guessed, line, product, control, passed: line === null || isWithin(product, line, fast) };
  });
  const judged = outcomes.filter(({ line }) => line !== null);
  // What missed its line, else the figure that came nearest to it: a direction has a line of its own.
  const worst = judged.toSorted((a, b) => Number(a.passed) - Number(b.passed) || Number(b.guessed === 'FIGURE') - Number(a.guessed === 'FIGURE') || b.product.bound - b.line!.excess - (a.product.bound - a.line!.excess))[0]!;
  return {
    ...worst.product,
    trials: outcomes.reduce((sum, { product }) => sum + product.trials, 0),
    control: Math.max(...outcomes.map(({ control }) => control.excess)),
    passed: outcomes.every(({ passed }) => passed),
    notes: outcomes.map(({ name, line, product, control, passed }) =>
      `${name}: ${product.excess.toFixed(1)} (≤ ${product.bound.toFixed(1)})${line === null ? ', reported only' : passed ? '' : ', PASSES THE LINE'}; control ${control.excess.toFixed(1)}`),
  };
}

/** A result that holds only if something else never happened as well. */
export function butNever(result: AttackResult, happened: number, times: number, what: string): AttackResult {
  return { ...result, passed: result.passed && happened === 0 && times > 0, notes: [...result.notes, `${what}: ${happened} of ${times.toLocaleString('en')}${happened === 0 ? '' : ', WHICH MUST NEVER BE'}`] };
}

/** What the product publishes of a scenario's stories, month by month: once for each of so many worlds. */
export function* publishedOf(place: Scenario, { seed }: AttackOptions, times: number): Generator<{ readonly rows: readonly Row[]; readonly cells: readonly (Cell | undefined)[] }> {
  for (let number = 0; number < times; number += 1) {
    const { rows } = makeTrial(place, Chance.from(seed, 'published', place.name, number));
    yield { rows, cells: publish(place, rows, POLICY, decideCell)[0]!.cells };
  }
}

/** With few trials the interval is too wide to be held to the line; what lies over it by more than chance is caught all the same. */
export function isWithin({ excess, bound }: Estimate, line: Line, fast: boolean): boolean {
  return fast ? 2 * excess - bound <= line.excess : excess <= line.excess && bound <= line.bound;
}

const epochs = new Map<string, ReturnType<typeof epochsOf>>();

/** The epochs of a story, made once. */
export function epochsFor(metric: Metric, months: number, policy: DisclosurePolicy): ReturnType<typeof epochsOf> {
  const key = `${metric} ${months} ${policy.version}`;
  const known = epochs.get(key) ?? epochsOf(metric, months, policy);
  epochs.set(key, known);
  return known;
}

import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import type { Attack } from './attack.js';
import { play, type Decide, type Part } from './play.js';
import { attemptAll, changed, epochsFor, LINE_D, onlyIn, scenario } from './scenario.js';
import { CALM_WORLD, WORLD } from './world.js';

const MONTHS = 12;
const LONGER = 18;

/**
 * A08 for the part of invoices that is paid late, which may jump from one epoch to the next. Two members write their ledgers after what
 * they have read: each month they place the mean where it would lie on an edge of a class if the others' sum were what they think it is, and
 * see on which side it falls. What they guess is the victim's share to within five hundredths. The same around a month in
 * which the victim leaves, or comes beside one of them.
 */
export const searchLateShare: Attack = {
  id: 'L08',
  title: 'search with your own late share',
  passLine: LINE_D.words,
  run: async (options) => attemptAll('L08', [
    scenario({ ...SHARES, name: 'one of two searches', inFast: true, firms: 2, seats: 1, months: MONTHS }, (parts, _, key) => search(parts, 1, key)),
    ...[4, 6, 11].flatMap((firms) => [['', WORLD] as const, [', a calm customer', CALM_WORLD] as const].map(([words, world]) =>
      scenario({ ...SHARES, name: `two of ${firms} search${words}`, inFast: firms === 4 && words !== '', firms, seats: 2, months: MONTHS, world }, (parts, _, key) => search(parts, 2, key)))),
    ...[4, 6].map((firms) => scenario({ ...SHARES, name: `two of ${firms} jump, a calm customer`, firms, seats: 2, months: MONTHS, world: CALM_WORLD }, (parts) => changed(parts, { 0: jump, 1: jump }))),
    ...[5, 7].map((firms) => scenario({ ...SHARES, name: `the victim leaves, ${firms} with it, a calm customer`, firms, seats: 2, months: LONGER, target: 6, world: CALM_WORLD }, (parts, _, key) =>
      search(changed(parts, { 2: (part) => onlyIn(part, (month) => month <= 6) }), 2, key))),
    ...[6, 8].map((firms) => scenario({ ...SHARES, name: `the victim comes beside an attacker, ${firms} with both, a calm customer`, firms, seats: 2, months: LONGER, world: CALM_WORLD }, (parts, _, key) =>
      search(changed(parts, { 1: (part) => onlyIn(part, (month) => month >= 6), 2: (part) => onlyIn(part, (month) => month >= 6) }), 2, key))),
    ...[4, 6].map((firms) => scenario({ ...SHARES, name: `two of ${firms} search, and guess its days, a calm customer`, firms, seats: 2, months: MONTHS, secret: 'DSO', world: CALM_WORLD }, (parts, _, key) => search(parts, 2, key))),
  ], options),
};

const SHARES = { metrics: ['LATE_SHARE'], secret: 'LATE_SHARE', reads: () => true } as const;

/** From one bound to the other and back every month. */
const jump = (part: Part): Part => ({ ...part, figures: part.figures.map((_, month) => month % 2) });

/** What a search believes of one other's share before it has read anything, and how far its first steps go. */
const FIRST = { belief: 0.25, step: 0.15, shrinks: 0.7, least: 0.015 };

/**
 * The parts with the figures of the first `seats` of them made up month by month, after the cells that were published until then. The
 * belief goes up or down by a step that shrinks, down to what the figures stray by, so that it follows them where they go. `key` is the
 * customer's, which they do not see: what they read is what is published.
 */
function search(parts: readonly Part[], seats: number, key: string): readonly Part[] {
  const own: number[] = [];
  let [belief, step] = [FIRST.belief, FIRST.step];
  let edge = 0;
  let isRefusedBelow = false;
  const aim = (month: number): void => {
    const members = parts.filter(({ admitted }) => admitted[month]).length;
    const seated = parts.slice(0, seats).filter(({ admitted }) => admitted[month]).length;
    const bounds = members <= POLICY.fewestOthers.T2 ? POLICY.lateShareBands : POLICY.lateShareClasses;
    // Their own sum that puts the mean on an edge, if the others are as believed; the edge that they can reach best.
    const sums = bounds.slice(0, -1).map((bound) => ({ bound, sum: bound * members - belief * (members - seated) }));
    const nearest = sums.toSorted((a, b) => Math.abs(a.sum - seated / 2) - Math.abs(b.sum - seated / 2))[0]!;
    own.push(Math.min(Math.max(nearest.sum / seated, 0), 1));
    edge = nearest.bound;
    // Where they hold so much themselves that the class below the edge would be refused, a refusal says that it was that one.
    isRefusedBelow = edge * members - seated * own.at(-1)! < POLICY.gate.widthShare.T1;
  };
  const reading: Decide = (...given) => {
    const closing = decideCell(...given);
    const side = (closing?.shown && sideOf(closing.shown.cell, edge)) ?? (isRefusedBelow ? -1 : undefined);
    if (side !== undefined) {
      belief = Math.min(Math.max(belief + side * step, 0), 1);
      step = Math.max(step * FIRST.shrinks, FIRST.least);
    }
    aim(own.length);
    return closing;
  };
  aim(0);
  // What they tell of a month is there when it is closed: the list grows while the story is played.
  play('LATE_SHARE', parts.map((part, place) => (place < seats ? { ...part, figures: own } : part)), epochsFor('LATE_SHARE', parts[0]!.figures.length, POLICY), POLICY, reading, key);
  return parts.map((part, place) => (place < seats ? { ...part, figures: part.figures.map((figure, month) => (figure === null ? null : own[month]!)) } : part));
}

/** On which side of an edge a published class lies: 1 above, -1 below. */
function sideOf(cell: Cell, edge: number): number | undefined {
  const [from, to] = cell.tier === 'T1' ? [cell.from, cell.to] : [cell.value - cell.roundedTo / 2, cell.value + cell.roundedTo / 2];
  if (to <= edge + 1e-9) return -1;
  return from >= edge - 1e-9 ? 1 : undefined;
}

import { METRICS, type Metric } from '../src/values/metric.js';
import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import { decideCell, type Closing } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { rate } from './confidence.js';
import { decideNaively } from './naive-build.js';
import { epochsOf, firmIdOf, LONG_AGO, play, type Decide, type Part } from './play.js';
import { onlyIn } from './scenario.js';
import { Customer } from './world.js';

const MONTHS = 4;
/** The longest that anybody could tell, and the naive build's own trouble. */
const WORST: Readonly<Record<Metric, number>> = { DSO: 5000, DAYS_BEYOND_TERMS: 5000, LATE_SHARE: 1, PAYMENT_TERMS: 5000 };
const OF_DAYS: readonly Metric[] = ['DSO', 'DAYS_BEYOND_TERMS'];

/**
 * One member of a panel tells the worst figure it can from one epoch to the next, to harm the customer. What is published may
 * move by one step of its rounding, compared with the same group where it told the truth; and what it told stays on record
 * beside what it counted as.
 *
 * The line does not speak of the first figure of all. The policy holds movement, ten days an epoch, and a first figure has nothing
 * to have moved from: in the first epoch of a cell nothing was shown that it could move, and who comes into a panel later comes with
 * one other at least. It makes no difference that a newcomer waits for its quarter, for it may lie while it waits. A member that was
 * told of before is held, in the panel or not. Whoever is held could come as far in some epochs, ten days at a time; so what bounds a
 * liar in the end is the weight of one and the clip, in the first epoch as in the last: 150 days ÷ n. That is what a first figure
 * is held to here, and how often it is more than a step is reported.
 */
export const poison: Attack = {
  id: 'A34',
  title: 'one member poisons',
  passLine: '≤ one rounding step in an epoch, on record; a first figure ≤ 150 days ÷ n',
  run: async ({ seed, fast }) => {
    const trials = fast ? 400 : 4000;
    const counts = { standing: 0, heavy: 0, beyond: 0, held: 0, recorded: 0, naive: 0 };
    const missed = new Map<Metric, number>();
    const first = new Map<Metric, number>();
    const joining = new Map<Metric, number>();
    for (let trial = 0; trial < trials; trial += 1) {
      const chance = Chance.from(seed, 'A34', trial);
      const metric = METRICS[trial % METRICS.length]!;
      const epochs = epochsOf(metric, MONTHS, POLICY);
      const customer = new Customer(chance, MONTHS);
      const parts: readonly Part[] = Array.from({ length: 4 + chance.below(10) }, (_, place) => {
        const row = customer.row(chance);
        return { firmId: firmIdOf(place), joinedOn: LONG_AGO, figures: row.map((figures) => figures[metric]), admitted: row.map(() => true) };
      });
      const worst = chance.uniform() < 0.5 ? WORST[metric] : 0;
      const poisoned = (from: number): readonly Part[] => parts.with(0, { ...parts[0]!, figures: parts[0]!.figures.map((figure, month) => (month >= from ? worst : figure)) });
      const counted: Closing['inputs'][] = [];
      const watched: Decide = (...given) => {
        const closing = decideCell(...given);
        counted.push(closing?.inputs ?? []);
        if (OF_DAYS.includes(metric)) counts.beyond += closing?.inputs.filter(({ input }) => input < POLICY.clipDays.lowest || input > POLICY.clipDays.highest).length ?? 0;
        return closing;
      };
      const cells = (told: readonly Part[], decide: Decide = decideCell): readonly (Cell | undefined)[] => play(metric, told, epochs, POLICY, decide);
      const honest = cells(parts);
      const jumped = cells(poisoned(MONTHS - 1), watched);
      if (stepsBetween(metric, honest.at(-1), jumped.at(-1)) > 1) {
        counts.standing += 1;
        count(missed, metric);
      }
      const [before, now] = [MONTHS - 2, MONTHS - 1].map((month) => counted[month]?.find(({ firmId }) => firmId === firmIdOf(0)));
      // Where nothing was shown yet there is nothing that it could move.
      if (OF_DAYS.includes(metric) && jumped.slice(0, -1).some((cell) => cell !== undefined) && before && now && Math.abs(worst - before.input) > POLICY.movementDays) {
        counts.held += 1;
        if (now.figure === worst && Math.abs(now.input - before.input) <= POLICY.movementDays + 1e-9) counts.recorded += 1;
      }
      const lied = cells(poisoned(0), watched)[0];
      if (stepsBetween(metric, honest[0], lied) > 1) count(first, metric);
      if (OF_DAYS.includes(metric) && honest[0] && lied && daysBetween(honest[0], lied) > weightOfOne(parts.length, honest[0])) counts.heavy += 1;
      // It comes in the second quarter, beside one other.
      const late = (told: readonly Part[]): readonly Part[] => told.map((part, place) => (place < 2 ? onlyIn(part, (month) => month === MONTHS - 1) : part));
      if (stepsBetween(metric, cells(late(parts)).at(-1), cells(late(poisoned(0))).at(-1)) > 1) count(joining, metric);
      if (metric === 'DSO' && Math.abs(valueOf(cells(parts, decideNaively).at(-1)) - valueOf(cells(poisoned(MONTHS - 1), decideNaively).at(-1))) > POLICY.shownDays.T2) counts.naive += 1;
    }
    const shares = (counted: ReadonlyMap<Metric, number>): string => METRICS.map((metric) => `${metric} ${(((counted.get(metric) ?? 0) * 100 * METRICS.length) / trials).toFixed(1)}`).join(', ');
    return {
      trials, ...rate(counts.standing, trials), control: rate(counts.naive, trials / METRICS.length).excess,
      passed: counts.standing === 0 && counts.heavy === 0 && counts.beyond === 0 && counts.held > 0 && counts.recorded === counts.held,
      notes: [
        ...[...missed].map(([metric, times]) => `${metric}: by more than a step in ${times} of ${trials / METRICS.length}`),
        `what was told and what it counted as are both kept, for ${counts.recorded} of ${counts.held} figures that were held back`,
        `a first figure beyond the weight of one: ${counts.heavy} of ${trials / 2}; figures that counted beyond the clip: ${counts.beyond}`,
        `a first figure in the first epoch of a cell: by more than a step, of 100: ${shares(first)} (reported only)`,
        `a first figure of whoever comes into a panel beside another: by more than a step, of 100: ${shares(joining)} (reported only)`,
        'control: DSO, by more than ten days',
      ],
    };
  },
};

function count(times: Map<Metric, number>, metric: Metric): void {
  times.set(metric, (times.get(metric) ?? 0) + 1);
}

/** How far a mean can go by one of so many members, from one bound to the other, and the rounding with it. */
function weightOfOne(members: number, { tier }: Cell): number {
  return (POLICY.clipDays.highest - POLICY.clipDays.lowest + POLICY.bucketDays[tier]) / members + POLICY.shownDays[tier];
}

/** How many steps of rounding lie between two cells of one epoch; none where either says nothing, or where the tier fell: that says less. */
function stepsBetween(metric: Metric, one: Cell | undefined, other: Cell | undefined): number {
  if (!one || !other || one.tier !== other.tier) return 0;
  const apart = Math.abs(placeOf(metric, one) - placeOf(metric, other));
  return Math.round(apart);
}

/** The same in days. */
function daysBetween(one: Cell, other: Cell): number {
  return one.tier === other.tier ? Math.abs(valueOf(one) - valueOf(other)) : 0;
}

/** A cell's place on the scale of its tier, in steps. */
function placeOf(metric: Metric, cell: Cell): number {
  if (cell.tier === 'T1') return metric === 'LATE_SHARE' ? POLICY.lateShareBands.indexOf(cell.to) : cell.from / POLICY.shownDays.T1;
  if (metric === 'PAYMENT_TERMS') return POLICY.termsClasses[cell.tier].indexOf(cell.value);
  if (metric !== 'LATE_SHARE') return cell.value / cell.roundedTo;
  return POLICY.lateShareClasses.findIndex((bound) => cell.value <= bound);
}

function valueOf(cell: Cell | undefined): number {
  if (!cell) return 0;
  return cell.tier === 'T1' ? cell.from : cell.value;
}

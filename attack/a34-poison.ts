import type { Metric } from '../src/values/metric.js';
import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { rate } from './confidence.js';
import { decideNaively } from './naive-build.js';
import { epochsOf, firmIdOf, LONG_AGO, play, type Part } from './play.js';
import { Customer } from './world.js';

const MONTHS = 4;
const METRICS: readonly Metric[] = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE', 'PAYMENT_TERMS'];
const WORST: Readonly<Record<Metric, number>> = { DSO: 180, DAYS_BEYOND_TERMS: 180, LATE_SHARE: 1, PAYMENT_TERMS: 180 };

/**
 * One member of a panel tells the worst figure it can from one epoch to the next, to harm the customer. What is published may
 * move by one step of its rounding, compared with the same group where it told the truth. What a firm does on its first day,
 * when there is nothing to hold it to, is counted apart and reported.
 */
export const poison: Attack = {
  id: 'A34',
  title: 'one member poisons',
  passLine: '≤ one rounding step in an epoch',
  run: async ({ seed, fast }) => {
    const trials = fast ? 400 : 4000;
    const counts = { standing: 0, first: 0, naive: 0 };
    const metricsMissed = new Map<Metric, number>();
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
      const last = (told: readonly Part[], decide = decideCell): Cell | undefined => play(metric, told, epochs, POLICY, decide).at(-1);
      const honest = last(parts);
      if (stepsBetween(metric, honest, last(poisoned(MONTHS - 1))) > 1) {
        counts.standing += 1;
        metricsMissed.set(metric, (metricsMissed.get(metric) ?? 0) + 1);
      }
      if (stepsBetween(metric, play(metric, parts, epochs, POLICY, decideCell)[0], play(metric, poisoned(0), epochs, POLICY, decideCell)[0]) > 1) counts.first += 1;
      if (metric === 'DSO' && Math.abs(valueOf(last(parts, decideNaively)) - valueOf(last(poisoned(MONTHS - 1), decideNaively))) > POLICY.shownDays.T2) counts.naive += 1;
    }
    return {
      trials, ...rate(counts.standing, trials), control: rate(counts.naive, trials / METRICS.length).excess, passed: counts.standing === 0,
      notes: [
        ...[...metricsMissed].map(([metric, count]) => `${metric}: by more than a step in ${count} of ${trials / METRICS.length}`),
        `in the first epoch of a panel, where no movement is held: by more than a step in ${((100 * counts.first) / trials).toFixed(1)} of 100 (reported only)`,
        'control: DSO, by more than ten days',
      ],
    };
  },
};

/** How many steps of rounding lie between two cells of one epoch; none where either says nothing, or where the tier fell: that says less. */
function stepsBetween(metric: Metric, one: Cell | undefined, other: Cell | undefined): number {
  if (!one || !other || one.tier !== other.tier) return 0;
  const apart = Math.abs(placeOf(metric, one) - placeOf(metric, other));
  return Math.round(apart);
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

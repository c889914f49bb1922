import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import { quarterOf } from '../subgraphs/community/benchmark/epoch.js';
import { monthOf } from '../src/values/day.js';
import type { Trend } from '../src/values/trend.js';
import type { Decide } from './play.js';

/**
 * The control: a build without a policy. It publishes the exact mean and exact quartiles of whoever has a figure, from one
 * contributor up, on the day, and the direction of that mean. Every attack must succeed here, or it proves nothing.
 */
export const decideNaively: Decide = ({ subject, metric, admitted, figures, earlier }, epoch, policy) => {
  const inputs = admitted.filter(({ firmId }) => figures.has(firmId)).map(({ firmId }) => ({ firmId, figure: figures.get(firmId)!, input: figures.get(firmId)! }));
  if (inputs.length === 0) return undefined;
  const then = monthOf(epoch.periodEnd.with({ day: 1 }).subtract({ months: policy.direction.months }));
  const before = earlier.filter(({ month }) => month === then).map(({ input }) => input);
  const now = inputs.map(({ input }) => input);
  const sorted = now.toSorted((a, b) => a - b);
  const moved = before.length === 0 ? 0 : mean(now) - mean(before);
  const direction: Trend = moved > 0 ? 'WORSENING' : moved < 0 ? 'IMPROVING' : 'STABLE';
  const cell: Cell = {
    tier: 'T2', value: mean(now), roundedTo: 0, direction,
    lowerQuartile: sorted[Math.floor((sorted.length - 1) / 4)]!, upperQuartile: sorted[Math.ceil(((sorted.length - 1) * 3) / 4)]!,
  };
  return { subject, metric, panel: { quarter: quarterOf(epoch.periodEnd), members: inputs.map(({ firmId }) => firmId), withheld: false }, shown: { cell, shiftedBy: 0 }, inputs };
};

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

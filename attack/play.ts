import type { Metric } from '../src/values/metric.js';
import { endOfMonth, monthOf } from '../src/values/day.js';
import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import type { decideCell, EarlierInput } from '../subgraphs/community/benchmark/decide-cell.js';
import { quarterOf, type Epoch } from '../subgraphs/community/benchmark/epoch.js';
import type { Release } from '../subgraphs/community/benchmark/history-room.js';
import type { Panel } from '../subgraphs/community/benchmark/panel.js';
import { familyOf, type DisclosurePolicy } from '../subgraphs/community/benchmark/policy.js';

/** What decides a cell: the product's own function, or the control's. */
export type Decide = typeof decideCell;

/** One firm's part in a story of some months around one cell. */
export interface Part {
  readonly firmId: string;
  readonly joinedOn: string;
  /** What it tells, month by month; `null`: nothing that counts. */
  readonly figures: readonly (number | null)[];
  /** Whether it is admitted when the month's epoch closes. */
  readonly admitted: readonly boolean[];
}

/** Long before any story begins: tenure and the hold of newcomers are behind. */
export const LONG_AGO = '2024-01-01';

export function firmIdOf(place: number): string {
  return `00000000-0000-4000-8000-${String(place + 1).padStart(12, '0')}`;
}

/** The epochs of a story: one a month from January 2026 on, which begins a quarter. Terms: one a quarter. */
export function epochsOf(metric: Metric, months: number, policy: DisclosurePolicy): readonly Epoch[] {
  const family = familyOf(metric);
  return Array.from({ length: months }, (_, month) => {
    const periodEnd = endOfMonth(Temporal.PlainDate.from('2026-01-01').add({ months: family === 'TERMS' ? month * 3 + 2 : month }));
    return { family, periodStart: periodEnd.with({ day: 1 }).subtract({ months: 2 }), periodEnd, publishedOn: periodEnd.add({ days: policy.publishedAfterDays[family] }) };
  });
}

/** Closes one cell epoch after epoch, as the product does with a database around it. What was published, month by month. */
export function play(metric: Metric, parts: readonly Part[], epochs: readonly Epoch[], policy: DisclosurePolicy, decide: Decide): (Cell | undefined)[] {
  const taken: EarlierInput[][] = [];
  const panels: Panel[] = [];
  const published: Release[] = [];
  return epochs.map((epoch, at) => {
    const told = parts.filter(({ figures, admitted }) => admitted[at] && figures[at] !== null);
    const oldest = epoch.periodEnd.with({ day: 1 }).subtract({ months: Math.max(policy.carryMonths, policy.direction.months) });
    const closing = decide({
      subject: 'subject',
      metric,
      admitted: parts.filter(({ admitted }) => admitted[at]).map(({ firmId, joinedOn }) => ({ firmId, joinedOn, metrics: [metric] })),
      figures: new Map(told.map(({ firmId, figures }) => [firmId, figures[at]!])),
      prior: panels.at(-1),
      earlier: taken.flatMap((inputs, past) => (Temporal.PlainDate.compare(epochs[past]!.periodEnd, oldest) >= 0 ? inputs : [])),
      published: published.slice(-policy.gate.epochs),
    }, epoch, policy);
    taken.push((closing?.inputs ?? []).map(({ firmId, figure, input }) => ({ firmId, input, month: monthOf(epoch.periodEnd), told: figure !== null })));
    if (closing && (closing.cell !== undefined || closing.panel.withheld)) {
      // One panel a quarter: the last word of it stands.
      if (panels.at(-1)?.quarter === quarterOf(epoch.periodEnd)) panels.pop();
      panels.push(closing.panel);
    }
    if (closing?.cell) published.push({ month: monthOf(epoch.periodEnd), cell: closing.cell, inputs: closing.inputs.filter(({ firmId }) => closing.panel.members.includes(firmId)) });
    return closing?.cell;
  });
}

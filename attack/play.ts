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
  /** Of linked firms: the mark of their group. */
  readonly group?: string;
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

/** The epochs of a story: one a month from the first month of a quarter on. Terms: one a quarter. */
export function epochsOf(metric: Metric, months: number, policy: DisclosurePolicy, from = '2026-01-01'): readonly Epoch[] {
  const family = familyOf(metric);
  return Array.from({ length: months }, (_, month) => {
    const periodEnd = endOfMonth(Temporal.PlainDate.from(from).add({ months: family === 'TERMS' ? month * 3 + 2 : month }));
    return { family, periodStart: periodEnd.with({ day: 1 }).subtract({ months: 2 }), periodEnd, publishedOn: periodEnd.add({ days: policy.publishedAfterDays[family] }) };
  });
}

/** An epoch with what the closing of its cells asks of the calendar, asked once. */
interface Dated {
  readonly epoch: Epoch;
  readonly month: string;
  readonly quarter: string;
  /** The first of the story's epochs whose inputs may still stand in. */
  readonly oldest: number;
}

const dated = new WeakMap<readonly Epoch[], readonly Dated[]>();

function dateOf(epochs: readonly Epoch[], policy: DisclosurePolicy): readonly Dated[] {
  const months = Math.max(policy.carryMonths, policy.direction.months);
  const dates = dated.get(epochs) ?? epochs.map((epoch) => {
    const from = epoch.periodEnd.with({ day: 1 }).subtract({ months });
    return { epoch, month: monthOf(epoch.periodEnd), quarter: quarterOf(epoch.periodEnd), oldest: epochs.findIndex(({ periodEnd }) => Temporal.PlainDate.compare(periodEnd, from) >= 0) };
  });
  dated.set(epochs, dates);
  return dates;
}

/** Closes one cell epoch after epoch, as the product does with a database around it. What was published, month by month. `subject`: the customer's key, which no member ever sees. */
export function play(metric: Metric, parts: readonly Part[], epochs: readonly Epoch[], policy: DisclosurePolicy, decide: Decide, subject = 'subject'): (Cell | undefined)[] {
  const taken: (readonly EarlierInput[])[] = [];
  const panels: Panel[] = [];
  const published: Release[] = [];
  const metrics = [metric];
  return dateOf(epochs, policy).map(({ epoch, month, quarter, oldest }, at) => {
    const admitted = parts.filter((part) => part.admitted[at]);
    const closing = decide({
      subject,
      metric,
      admitted: admitted.map(({ firmId, joinedOn, group }) => ({ firmId, joinedOn, metrics, ...(group !== undefined && { group }) })),
      figures: new Map(admitted.flatMap(({ firmId, figures }) => (typeof figures[at] === 'number' ? [[firmId, figures[at]]] : []))),
      prior: panels.at(-1),
      earlier: taken.slice(oldest).flat(),
      published: published.slice(-policy.gate.epochs),
    }, epoch, policy);
    taken.push((closing?.inputs ?? []).map(({ firmId, figure, input }) => ({ firmId, input, month, told: figure !== null })));
    if (closing && (closing.shown !== undefined || closing.panel.withheld)) {
      // One panel a quarter: the last word of it stands.
      if (panels.at(-1)?.quarter === quarter) panels.pop();
      panels.push(closing.panel);
    }
    if (closing?.shown) {
      const members = new Set(closing.panel.members);
      published.push({ month, ...closing.shown, inputs: closing.inputs.filter(({ firmId }) => members.has(firmId)) });
    }
    return closing?.shown?.cell;
  });
}

import type { Metric } from '../../../src/values/metric.js';
import { monthOf } from '../../../src/values/day.js';
import type { Cell } from './cell.js';
import { quarterOf, type Epoch } from './epoch.js';
import type { Release } from './history-room.js';
import { inputOf } from './input.js';
import { onePerGroup, type Linked } from './linked-firms.js';
import { formPanel, isHeld, type Panel } from './panel.js';
import type { DisclosurePolicy } from './policy.js';
import { releasableCell } from './release-gate.js';
import { tierOf } from './tier.js';

export type { Release } from './history-room.js';

/** A firm whose figures for a customer count in an epoch, for the metrics it consents to. */
export interface Admitted extends Linked {
  readonly metrics: readonly Metric[];
}

/** What an earlier epoch took from one contributor. */
export interface EarlierInput {
  readonly firmId: string;
  readonly input: number;
  /** Of the epoch it was taken in, `2026-07`. */
  readonly month: string;
  /** Whether it had a figure then, rather than an earlier one that stood in: standing in does not renew itself. */
  readonly told: boolean;
}

/** What is decided of one cell. `inputs` holds every contributor that counted, in the panel or waiting for it. */
export interface Closing {
  readonly subject: string;
  readonly metric: Metric;
  readonly panel: Panel;
  readonly cell: Cell | undefined;
  readonly inputs: readonly { readonly firmId: string; readonly figure: number | null; readonly input: number }[];
}

/** What is known around one cell when an epoch closes. All of it is of this subject and metric alone. */
export interface Around {
  readonly subject: string;
  readonly metric: Metric;
  /** Everybody who is admitted and shares the metric, with or without a figure; linked firms all of them: one of each group is taken here. */
  readonly admitted: readonly Admitted[];
  /** The evidenced figures of the epoch's window. */
  readonly figures: ReadonlyMap<string, number>;
  /** The last panel that was published or fell silent, of this quarter or an earlier one. */
  readonly prior: Panel | undefined;
  /** What epochs of the last `carryMonths` and `direction.months` took, the latest last. */
  readonly earlier: readonly EarlierInput[];
  /** What epochs before this one published of this cell, the oldest first: the last `gate.epochs` of them that did. Silent epochs are left out. */
  readonly published: readonly Release[];
}

/** Decides one cell. `undefined` where there is too little to ever say something: nothing of it is kept. */
export function decideCell({ subject, metric, admitted, figures, prior, earlier, published }: Around, epoch: Epoch, policy: DisclosurePolicy): Closing | undefined {
  const previous = new Map(earlier.map(({ firmId, input }) => [firmId, input]));
  const stands = new Set([...figures.keys(), ...earlier.filter(({ told }) => told).map(({ firmId }) => firmId)]);
  const one = onePerGroup(admitted, new Set(prior?.members), (firmId) => stands.has(firmId));
  const joinedOn = new Map(one.map((firm) => [firm.firmId, Temporal.PlainDate.from(firm.joinedOn)]));
  const monthBefore = monthOf(epoch.periodEnd.with({ day: 1 }).subtract({ months: policy.direction.months }));
  const before = new Map(earlier.filter(({ month }) => month === monthBefore).map(({ firmId, input }) => [firmId, input]));
  const counted = new Set([...joinedOn.keys()].filter((firmId) => figures.has(firmId)));
  const standing = new Set([...joinedOn.keys()].filter((firmId) => stands.has(firmId)));
  const panel = formPanel(prior, quarterOf(epoch.periodEnd), { counted, standing }, policy);
  if (!prior && !tierOf(panel.members.length, policy)) return undefined;
  const inputs = [...new Set([...counted, ...(panel.withheld ? [] : panel.members)])].map((firmId) => {
    const figure = figures.get(firmId) ?? null;
    // A member of the panel without a figure this time counts with its last one: its absence must not show.
    // Held to its movement once something was said of the cell: before that there is nothing to compare it with.
    return { firmId, figure, input: figure === null ? previous.get(firmId)! : inputOf(metric, figure, prior && previous.get(firmId), policy) };
  });
  const taken = new Map(inputs.map(({ firmId, input }) => [firmId, input]));
  const held = panel.withheld || isHeld(panel.members.map((firmId) => joinedOn.get(firmId)!), epoch.publishedOn, policy);
  const cell = held ? undefined : releasableCell(metric, panel.members.map((firmId) => ({ firmId, now: taken.get(firmId)!, before: before.get(firmId) })), monthOf(epoch.periodEnd), published, policy);
  return { subject, metric, panel, cell, inputs };
}

import type { Metric } from '../../../src/values/metric.js';
import { monthOf } from '../../../src/values/day.js';
import { releasableCell } from './disclosure-gate.js';
import { quarterOf, type Epoch } from './epoch.js';
import type { Release } from './history-room.js';
import { inputOf } from './input.js';
import { joiningDays, onePerGroup, type Linked } from './linked-firms.js';
import { formPanel, isHeld, type Panel } from './panel.js';
import type { DisclosurePolicy } from './policy.js';
import type { Shown } from './shown-sum.js';
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
  /** What is published; nothing where it is held, withheld or says too much. */
  readonly shown: Shown | undefined;
  readonly inputs: readonly { readonly firmId: string; readonly figure: number | null; readonly input: number }[];
}

/** Figures or inputs by firm. */
export type ByFirm = Pick<ReadonlyMap<string, number>, 'get' | 'has'>;

/** What one earlier epoch took of a cell. */
export interface EarlierIntake {
  /** Of the epoch, `2026-07`. */
  readonly month: string;
  readonly inputs: ByFirm;
  /** Whose figure was an earlier one that stood in: standing in does not renew itself. */
  readonly stoodIn: ReadonlySet<string>;
}

/** What is known around one cell when an epoch closes. All of it is of this subject and metric alone. */
export interface Around extends Omit<AroundIntakes, 'intakes'> {
  /** What epochs of the last `carryMonths` and `direction.months` took, the latest last. */
  readonly earlier: readonly EarlierInput[];
}

/** The same with what earlier epochs took as it is kept: a closing of millions of figures has no time to take it apart. */
export interface AroundIntakes {
  readonly subject: string;
  readonly metric: Metric;
  /** Everybody who is admitted and shares the metric, with or without a figure; linked firms all of them: one of each group is taken here. */
  readonly admitted: readonly Admitted[];
  /** The evidenced figures of the epoch's window. */
  readonly figures: ByFirm;
  /** The last panel that was published or fell silent, of this quarter or an earlier one. */
  readonly prior: Panel | undefined;
  /** What epochs of the last `carryMonths` and `direction.months` took, the latest last. */
  readonly intakes: readonly EarlierIntake[];
  /** What epochs before this one published of this cell, the oldest first: the last `gate.epochs` of them that did. Silent epochs are left out. */
  readonly published: readonly Release[];
}

/** Decides one cell. `undefined` where there is too little to ever say something: nothing of it is kept. */
export function decideCell({ earlier, ...around }: Around, epoch: Epoch, policy: DisclosurePolicy): Closing | undefined {
  const intakes = [...Map.groupBy(earlier, ({ month }) => month)].map(([month, inputs]) => ({
    month,
    inputs: new Map(inputs.map(({ firmId, input }) => [firmId, input])),
    stoodIn: new Set(inputs.filter(({ told }) => !told).map(({ firmId }) => firmId)),
  }));
  return decideFromIntakes({ ...around, intakes }, epoch, policy);
}

/** Decides one cell, from what earlier epochs took as it is kept. */
export function decideFromIntakes({ subject, metric, admitted, figures, prior, intakes, published }: AroundIntakes, epoch: Epoch, policy: DisclosurePolicy): Closing | undefined {
  const previous = (firmId: string): number | undefined => intakes.findLast(({ inputs }) => inputs.has(firmId))?.inputs.get(firmId);
  const stands = (firmId: string): boolean => figures.has(firmId) || intakes.some(({ inputs, stoodIn }) => inputs.has(firmId) && !stoodIn.has(firmId));
  const one = onePerGroup(admitted, prior?.members ?? [], stands);
  const counted = new Set<string>();
  for (const { firmId } of one) if (figures.has(firmId)) counted.add(firmId);
  const standing = counted.size === one.length ? counted : new Set(one.map(({ firmId }) => firmId).filter(stands));
  const panel = formPanel(prior, quarterOf(epoch.periodEnd), { counted, standing }, policy);
  if (!prior && !tierOf(panel.members.length, policy)) return undefined;
  const taken = new Map<string, number>();
  const inputs: { firmId: string; figure: number | null; input: number }[] = [];
  const take = (firmId: string, figure: number | null, input: number): void => {
    taken.set(firmId, input);
    inputs.push({ firmId, figure, input });
  };
  // Held to its movement once something was said of the cell: before that there is nothing to compare it with.
  for (const firmId of counted) take(firmId, figures.get(firmId)!, inputOf(metric, figures.get(firmId)!, prior && previous(firmId), policy));
  // A member of the panel without a figure this time counts with its last one: its absence must not show.
  if (!panel.withheld) for (const firmId of panel.members) if (!counted.has(firmId)) take(firmId, null, previous(firmId)!);
  const held = panel.withheld || isHeld(panel.members, joiningDays(one), epoch.publishedOn, policy);
  if (held) return { subject, metric, panel, shown: undefined, inputs };
  const monthBefore = monthOf(epoch.periodEnd.with({ day: 1 }).subtract({ months: policy.direction.months }));
  const before = intakes.find(({ month }) => month === monthBefore)?.inputs;
  const shown = releasableCell(subject, metric, panel.members.map((firmId) => ({ firmId, now: taken.get(firmId)!, before: before?.get(firmId) })), monthOf(epoch.periodEnd), published, policy);
  return { subject, metric, panel, shown, inputs };
}

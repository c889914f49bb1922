import type { Metric } from '../../../src/values/metric.js';
import { monthOf } from '../../../src/values/day.js';
import { discloseCell, type Cell } from './cell.js';
import { quarterOf, type Epoch } from './epoch.js';
import { inputOf } from './input.js';
import { formPanel, isHeld, type Panel } from './panel.js';
import type { DisclosurePolicy } from './policy.js';
import { tierOf } from './tier.js';

/** A firm whose figures for a customer count in an epoch, for the metrics it consents to. */
export interface Admitted {
  readonly firmId: string;
  readonly metrics: readonly Metric[];
  readonly joinedOn: string;
}

/** What an earlier epoch took from one contributor. */
export interface EarlierInput {
  readonly firmId: string;
  readonly input: number;
  /** Of the epoch it was taken in, `2026-07`. */
  readonly month: string;
}

/** What is decided of one cell. `inputs` holds every contributor that counted, in the panel or waiting for it. */
export interface Closing {
  readonly subject: string;
  readonly metric: Metric;
  readonly panel: Panel;
  readonly cell: Cell | undefined;
  readonly inputs: readonly { readonly firmId: string; readonly figure: number | null; readonly input: number }[];
}

/** What is known around one cell when an epoch closes. */
export interface Around {
  readonly subject: string;
  readonly metric: Metric;
  readonly admitted: readonly Admitted[];
  readonly figures: ReadonlyMap<string, number>;
  readonly prior: Panel | undefined;
  readonly earlier: readonly EarlierInput[];
}

/** Decides one cell. `undefined` where there is too little to ever say something: nothing of it is kept. */
export function decideCell({ subject, metric, admitted, figures, prior, earlier }: Around, epoch: Epoch, policy: DisclosurePolicy): Closing | undefined {
  const joinedOn = new Map(admitted.map((firm) => [firm.firmId, Temporal.PlainDate.from(firm.joinedOn)]));
  const previous = new Map(earlier.map(({ firmId, input }) => [firmId, input]));
  const monthBefore = monthOf(epoch.periodEnd.with({ day: 1 }).subtract({ months: policy.direction.months }));
  const before = new Map(earlier.filter(({ month }) => month === monthBefore).map(({ firmId, input }) => [firmId, input]));
  const counted = new Set([...joinedOn.keys()].filter((firmId) => figures.has(firmId)));
  const standing = new Set([...joinedOn.keys()].filter((firmId) => figures.has(firmId) || previous.has(firmId)));
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
  const cell = held ? undefined : discloseCell(metric, panel.members.map((firmId) => ({ now: taken.get(firmId)!, before: before.get(firmId) })), policy);
  return { subject, metric, panel, cell, inputs };
}

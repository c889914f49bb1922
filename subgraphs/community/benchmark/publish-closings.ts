import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Closing } from './decide-cell.js';
import { writeNumbers, type IdReader } from './packed.js';
import type { Panel } from './panel.js';
import type { DisclosurePolicy } from './policy.js';
import { hashIntake, type HashedIntake, type PackedIntake } from './release.js';

/** What was decided of a cell, as it is written. */
export interface Decided extends Pick<Closing, 'subject' | 'metric' | 'shown' | 'panel'> {
  /** The panel that the cell had before. */
  readonly prior: Panel | undefined;
  readonly intake: PackedIntake & HashedIntake;
}

/** Of a thousand contributors, a row of a few arrays: while others are decided, little of it lies in memory. */
export function packClosing({ subject, metric, shown, panel, inputs }: Closing, prior: Panel | undefined, ids: IdReader): Decided {
  const ordered = panelFirst(inputs, panel);
  const packed = {
    subject,
    metric,
    panelSize: ordered.panelSize,
    shiftedBy: shown?.shiftedBy ?? 0,
    firmIds: ids.write(ordered.inputs.map(({ firmId }) => firmId)),
    figures: writeNumbers(ordered.inputs.map(({ figure }) => figure)),
    inputs: writeNumbers(ordered.inputs.map(({ input }) => input)),
  };
  return { subject, metric, shown, panel, prior, intake: { ...packed, ...hashIntake(packed) } };
}

/** Writes what was decided of some cells. Nobody sees it before the transaction that closes their epoch commits. */
export async function publishClosings(em: EntityManager, epochId: string, decided: readonly Decided[], policy: DisclosurePolicy): Promise<void> {
  if (decided.length === 0) return;
  const db = em.getKysely<unknown>();
  // The same firms mostly have all metrics: their ids are sent once.
  const lists = [...new Set(decided.map(({ intake }) => intake.firmIds))];
  const places = new Map(lists.map((list, place) => [list, place]));
  const intakes = decided.map(({ intake: { subject, metric, panelSize, firmIds, figures, inputs, shiftedBy } }) => sql`(${subject}::text, ${metric}::text, ${places.get(firmIds)!}::int, ${panelSize}::int, ${figures}::double precision[], ${inputs}::double precision[], ${shiftedBy}::double precision)`);
  await sql`
    insert into community.intake (subject, metric, epoch_id, firm_ids, panel_size, figures, inputs, shifted_by)
    select subject, metric, ${epochId}::uuid, list.firm_ids, panel_size, figures, inputs, shifted_by
    from (values ${sql.join(intakes)}) as taken (subject, metric, list, panel_size, figures, inputs, shifted_by)
    join (values ${sql.join(lists.map((list, place) => sql`(${place}::int, ${list}::uuid[])`))}) as list (place, firm_ids) on list.place = taken.list
  `.execute(db);
  const cells = decided.filter(({ shown }) => shown !== undefined).map(({ subject, metric, shown }) => ({ subject, metric, ...shown!.cell }));
  await sql`
    insert into community.cell (subject, metric, epoch_id, tier, band_from, band_to, value, rounded_to, direction, lower_quartile, upper_quartile, policy_version)
    select subject, metric, ${epochId}::uuid, tier, "from", "to", value, "roundedTo", direction, "lowerQuartile", "upperQuartile", ${policy.version}::int
    from jsonb_to_recordset(${JSON.stringify(cells)}::jsonb) as shown (subject text, metric text, tier text, "from" double precision, "to" double precision,
      value double precision, "roundedTo" double precision, direction text, "lowerQuartile" double precision, "upperQuartile" double precision)
  `.execute(db);
  // A panel counts once something of it was said, or once it fell silent; one that is held is formed anew next time.
  const panels = decided
    .filter(({ shown, panel, prior }) => (shown !== undefined || panel.withheld) && !(prior?.quarter === panel.quarter && prior.withheld === panel.withheld))
    .map(({ subject, metric, panel }) => ({ subject, metric, quarter: panel.quarter, withheld: panel.withheld, members: `{${panel.members.join()}}` }));
  await sql`
    insert into community.panel (subject, metric, quarter, members, withheld)
    select subject, metric, quarter, members::uuid[], withheld
    from jsonb_to_recordset(${JSON.stringify(panels)}::jsonb) as formed (subject text, metric text, quarter text, members text, withheld boolean)
    on conflict (subject, metric, quarter) do update set members = excluded.members, withheld = excluded.withheld
  `.execute(db);
}

/** The panel first, those who wait to be taken in after it; each in the order of ids, so that the same closing writes the same row. */
function panelFirst(inputs: Closing['inputs'], { members }: Panel): { readonly inputs: Closing['inputs']; readonly panelSize: number } {
  // As it mostly is: everybody is in the panel, and they come in its order.
  if (inputs.length === members.length && inputs.every(({ firmId }, place) => firmId === members[place])) return { inputs, panelSize: inputs.length };
  const inPanel = new Set(members);
  const byId = inputs.toSorted((one, other) => (one.firmId < other.firmId ? -1 : 1));
  const panel = byId.filter(({ firmId }) => inPanel.has(firmId));
  return { inputs: [...panel, ...byId.filter(({ firmId }) => !inPanel.has(firmId))], panelSize: panel.length };
}

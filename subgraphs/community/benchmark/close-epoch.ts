import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import type { Metric } from '../../../src/values/metric.js';
import type { Room } from '../../../src/server/room.js';
import { decideCell, type Around, type Closing } from './decide-cell.js';
import { quarterOf, type Epoch } from './epoch.js';
import { metricsOf, POLICY, type DisclosurePolicy } from './policy.js';
import { readAdmitted, readEarlierInputs, readFigures, readPanels, readSubjects } from './read-contributors.js';

/** Customers whose figures are in memory at once. */
const SUBJECTS_AT_ONCE = 500;

/**
 * Closes one epoch: all its cells appear at one instant, or none. Closing it again changes nothing, and of several that
 * close it at once one does. Returns whether this call did.
 */
export async function closeEpoch(room: Room, epoch: Epoch, policy: DisclosurePolicy = POLICY): Promise<boolean> {
  return room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    await sql`select pg_advisory_xact_lock(hashtext('community.close-epoch'))`.execute(db);
    const { rows } = await sql<{ id: string }>`
      insert into community.epoch (family, period_start, period_end, published_on, policy_version)
      values (${epoch.family}, ${String(epoch.periodStart)}::date, ${String(epoch.periodEnd)}::date, ${String(epoch.publishedOn)}::date, ${policy.version})
      on conflict (family, period_end) do nothing returning id
    `.execute(db);
    const epochId = rows[0]?.id;
    if (epochId === undefined) return false;
    for (let after = ''; ; ) {
      const subjects = await readSubjects(em, epoch, after, SUBJECTS_AT_ONCE);
      if (subjects.length === 0) break;
      after = subjects.at(-1)!;
      const closings = (await readAround(em, epoch, subjects, policy)).map((around) => decideCell(around, epoch, policy)).filter((closing) => closing !== undefined);
      await publish(em, epochId, closings, policy);
    }
    afterCommit(em, (hints) => hints.publish('epochs'));
    return true;
  });
}

async function readAround(em: EntityManager, epoch: Epoch, subjects: readonly string[], policy: DisclosurePolicy): Promise<Around[]> {
  const admitted = Map.groupBy(await readAdmitted(em, epoch, subjects, policy), ({ subject }) => subject);
  const figures = Map.groupBy(await readFigures(em, epoch, subjects), cellKey);
  const panels = new Map((await readPanels(em, epoch, subjects, quarterOf(epoch.periodEnd))).map((row) => [cellKey(row), row]));
  const earlier = Map.groupBy(await readEarlierInputs(em, epoch, subjects, policy), cellKey);
  return subjects.flatMap((subject) =>
    metricsOf(epoch.family).map((metric) => {
      const key = cellKey({ subject, metric });
      return {
        subject,
        metric,
        admitted: (admitted.get(subject) ?? []).filter(({ metrics }) => metrics.includes(metric)),
        figures: new Map(figures.get(key)?.map(({ firmId, figure }) => [firmId, figure])),
        prior: panels.get(key),
        earlier: earlier.get(key) ?? [],
        published: [],
      };
    }),
  );
}

async function publish(em: EntityManager, epochId: string, closings: readonly Closing[], policy: DisclosurePolicy): Promise<void> {
  const db = em.getKysely<unknown>();
  const inputs = closings.flatMap(({ subject, metric, inputs: taken }) => taken.map((input) => ({ subject, metric, ...input })));
  await sql`
    insert into community.cell_input (subject, metric, epoch_id, firm_id, figure, input)
    select subject, metric, ${epochId}::uuid, "firmId", figure, input
    from jsonb_to_recordset(${JSON.stringify(inputs)}::jsonb) as taken (subject text, metric text, "firmId" uuid, figure double precision, input double precision)
  `.execute(db);
  const cells = closings.filter(({ cell }) => cell !== undefined).map(({ subject, metric, cell }) => ({ subject, metric, ...cell }));
  await sql`
    insert into community.cell (subject, metric, epoch_id, tier, band_from, band_to, value, rounded_to, direction, lower_quartile, upper_quartile, policy_version)
    select subject, metric, ${epochId}::uuid, tier, "from", "to", value, "roundedTo", direction, "lowerQuartile", "upperQuartile", ${policy.version}::int
    from jsonb_to_recordset(${JSON.stringify(cells)}::jsonb) as shown (subject text, metric text, tier text, "from" double precision, "to" double precision,
      value double precision, "roundedTo" double precision, direction text, "lowerQuartile" double precision, "upperQuartile" double precision)
  `.execute(db);
  // A panel counts once something of it was said, or once it fell silent; one that is held is formed anew next time.
  const panels = closings.filter(({ cell, panel }) => cell !== undefined || panel.withheld).map(({ subject, metric, panel }) => ({ subject, metric, ...panel }));
  await sql`
    insert into community.panel (subject, metric, quarter, members, withheld)
    select subject, metric, quarter, array(select jsonb_array_elements_text(members))::uuid[], withheld
    from jsonb_to_recordset(${JSON.stringify(panels)}::jsonb) as formed (subject text, metric text, quarter text, members jsonb, withheld boolean)
    on conflict (subject, metric, quarter) do update set members = excluded.members, withheld = excluded.withheld
  `.execute(db);
}

function cellKey({ subject, metric }: { readonly subject: string; readonly metric: Metric }): string {
  return `${metric} ${subject}`;
}

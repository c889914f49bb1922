import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import type { Metric } from '../../../src/values/metric.js';
import type { Room } from '../../../src/server/room.js';
import { decideCell, type Admitted, type Around } from './decide-cell.js';
import { quarterOf, type Epoch } from './epoch.js';
import { metricsOf, POLICY, type DisclosurePolicy } from './policy.js';
import { publishClosings, type Decided } from './publish-closings.js';
import { lockContributors, readPast, readPanels, readToldSubjects, type KnownIds, type ToldSubject } from './read-contributors.js';
import { recordReleases } from './record-releases.js';

/** Customers whose figures are in memory at once. */
const SUBJECTS_AT_ONCE = 200;
/** How long others may wait for this process while it decides, in milliseconds. */
const DECIDING_MILLISECONDS = 20;

/**
 * Closes one epoch: all its cells and its entry in the ledger of releases appear at one instant, or nothing does, and then
 * it is heard of. Closing it again changes nothing, of several that close it at once one does, and one that comes after a
 * later one of its family is out stays closed for good: what was published later must not be joined by an older neighbour.
 * Returns whether this call closed it.
 */
export async function closeEpoch(room: Room, epoch: Epoch, policy: DisclosurePolicy = POLICY): Promise<boolean> {
  return room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // Held until the commit: who waits here sees what the one before published. Killed at any moment, PostgreSQL takes all back.
    await sql`select pg_advisory_xact_lock(hashtext('community.close-epoch'))`.execute(db);
    const { rows } = await sql<{ id: string }>`
      insert into community.epoch (family, period_start, period_end, published_on, policy_version)
      select ${epoch.family}::text, ${String(epoch.periodStart)}::date, ${String(epoch.periodEnd)}::date, ${String(epoch.publishedOn)}::date, ${policy.version}::int
      where not exists (select from community.epoch as known where known.family = ${epoch.family} and known.period_end >= ${String(epoch.periodEnd)}::date)
      returning id
    `.execute(db);
    const epochId = rows[0]?.id;
    if (epochId === undefined) return false;
    const contributors = await lockContributors(em, epoch, policy);
    const known: KnownIds = new Map();
    for await (const told of readToldSubjects(em, epoch, [...contributors.keys()], known, SUBJECTS_AT_ONCE)) {
      await publishClosings(em, epochId, await decideCells(await readAround(em, epoch, contributors, told, policy, known), epoch, policy), policy);
    }
    await recordReleases(em, policy);
    afterCommit(em, (hints) => hints.publish('epochs'));
    return true;
  });
}

async function decideCells(cells: readonly Around[], epoch: Epoch, policy: DisclosurePolicy): Promise<readonly Decided[]> {
  const decided: Decided[] = [];
  let since = performance.now();
  for (const around of cells) {
    const closing = decideCell(around, epoch, policy);
    if (closing) decided.push({ ...closing, prior: around.prior });
    if (performance.now() - since < DECIDING_MILLISECONDS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
  return decided;
}

async function readAround(em: EntityManager, epoch: Epoch, contributors: ReadonlyMap<string, Admitted>, told: readonly ToldSubject[], policy: DisclosurePolicy, known: KnownIds): Promise<Around[]> {
  const subjects = told.map(({ subject }) => subject);
  const panels = new Map((await readPanels(em, epoch, subjects, quarterOf(epoch.periodEnd), known)).map((row) => [cellKey(row), row]));
  const past = new Map((await readPast(em, epoch, subjects, subjects, policy, known)).map((row) => [cellKey(row), row]));
  return told.flatMap(({ subject, firmIds, figures }) => {
    const admitted = firmIds.flatMap((firmId) => contributors.get(firmId) ?? []);
    return metricsOf(epoch.family).map((metric) => {
      const key = cellKey({ subject, metric });
      return {
        subject,
        metric,
        admitted: admitted.filter(({ metrics }) => metrics.includes(metric)),
        figures: figures.get(metric) ?? new Map<string, number>(),
        prior: panels.get(key),
        earlier: past.get(key)?.earlier ?? [],
        published: past.get(key)?.published ?? [],
      };
    });
  });
}

function cellKey({ subject, metric }: { readonly subject: string; readonly metric: Metric }): string {
  return `${metric} ${subject}`;
}

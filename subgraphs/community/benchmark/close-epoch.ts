import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import type { Metric } from '../../../src/values/metric.js';
import type { Room } from '../../../src/server/room.js';
import { decideFromIntakes, type Admitted, type AroundIntakes } from './decide-cell.js';
import { looksBack } from './disclosure-gate.js';
import { quarterOf, type Epoch } from './epoch.js';
import { IdReader } from './packed.js';
import { metricsOf, POLICY, type DisclosurePolicy } from './policy.js';
import { publishClosings, type Decided } from './publish-closings.js';
import { lockContributors, readPast, readPanels, readTold, type ToldSubject } from './read-contributors.js';
import { recordReleases } from './record-releases.js';
import type { HashedIntake } from './release.js';

/** About so many contributors' figures are in memory at once, and this many customers at most. */
const CONTRIBUTORS_AT_ONCE = 40_000;
const SUBJECTS_AT_ONCE = 1000;
/** As many customers at first: how many firms have each is not known yet. */
const SUBJECTS_AT_FIRST = 20;
/** How long others may wait for this process while it decides, in milliseconds. */
const DECIDING_MILLISECONDS = 20;

const closings = new WeakMap<Room, Promise<unknown>>();

/**
 * Closes one epoch: all its cells and its entry in the ledger of releases appear at one instant, or nothing does, and then
 * it is heard of. Closing it again changes nothing, of several that close it at once one does, and one that comes after a
 * later one of its family is out stays closed for good: what was published later must not be joined by an older neighbour.
 * Returns whether this call closed it.
 */
export async function closeEpoch(room: Room, epoch: Epoch, policy: DisclosurePolicy = POLICY): Promise<boolean> {
  // One after another in this process, and both connections before the first lock: whoever waits for those locks on the last
  // free connection would otherwise keep the closing from what it needs to end.
  const close = (): Promise<boolean> =>
    room.db.asSystem().transaction((reader) => room.db.asSystem().transaction((em) => closeWith(em, { reader, epoch, policy, ids: new IdReader() })));
  const closing = (closings.get(room) ?? Promise.resolve()).then(close);
  closings.set(room, closing.catch(() => undefined));
  return closing;
}

async function closeWith(em: EntityManager, around: Omit<Sources, 'contributors'>): Promise<boolean> {
  const { epoch, policy } = around;
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
  const taken = await decideAll({ ...around, contributors }, em, epochId);
  await recordReleases(em, policy, { epochId, taken });
  afterCommit(em, (hints) => hints.publish('epochs'));
  return true;
}

/** What a closing decides from. */
interface Sources {
  /**
   * A connection of its own, so that PostgreSQL reads and writes at once. What it reads is committed and held still:
   * memberships by the locks of the other, everything published by the lock of closing.
   */
  readonly reader: EntityManager;
  readonly epoch: Epoch;
  readonly contributors: ReadonlyMap<string, Admitted>;
  readonly policy: DisclosurePolicy;
  readonly ids: IdReader;
}

/** Decides every cell of an epoch: while some are decided, the next ones are read and the last ones written. Returns the hashes of what it took. */
async function decideAll(sources: Sources, em: EntityManager, epochId: string): Promise<readonly HashedIntake[]> {
  const { reader, epoch, contributors, policy, ids } = sources;
  const fetch = await readTold(reader, epoch, contributors, ids);
  const taken: HashedIntake[] = [];
  let publishing = Promise.resolve();
  for (let next = fetch(SUBJECTS_AT_FIRST); ; ) {
    const told = await next;
    if (told.length === 0) break;
    const deciding = decideSubjects(sources, told);
    const holders = told.reduce((sum, { admitted }) => sum + admitted.length, 0);
    next = fetch(Math.max(1, Math.min(SUBJECTS_AT_ONCE, Math.floor((CONTRIBUTORS_AT_ONCE * told.length) / Math.max(holders, 1)))));
    // The first failure is told; whatever fails with it meanwhile is not another one.
    next.catch(() => undefined);
    const [decided] = await Promise.all([deciding, publishing]);
    publishing = publishClosings(em, epochId, decided, policy, ids).then((hashed) => void taken.push(...hashed));
    publishing.catch(() => undefined);
  }
  await publishing;
  return taken;
}

async function decideSubjects(sources: Sources, told: readonly ToldSubject[]): Promise<readonly Decided[]> {
  const { policy } = sources;
  const small = new Set(told.filter(({ admitted }) => looksBack(admitted.length, policy)).map(({ subject }) => subject));
  const decided = await decideCells(await readAround(sources, told, [...small]), sources);
  // Many have the customer, and yet few are in its panel: then it is looked back on after all.
  const missed = new Set(decided.filter(({ subject, panel }) => looksBack(panel.members.length, policy) && !small.has(subject)).map(({ subject }) => subject));
  if (missed.size === 0) return decided;
  const again = await decideCells(await readAround(sources, told.filter(({ subject }) => missed.has(subject)), [...missed]), sources);
  return [...decided.filter(({ subject }) => !missed.has(subject)), ...again];
}

async function decideCells(cells: readonly AroundIntakes[], { epoch, policy }: Sources): Promise<readonly Decided[]> {
  const decided: Decided[] = [];
  let since = performance.now();
  for (const around of cells) {
    const closing = decideFromIntakes(around, epoch, policy);
    if (closing) decided.push({ ...closing, prior: around.prior });
    if (performance.now() - since < DECIDING_MILLISECONDS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
  return decided;
}

/** What is known around each cell of these customers; of those in `lookedBack`, all that was published before. */
async function readAround({ reader, epoch, policy, ids }: Sources, told: readonly ToldSubject[], lookedBack: readonly string[]): Promise<AroundIntakes[]> {
  const subjects = told.map(({ subject }) => subject);
  const [panelRows, pastRows] = await Promise.all([readPanels(reader, epoch, subjects, quarterOf(epoch.periodEnd), ids), readPast(reader, epoch, subjects, lookedBack, policy, ids)]);
  const panels = new Map(panelRows.map((row) => [cellKey(row), row]));
  const past = new Map(pastRows.map((row) => [cellKey(row), row]));
  return told.flatMap(({ subject, admitted, figures }) =>
    metricsOf(epoch.family).map((metric) => {
      const key = cellKey({ subject, metric });
      return {
        subject,
        metric,
        admitted: admitted.filter(({ metrics }) => metrics.includes(metric)),
        figures: figures.get(metric)!,
        prior: panels.get(key),
        intakes: past.get(key)?.intakes ?? [],
        published: past.get(key)?.published ?? [],
      };
    }),
  );
}

function cellKey({ subject, metric }: { readonly subject: string; readonly metric: Metric }): string {
  return `${metric} ${subject}`;
}

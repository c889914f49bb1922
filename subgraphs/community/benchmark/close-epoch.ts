import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { ClientBase } from 'pg';
import { invariant } from '../../../src/errors.js';
import { afterCommit } from '../../../src/database/room-database.js';
import type { Metric } from '../../../src/values/metric.js';
import type { Room } from '../../../src/server/room.js';
import { decideFromIntakes, type Admitted, type AroundIntakes } from './decide-cell.js';
import { looksBack } from './disclosure-gate.js';
import { quarterOf, type Epoch } from './epoch.js';
import { IdReader, type PackedRow } from './packed.js';
import { metricsOf, POLICY, type DisclosurePolicy } from './policy.js';
import { packClosing, publishClosings, type Decided } from './publish-closings.js';
import { lockContributors, readPast, readPanels, readTold, type Stream, type ToldSubject } from './read-contributors.js';
import { readPackedRows } from './read-packed-rows.js';
import { recordReleases } from './record-releases.js';
import { markPublication } from './tell-publications.js';
import type { HashedIntake } from './release.js';

/** About so many contributors' figures are in memory at once, and this many customers at most. */
const CONTRIBUTORS_AT_ONCE = 10_000;
const SUBJECTS_AT_ONCE = 1000;
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
  // One after another in this process, and all connections before the first lock: whoever waits for those locks on the last
  // free connection would otherwise keep the closing from what it needs to end.
  const system = room.db.asSystem();
  const close = (): Promise<boolean> =>
    system.driverTransaction((teller) => system.driverTransaction((reader) => system.transactionOnce((em) => closeWith(em, { teller, reader, epoch, policy, ids: new IdReader() }))));
  const closing = (closings.get(room) ?? Promise.resolve()).then(close);
  closings.set(room, closing.catch(() => undefined));
  return closing;
}

async function closeWith(em: EntityManager, around: Connections & Omit<Sources, 'contributors' | 'told' | 'around'>): Promise<boolean> {
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
  const taken = await decideAll({ ...around, contributors, told: streamOn(around.teller, em), around: streamOn(around.reader, em) }, em, epochId);
  await recordReleases(em, policy, { epochId, taken });
  await markPublication(em, epochId);
  afterCommit(em, (hints) => hints.publish('epochs'));
  return true;
}

/**
 * Connections of their own for what was told and for what is known around it, so that PostgreSQL reads both and writes at once.
 * What they read is committed and held still: memberships by the locks of the one that writes, everything published by the
 * lock of closing.
 */
interface Connections {
  readonly teller: ClientBase;
  readonly reader: ClientBase;
}

/** What a closing decides from. */
interface Sources {
  readonly told: Stream;
  readonly around: Stream;
  readonly epoch: Epoch;
  readonly contributors: ReadonlyMap<string, Admitted>;
  readonly policy: DisclosurePolicy;
  readonly ids: IdReader;
}

/** Selects on a connection, in the order in which they are asked for; one begins when the one before was read to its end. */
function streamOn(client: ClientBase, em: EntityManager): Stream {
  // Several processes for one statement would take the processor from the other two, and arrays would not keep the order of an index.
  let before: Promise<unknown> = client.query('set local max_parallel_workers_per_gather = 0');
  before.catch(() => undefined);
  return async function* stream(select): AsyncGenerator<PackedRow, void, undefined> {
    const { sql: text, parameters } = select.compile(em.getKysely<unknown>());
    invariant(parameters.length === 0, 'COPY takes no values');
    const { promise, resolve } = Promise.withResolvers<void>();
    const turn = before;
    before = promise;
    try {
      await turn;
      yield* readPackedRows(client, text);
    } finally {
      resolve();
    }
  };
}

/** Some customers with what is known around each of their cells. */
interface Batch {
  readonly told: readonly ToldSubject[];
  /** Those that all they published before is known of. */
  readonly lookedBack: ReadonlySet<string>;
  readonly cells: readonly AroundIntakes[];
}

/** Decides every cell of an epoch: while some are decided, the next ones are read and the last ones written. Returns the hashes of what it took. */
async function decideAll(sources: Sources, em: EntityManager, epochId: string): Promise<readonly HashedIntake[]> {
  const taken: HashedIntake[] = [];
  const batches = readBatches(sources);
  let publishing = Promise.resolve();
  try {
    for (let next = batches.next(); ; ) {
      const { value: batch, done } = await next;
      if (done) break;
      next = batches.next();
      // The first failure is told; whatever fails with it meanwhile is not another one.
      next.catch(() => undefined);
      const [decided] = await Promise.all([decideBatch(sources, batch), publishing]);
      taken.push(...decided.map(({ intake: { subject, metric, hash } }) => ({ subject, metric, hash })));
      publishing = publishClosings(em, epochId, decided, sources.policy);
      publishing.catch(() => undefined);
    }
    await publishing;
  } finally {
    await batches.return();
  }
  return taken;
}

async function* readBatches(sources: Sources): AsyncGenerator<Batch, void, undefined> {
  let told: ToldSubject[] = [];
  let contributors = 0;
  for await (const subject of readTold(sources.told, sources.epoch, sources.contributors, sources.ids)) {
    told.push(subject);
    contributors += subject.admitted.length;
    if (contributors < CONTRIBUTORS_AT_ONCE && told.length < SUBJECTS_AT_ONCE) continue;
    yield readAround(sources, told);
    told = [];
    contributors = 0;
  }
  if (told.length > 0) yield readAround(sources, told);
}

async function decideBatch(sources: Sources, { told, lookedBack, cells }: Batch): Promise<readonly Decided[]> {
  const { policy } = sources;
  const decided = await decideCells(cells, sources);
  // Many have the customer, and yet few are in its panel: then it is looked back on after all.
  const missed = new Set(decided.filter(({ subject, panel }) => looksBack(panel.members.length, policy) && !lookedBack.has(subject)).map(({ subject }) => subject));
  if (missed.size === 0) return decided;
  const again = await decideCells((await readAround(sources, told.filter(({ subject }) => missed.has(subject)), missed)).cells, sources);
  return [...decided.filter(({ subject }) => !missed.has(subject)), ...again];
}

async function decideCells(cells: readonly AroundIntakes[], { epoch, policy, ids }: Sources): Promise<readonly Decided[]> {
  const decided: Decided[] = [];
  let since = performance.now();
  for (const around of cells) {
    const closing = decideFromIntakes(around, epoch, policy);
    if (closing) decided.push(packClosing(closing, around.prior, ids));
    if (performance.now() - since < DECIDING_MILLISECONDS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
  return decided;
}

/** What is known around each cell of these customers; of those in `lookedBack`, by default the ones that few have, all that was published before. */
async function readAround({ around, epoch, policy, ids }: Sources, told: readonly ToldSubject[], lookedBack = new Set(told.filter(({ admitted }) => looksBack(admitted.length, policy)).map(({ subject }) => subject))): Promise<Batch> {
  const subjects = told.map(({ subject }) => subject);
  const panels = new Map((await readPanels(around, epoch, subjects, quarterOf(epoch.periodEnd), ids)).map((row) => [cellKey(row), row]));
  const past = new Map((await readPast(around, epoch, subjects, [...lookedBack], policy, ids)).map((row) => [cellKey(row), row]));
  const cells = told.flatMap(({ subject, admitted, figures }) =>
    metricsOf(epoch.family).map((metric) => {
      const key = cellKey({ subject, metric });
      return {
        subject,
        metric,
        admitted: admitted.every(({ metrics }) => metrics.includes(metric)) ? admitted : admitted.filter(({ metrics }) => metrics.includes(metric)),
        figures: figures.get(metric)!,
        prior: panels.get(key),
        intakes: past.get(key)?.intakes ?? [],
        published: past.get(key)?.published ?? [],
      };
    }),
  );
  return { told, lookedBack, cells };
}

function cellKey({ subject, metric }: { readonly subject: string; readonly metric: Metric }): string {
  return `${metric} ${subject}`;
}

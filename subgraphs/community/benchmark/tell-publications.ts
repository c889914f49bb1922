import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import { CUSTOMERS_PER_EVENT, type EventData } from '../../../src/events/catalogue.js';
import { record } from '../../../src/events/record.js';
import { forEachFirm } from '../../../src/server/for-each-firm.js';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import type { Metric } from '../../../src/values/metric.js';
import { POLICY, metricsOf, type Family } from './policy.js';
import { positionOf } from './position.js';
import { CELL_COLUMNS, isOpenTo, isShared, mayRead, toldLately } from './read-benchmark.js';
import { toCell, type CellRow } from './read-cell.js';

/** The hint that members are to be told what they are shown. */
const PUBLICATIONS_DUE = 'publications-due';

type Told = EventData<'benchmarks.published'>['customers'][number];

interface Due {
  readonly epochId: string;
  readonly family: Family;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly formerId: string | null;
  readonly revision: number;
}

/** Marks every member to be told of an epoch, in the transaction that closes it. */
export async function markPublication(em: EntityManager, epochId: string): Promise<void> {
  await sql`insert into community.publication_told (firm_id, epoch_id) select firm_id, ${epochId}::uuid from community.membership where joined_at is not null`.execute(em.getKysely<unknown>());
  afterCommit(em, (hints) => hints.publish(PUBLICATIONS_DUE));
}

/** Marks a firm to be told anew of what came out last: what it may read of it is another part than before. */
export async function remarkPublications(em: EntityManager, firmId: string): Promise<void> {
  await sql`
    update community.publication_told set due = true, revision = revision + 1
    where firm_id = ${firmId} and epoch_id in (select distinct on (family) id from community.epoch order by family, period_end desc)
  `.execute(em.getKysely<unknown>());
  afterCommit(em, (hints) => hints.publish(PUBLICATIONS_DUE));
}

/** Tells each member that is due what it is shown. Again it tells nothing; stopped half-way it goes on with the firm that it was at. */
export async function tellPublications(room: Room): Promise<void> {
  const firmIds = await room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<{ firmId: string }>`select distinct firm_id as "firmId" from community.publication_told where due`.execute(em.getKysely<unknown>());
    return rows.map(({ firmId }) => firmId);
  });
  await forEachFirm(firmIds, async (firmId) => {
    while (await tellNext(room, firmId)) continue;
  });
}

export const tellPublicationsJob: Job = { name: 'tell-publications', everySeconds: 60, hint: PUBLICATIONS_DUE, run: tellPublications };

/** Tells a firm of the earliest epoch that it is due of; whether there was one. */
async function tellNext(room: Room, firmId: string): Promise<boolean> {
  return room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // One telling of a firm at a time: whoever waits here finds out what is left.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`community.publication ${firmId}`}, 0))`.execute(db);
    const { rows } = await sql<Due>`
      with next as (
        select e.* from community.publication_told t join community.epoch e on e.id = t.epoch_id where t.due order by e.period_end, e.id limit 1
      )
      update community.publication_told t set due = false from next where t.epoch_id = next.id
      returning next.id as "epochId", next.family, next.period_start::text as "periodStart", next.period_end::text as "periodEnd", t.revision::int as revision,
        (select former.id from community.epoch former where former.family = next.family and former.period_end < next.period_end order by former.period_end desc limit 1) as "formerId"
    `.execute(db);
    const due = rows[0];
    if (!due) return false;
    for (const metric of metricsOf(due.family)) await tellMetric(em, firmId, due, metric, room.clock.today());
    return true;
  });
}

async function tellMetric(em: EntityManager, firmId: string, { epochId, formerId, periodStart, periodEnd, revision }: Due, metric: Metric, today: Temporal.PlainDate): Promise<void> {
  const now = await readShown(em, epochId, metric, today);
  const before = formerId === null ? new Map<string, never>() : await readShown(em, formerId, metric, today);
  const customers = [...new Set([...now.keys(), ...before.keys()])].map((customerId): Told => ({ customerId, now: now.get(customerId) ?? null, before: before.get(customerId) ?? null }));
  // Once also when there is nothing: what was shown before no longer is.
  for (let start = 0; start === 0 || start < customers.length; start += CUSTOMERS_PER_EVENT) {
    await record(em, firmId, 'benchmarks.published', { metric, periodStart, periodEnd, customers: customers.slice(start, start + CUSTOMERS_PER_EVENT), revision });
  }
}

/**
 * What the firm of the transaction is shown of each of its customers in an epoch.
 *
 * Claim: it is what `Customer.benchmark` of that epoch answers the firm today, and nothing for whoever it answers "unavailable".
 * Why: the conditions are those of `readBenchmarks`, the very same fragments, under the same row-level security; so nothing can
 * be learned from what is made of this that is not read there.
 */
async function readShown(em: EntityManager, epochId: string, metric: Metric, today: Temporal.PlainDate): Promise<ReadonlyMap<string, Told['now']>> {
  const day = sql`${String(today)}::date`;
  const asked = sql`${metric}::text`;
  const { rows } = await sql<CellRow & { readonly customerId: string; readonly own: number | null }>`
    with viewer as materialized (
      select membership.* from community.membership cross join community.epoch where epoch.id = ${epochId}::uuid and ${isOpenTo(sql`epoch`, day)} and ${mayRead(asked, day)}
    ), told as materialized (
      select distinct mine.subject from viewer as membership cross join community.contribution as mine where ${toldLately(asked, day)}
    )
    select cell.customer_id as "customerId", ${CELL_COLUMNS}, cell.own
    from community.own_cells(${metric}, ${epochId}::uuid) as cell join told on told.subject = cell.subject
    where ${isShared(sql`cell.subject`)} order by cell.customer_id
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map(({ customerId, own, ...row }) => [customerId, shownOf(metric, row, own)]));
}

function shownOf(metric: Metric, row: CellRow, own: number | null): Told['now'] {
  const cell = toCell(row);
  const figure = cell.tier === 'T1' ? { from: cell.from, to: cell.to, value: null, roundedTo: null } : { from: null, to: null, value: cell.value, roundedTo: cell.roundedTo };
  return { ...figure, direction: cell.direction, own, position: own === null ? null : positionOf(metric, cell, own, POLICY) };
}

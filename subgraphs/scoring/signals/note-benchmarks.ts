import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import type { Reaction } from '../../../src/events/dispatch.js';
import { markRescoreDue } from '../score/mark-rescore-due.js';
import { movementOf } from './shown.js';

/**
 * Takes what the firm is shown of its customers in an epoch, and raises a signal where that moved since the one before. Parts of
 * a telling may come in any order, twice and late: the latest epoch and telling stay, and a move is told once.
 */
export const noteBenchmarks: Reaction<'benchmarks.published'> = async (room, { firmId, data }) => {
  invariant(firmId, 'a benchmark is shown to a firm');
  const { metric, periodStart, periodEnd, revision } = data;
  await room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // Its lock makes tellings of one metric come one after another.
    const { rows: later } = await sql`
      insert into scoring.benchmark_told as known (metric, period_end, revision) values (${metric}, ${periodEnd}::date, ${revision})
      on conflict (firm_id, metric) do update set period_end = excluded.period_end, revision = excluded.revision
      where (excluded.period_end, excluded.revision) > (known.period_end, known.revision)
      returning metric
    `.execute(db);
    const now = JSON.stringify(data.customers.flatMap(({ customerId, now: shown }) => (shown ? [{ customer_id: customerId, shown }] : [])));
    await sql`
      insert into scoring.benchmark_fact as known (customer_id, metric, period_end, revision, shown)
      select customer_id, ${metric}, ${periodEnd}::date, ${revision}, shown from jsonb_to_recordset(${now}::jsonb) as told (customer_id uuid, shown jsonb) order by customer_id
      on conflict (firm_id, customer_id, metric) do update set period_end = excluded.period_end, revision = excluded.revision, shown = excluded.shown
      where (excluded.period_end, excluded.revision) > (known.period_end, known.revision)
    `.execute(db);
    const moved = JSON.stringify(data.customers.flatMap(({ customerId, now: after, before }) => {
      const direction = after && before && movementOf(metric, before, after);
      return direction ? [{ customer_id: customerId, direction, before, after }] : [];
    }));
    await sql`
      insert into scoring.peer_signal (customer_id, metric, period_start, period_end, direction, before, after, raised_at)
      select customer_id, ${metric}, ${periodStart}::date, ${periodEnd}::date, direction, before, after, ${room.clock.now().toString()}::timestamptz
      from jsonb_to_recordset(${moved}::jsonb) as moved (customer_id uuid, direction text, before jsonb, after jsonb) order by customer_id
      on conflict (firm_id, customer_id, metric, period_end) do nothing
    `.execute(db);
    // Whoever was shown before and is not any more stands otherwise too. All at once: two that mark in parts would wait for one another for ever.
    await markRescoreDue(em, sql`
      select unnest(${data.customers.map(({ customerId }) => customerId)}::uuid[])
      union select customer_id from scoring.benchmark_fact where metric = ${metric} and ${later.length > 0}
    `);
  });
};

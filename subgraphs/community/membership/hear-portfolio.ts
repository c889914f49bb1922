import { sql } from 'kysely';
import { writtenOnce } from '../../../src/database/written-once.js';
import type { Reaction } from '../../../src/events/dispatch.js';
import { invariant } from '../../../src/errors.js';
import { METRICS } from '../../../src/values/metric.js';
import { remarkPublications } from '../benchmark/tell-publications.js';
import { columnOf, columnsOf } from './contribution.table.js';
import { resolveSubjects } from './resolve-subjects.js';

/** Notes whether a firm is verified. It may not have joined yet. The highest revision wins, whatever the order. */
export const hearFirmVerified: Reaction<'firm.verified'> = async (room, { firmId, data }) => {
  invariant(firmId, 'firm.verified is about a firm');
  await room.db.asSystem().transaction(async (em) => {
    await sql`
      insert into community.membership as known (firm_id, verified, verified_revision) values (${firmId}, ${data.verified}, ${data.revision})
      on conflict (firm_id) do update set verified = excluded.verified, verified_revision = excluded.verified_revision
        where excluded.verified_revision > known.verified_revision
    `.execute(em.getKysely<unknown>());
    await remarkPublications(em, firmId);
  });
};

/** Notes which group a firm belongs to. The highest revision wins, whatever the order. */
export const hearFirmGrouped: Reaction<'firm.grouped'> = async (room, { firmId, data }) => {
  invariant(firmId, 'firm.grouped is about a firm');
  await room.db.asSystem().transaction(async (em) => {
    await sql`
      insert into community.firm_group as known (firm_id, group_mark, revision) values (${firmId}, ${data.group}, ${data.revision})
      on conflict (firm_id) do update set group_mark = excluded.group_mark, revision = excluded.revision
        where excluded.revision > known.revision
    `.execute(em.getKysely<unknown>());
  });
};

/** Notes which blind key each customer id of a firm stands for. The highest revision wins, whatever the order. */
export const hearCustomerKeyed: Reaction<'customer.keyed'> = async (room, { firmId, data }) => {
  invariant(firmId, 'customer.keyed is about a firm');
  await resolveSubjects(room, data.customers, data.exchange, (em) => keepKeys(em, { firmId, told: JSON.stringify(data.customers) }).then(isResolved));
};

/**
 * Notes a firm's own figures of a month, of the metrics that it shares; none where it told none. The highest revision wins,
 * whatever the order. What it does not share, or no longer, is not kept.
 */
export const hearContributionClosed: Reaction<'contribution.closed'> = async (room, { firmId, data }) => {
  invariant(firmId, 'contribution.closed is about a firm');
  await resolveSubjects(room, data.contributions, data.exchange, (em) => keepFigures(em, { firmId, month: data.month, told: JSON.stringify(data.contributions) }).then(isResolved));
};

/** Whether every blind key had a subject; nothing was kept otherwise. */
interface Kept {
  readonly resolved: boolean;
}

function isResolved([kept]: readonly Kept[]): boolean {
  return kept!.resolved;
}

/** The subject of what was told, key by key: joined, a small table would be read whole for one of them. */
const LOOKED_UP = sql`cross join lateral (select (select subject from community.subject_key where blind_key = told.subject) as subject) as key`;

/** `told`: the event's customers, as JSON. */
const keepKeys = writtenOnce<{ readonly firmId: string; readonly told: string }, Kept>((value) => sql`
  with told as materialized (
    select told."customerId", key.subject, told."seekableUntil", told.revision, told.subject is not null and key.subject is null as missing
    from jsonb_to_recordset(${value('told')}::jsonb) as told ("customerId" uuid, subject text, "seekableUntil" text, revision bigint)
    ${LOOKED_UP}
  ), kept as (
    insert into community.customer_key as known (firm_id, customer_id, subject, seekable_until, revision)
    select distinct on ("customerId") ${value('firmId')}::uuid, "customerId", subject, "seekableUntil", revision
    from told where not exists (select from told where missing)
    order by "customerId", revision desc
    on conflict (firm_id, customer_id) do update
      set subject = excluded.subject, seekable_until = excluded.seekable_until, revision = excluded.revision
      where excluded.revision > known.revision
  )
  select not exists (select from told where missing) as resolved
`);

/** `told`: the event's contributions, as JSON. */
const keepFigures = writtenOnce<{ readonly firmId: string; readonly month: string; readonly told: string }, Kept>((value) => sql`
  with told as materialized (
    select key.subject, told.evidenced, told.figures, told.revision
    from jsonb_to_recordset(${value('told')}::jsonb) as told (subject text, evidenced boolean, figures jsonb, revision bigint)
    ${LOOKED_UP}
  ), kept as (
    insert into community.contribution as known (subject, firm_id, month, ${columnsOf(METRICS)}, evidenced, revision)
    select distinct on (told.subject) told.subject, membership.firm_id, ${value('month')}::text,
      ${columnsOf(METRICS, (metric) => sql`case when ${sql.lit(metric)} = any(membership.metrics) then (told.figures ->> ${sql.lit(metric)})::double precision end`)},
      told.evidenced, told.revision
    from told
    -- Locked, so that a firm that leaves at this moment leaves nothing behind.
    cross join (select firm_id, metrics from community.membership where firm_id = ${value('firmId')}::uuid and joined_at is not null for share) as membership
    where not exists (select from told where subject is null)
    order by told.subject, told.revision desc
    on conflict (subject, firm_id, month) do update
      set ${columnsOf(METRICS, (metric) => sql`${columnOf(metric)} = ${columnOf(metric, 'excluded')}`)}, evidenced = excluded.evidenced, revision = excluded.revision
      where excluded.revision > known.revision
  )
  select not exists (select from told where subject is null) as resolved
`);

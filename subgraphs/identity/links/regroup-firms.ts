import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { record } from '../../../src/events/record.js';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import { legalUnit, type RegistrationScheme } from '../../../src/values/registration.js';
import type { OpaqueIds } from '../../../src/values/opaque-id.js';
import { groupFirms, tiesOf, type LinkKind, type LinkMark, type OperatorLink, type Tie } from './firm-group.js';
import { firmDomainOf, mailboxOf } from './mailbox.js';

interface GroupRow {
  readonly firmId: string;
  readonly first: string | null;
  readonly verified: boolean;
  /** Whether community was told of it before. */
  readonly told: boolean;
}

/**
 * Groups anew whatever these firms may be linked with, and all of which something new is known, and tells community of each
 * firm whose group changed. Only verified firms are linked: one that nobody checked could tie strangers together by typing
 * their domains. Where firms that stood apart become one group, an alarm is raised.
 */
export async function regroupFirms(em: EntityManager, ids: OpaqueIds, firmIds: readonly string[]): Promise<void> {
  const db = em.getKysely<unknown>();
  await lockGroups(em);
  // And with them whatever else is due: an invitation of a minute ago may be what links this firm.
  const { rows: due } = await sql<{ firmId: string }>`with gone as (delete from identity.grouping_due returning firm_id) select distinct firm_id as "firmId" from gone`.execute(db);
  const touched = [...new Set([...firmIds, ...due.map(({ firmId }) => firmId)])].toSorted();
  await noteMarks(em, touched);
  const around = await readAround(em, touched);
  const verified = around.filter((row) => row.verified).map(({ firmId }) => firmId);
  const ties = await readTies(em, verified);
  const groups = groupFirms(verified, ties);
  const sizes = Map.groupBy(verified, (firmId) => groups.get(firmId)!);
  const firstOf = (firmId: string): string | null => {
    const group = groups.get(firmId);
    return group !== undefined && sizes.get(group)!.length > 1 ? group : null;
  };
  for (const { firmId, first, told } of around) {
    const now = firstOf(firmId);
    if (told ? first === now : now === null && !groups.has(firmId)) continue;
    const { rows } = await sql<{ revision: number }>`
      insert into identity.firm_group as known (firm_id, first_firm_id) values (${firmId}, ${now})
      on conflict (firm_id) do update set first_firm_id = excluded.first_firm_id, revision = known.revision + 1 returning revision::int as revision
    `.execute(db);
    await record(em, firmId, 'firm.grouped', { group: now === null ? null : ids.encode(now, 'Group', now), revision: rows[0]!.revision });
  }
  for (const joined of sizes.values()) await raiseIfJoined(em, joined, around, ties);
}

/**
 * Lets one at a time change groups: two that join the same firms at once would each see half of the group. Whoever locks a
 * firm's row as well takes this first.
 */
export async function lockGroups(em: EntityManager): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('identity.firm-group'))`.execute(em.getKysely<unknown>());
}

/** Groups anew what is linked with firms of which something became known since the last run. */
async function regroupDueFirms(room: Room): Promise<void> {
  await room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql`select from identity.grouping_due limit 1`.execute(em.getKysely<unknown>());
    if (rows.length > 0) await regroupFirms(em, room.keys.ids, []);
  });
}

export const regroupFirmsJob: Job = { name: 'regroup-firms', everySeconds: 2, run: regroupDueFirms };

/** What directly links a firm and all that can be reached from it with each other, as if the firm were verified. */
export async function readTiesAround(em: EntityManager, firmId: string): Promise<readonly Tie[]> {
  await noteMarks(em, [firmId]);
  const around = await readAround(em, [firmId]);
  return readTies(em, around.filter((row) => row.verified || row.firmId === firmId).map((row) => row.firmId));
}

/** Adds the marks that the room's own rows give; a mark that was seen stays. */
async function noteMarks(em: EntityManager, firmIds: readonly string[]): Promise<void> {
  const db = em.getKysely<unknown>();
  const of = sql`any(${[...firmIds]}::uuid[])`;
  const { rows } = await sql<{ firmId: string; kind: 'REGISTRATION' | 'OWNER' | 'INVITED'; scheme: RegistrationScheme; value: string; since: string }>`
    select id as "firmId", 'REGISTRATION' as kind, registration_scheme as scheme, registration_value as value, created_at::text as since from identity.firm where id = ${of}
    union all
    select firm_id, 'OWNER', null, email, created_at::text from identity.person where firm_id = ${of} and role = 'OWNER'
    union all
    -- An invitation is good for seven days from when it was sent.
    select firm_id, 'INVITED', null, email, (expires_at - interval '7 days')::text from identity.invitation where firm_id = ${of}
  `.execute(db);
  const marks = rows.flatMap(({ firmId, kind, scheme, value, since }) => {
    if (kind === 'REGISTRATION') return [{ firmId, kind, mark: `unit ${legalUnit({ scheme, value })}`, since }];
    const domain = kind === 'OWNER' ? firmDomainOf(value) : undefined;
    return [{ firmId, kind, mark: `mailbox ${mailboxOf(value)}`, since }, ...(domain === undefined ? [] : [{ firmId, kind: 'DOMAIN', mark: `domain ${domain}`, since }])];
  });
  await sql`
    insert into identity.link_mark (firm_id, kind, mark, since)
    select "firmId", kind, mark, min(since) from jsonb_to_recordset(${JSON.stringify(marks)}::jsonb) as found ("firmId" uuid, kind text, mark text, since timestamptz) group by 1, 2, 3
    on conflict (firm_id, kind, mark) do nothing
  `.execute(db);
}

/** These firms, those grouped with them so far, and every verified one that can be reached from them over marks and an operator's word. */
async function readAround(em: EntityManager, firmIds: readonly string[]): Promise<readonly GroupRow[]> {
  const { rows } = await sql<GroupRow>`
    with recursive reached (firm_id) as (
      select unnest(${[...firmIds]}::uuid[])
      union
      select mate.firm_id from identity.firm_group as own join identity.firm_group as mate on mate.first_firm_id = own.first_firm_id where own.firm_id = any(${[...firmIds]}::uuid[])
      union
      select firm.id from reached cross join lateral (
        select other.firm_id from identity.link_mark as mine join identity.link_mark as other on other.mark = mine.mark
        where mine.firm_id = reached.firm_id and (mine.kind <> 'INVITED' or other.kind <> 'INVITED')
        union all select other_firm_id from identity.operator_link where operator_link.firm_id = reached.firm_id and linked
        union all select operator_link.firm_id from identity.operator_link where other_firm_id = reached.firm_id and linked
      ) as next join identity.firm on firm.id = next.firm_id and firm.verified
    )
    select firm.id as "firmId", firm.verified, known.first_firm_id as first, known.firm_id is not null as told
    from reached join identity.firm on firm.id = reached.firm_id left join identity.firm_group as known on known.firm_id = firm.id
    order by firm.id
  `.execute(em.getKysely<unknown>());
  return rows;
}

async function readTies(em: EntityManager, firmIds: readonly string[]): Promise<readonly Tie[]> {
  const db = em.getKysely<unknown>();
  const { rows: marks } = await sql<LinkMark & { kind: LinkKind }>`
    select firm_id as "firmId", kind, mark, to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as since from identity.link_mark where firm_id = any(${[...firmIds]}::uuid[])
  `.execute(db);
  const { rows: said } = await sql<OperatorLink>`
    select firm_id as "firmId", other_firm_id as "otherFirmId", linked from identity.operator_link
    where firm_id = any(${[...firmIds]}::uuid[]) and other_firm_id = any(${[...firmIds]}::uuid[])
  `.execute(db);
  return tiesOf(marks, said);
}

/** A fact that joins firms which were told as separate may be a mistake, or made to silence them. */
async function raiseIfJoined(em: EntityManager, joined: readonly string[], around: readonly GroupRow[], ties: readonly Tie[]): Promise<void> {
  const before = around.filter(({ firmId, told }) => told && joined.includes(firmId));
  const apart = new Set(before.map(({ firmId, first }) => first ?? firmId));
  if (apart.size < 2) return;
  const kinds = [...new Set(ties.filter(({ firmId }) => joined.includes(firmId)).map(({ by }) => by))].toSorted();
  // What an operator said is no news to operators.
  if (kinds.every((kind) => kind === 'OPERATOR')) return;
  await sql`insert into identity.link_alarm (firms, ties) values (${[...joined]}::uuid[], ${kinds.join(', ')})`.execute(em.getKysely<unknown>());
}

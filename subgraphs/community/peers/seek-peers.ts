import { randomInt } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { monthOf } from '../../../src/values/day.js';
import { noteAudit, type Actor } from '../audit/note-audit.js';
import { inboxTopic } from '../chat/demand-conversation.js';
import { ALIAS_COUNT, aliasOf } from './alias.js';
import { endOfMark, endOfMarkTakenBack, NEW_MARKS_A_MONTH } from './mark.js';

const CUSTOMER = ['input', 'customerId'] as const;

interface MarkRow {
  readonly marked_at: string;
}

/**
 * Marks that the firm agrees to be found about a customer, and makes a match with every member that agreed too. Again it
 * changes nothing, but for taking back a withdrawal. What it refuses depends on the firm's own facts alone.
 */
export async function seekPeers(room: Room, by: Actor, customerId: string): Promise<void> {
  const { firmId } = by;
  const now = room.clock.now().round('millisecond');
  await room.db.asSystem().transaction(async (em) => {
    const subject = await demandSubject(em, firmId, customerId, monthOf(room.clock.today()));
    // One at a time for a subject: of two marks made at once, the later one sees the earlier.
    await lockSubject(em, subject);
    await lockGroup(em, firmId);
    const isNew = await keepMark(em, firmId, customerId, subject, now);
    const matches = await match(em, firmId, customerId, subject, now);
    await noteAudit(em, now, [
      ...(isNew ? [{ by, action: 'MARK_MADE', objectId: customerId } as const] : []),
      ...matches.flatMap(({ peeringId, firmIds }) => firmIds.map((each) => ({ by: { firmId: each }, action: 'MATCH_SHOWN', objectId: peeringId }) as const)),
    ]);
  });
}

/** Takes the mark back. It still lives until its thirtieth day; matches that it made stay. Again it changes nothing. */
export async function unseekPeers(room: Room, by: Actor, customerId: string): Promise<void> {
  const { firmId } = by;
  const now = room.clock.now().round('millisecond');
  await room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows } = await sql<{ subject: string | null }>`select subject from community.customer_key where firm_id = ${firmId} and customer_id = ${isUuid(customerId) ? customerId : null}`.execute(db);
    if (!rows[0]) throw notFound(CUSTOMER);
    const { subject } = rows[0];
    const standing = subject === null ? undefined : await findMark(em, firmId, subject, now);
    if (!standing) return;
    const taken = await sql`
      update community.peer_mark set ends_at = ${endOfMarkTakenBack(Temporal.Instant.from(standing.marked_at), now).toString()}
      where subject = ${subject} and firm_id = ${firmId} and marked_at = ${standing.marked_at} and ends_at = ${endOfMark(Temporal.Instant.from(standing.marked_at)).toString()}
    `.execute(db);
    if (taken.numAffectedRows === 1n) await noteAudit(em, now, [{ by, action: 'MARK_TAKEN_BACK', objectId: customerId }]);
  });
}

/** Holds all marks and blocks of a subject until the transaction ends. */
export async function lockSubject(em: EntityManager, subject: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`peers ${subject}`}, 0))`.execute(em.getKysely<unknown>());
}

/** Accounts that count as one firm mark one after another, so that none of them counts too few. */
async function lockGroup(em: EntityManager, firmId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('marks ' || group_mark, 0)) from community.firm_group where firm_id = ${firmId} and group_mark is not null`.execute(em.getKysely<unknown>());
}

/** Makes the mark, or has one that was taken back live on; whether it did either. */
async function keepMark(em: EntityManager, firmId: string, customerId: string, subject: string, now: Temporal.Instant): Promise<boolean> {
  const db = em.getKysely<unknown>();
  const standing = await findMark(em, firmId, subject, now);
  if (standing) {
    const end = endOfMark(Temporal.Instant.from(standing.marked_at)).toString();
    const kept = await sql`
      update community.peer_mark set ends_at = ${end} where subject = ${subject} and firm_id = ${firmId} and marked_at = ${standing.marked_at} and ends_at <> ${end}
    `.execute(db);
    return kept.numAffectedRows === 1n;
  }
  await demandRoomUnderCap(em, firmId, now);
  // Only a clock that was moved back meets a mark of the same instant.
  await sql`
    insert into community.peer_mark (subject, firm_id, customer_id, marked_at, ends_at)
    values (${subject}, ${firmId}, ${customerId}, ${now.toString()}, ${endOfMark(now).toString()})
    on conflict (subject, firm_id, marked_at) do update set ends_at = excluded.ends_at
  `.execute(db);
  return true;
}

/** The blind key of a customer about which the firm may be found; locks the firm's membership, so it cannot leave meanwhile. */
async function demandSubject(em: EntityManager, firmId: string, customerId: string, month: string): Promise<string> {
  const db = em.getKysely<unknown>();
  const member = await sql`select from community.membership where firm_id = ${firmId} and joined_at is not null and verified for update`.execute(db);
  if (member.rows.length === 0) throw new Refusal('NOT_ALLOWED', 'Only a verified member of the community can be found.', []);
  const { rows } = await sql<{ subject: string | null; seekable_until: string | null }>`
    select subject, seekable_until from community.customer_key where firm_id = ${firmId} and customer_id = ${isUuid(customerId) ? customerId : null}
  `.execute(db);
  const key = rows[0];
  if (!key) throw notFound(CUSTOMER);
  if (key.subject === null || key.seekable_until === null || key.seekable_until < month) {
    throw new Refusal('NOT_ALLOWED', 'This needs a customer with a registration, no natural person, and at least three of your invoices to it in the last twelve months.', CUSTOMER);
  }
  return key.subject;
}

async function findMark(em: EntityManager, firmId: string, subject: string, now: Temporal.Instant): Promise<MarkRow | undefined> {
  const { rows } = await sql<MarkRow>`
    select marked_at::text from community.peer_mark
    where subject = ${subject} and firm_id = ${firmId} and ends_at > ${now.toString()} order by marked_at desc limit 1 for update
  `.execute(em.getKysely<unknown>());
  return rows[0];
}

async function demandRoomUnderCap(em: EntityManager, firmId: string, now: Temporal.Instant): Promise<void> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from community.peer_mark
    where firm_id = ${firmId} and date_trunc('month', marked_at at time zone 'UTC') = date_trunc('month', ${now.toString()}::timestamptz at time zone 'UTC')
  `.execute(em.getKysely<unknown>());
  if ((rows[0]?.count ?? 0) >= NEW_MARKS_A_MONTH) throw new Refusal('LIMIT_REACHED', `A firm can make ${NEW_MARKS_A_MONTH} new marks a month.`, CUSTOMER);
}

interface Match {
  readonly peeringId: string;
  readonly firmIds: readonly [string, string];
}

/**
 * Makes a peering with every other member whose mark on the subject lives and still stands for a customer of it. Their
 * marks are held until the end: one that is leaving ends its marks first, so it is either not met here, or leaves after
 * the match and ends that too.
 *
 * Claim: whoever was blocked meets the blocker no more about the subject, nor does any account that counts as one firm with
 * either; and of the marks that such accounts make in a month, those beyond the cap of one firm meet nobody else's. Both are
 * silent: it is as if nobody had answered.
 */
async function match(em: EntityManager, firmId: string, customerId: string, subject: string, now: Temporal.Instant): Promise<readonly Match[]> {
  const db = em.getKysely<unknown>();
  const isOne = (firm: RawBuilder<unknown>, other: RawBuilder<unknown>): RawBuilder<boolean> => sql<boolean>`
    (${firm} = ${other} or exists (
      select from community.firm_group one join community.firm_group mate on mate.group_mark = one.group_mark where one.firm_id = ${firm} and mate.firm_id = ${other}))
  `;
  // Of the marks of accounts that count as one, the first of a month count: a mark of a firm that stands alone always does.
  const isUnderCap = (mark: string): RawBuilder<boolean> => sql<boolean>`(
    select count(*) from community.firm_group one join community.firm_group mate on mate.group_mark = one.group_mark
    join community.peer_mark earlier on earlier.firm_id = mate.firm_id
      and earlier.marked_at >= date_trunc('month', ${sql.ref(`${mark}.marked_at`)} at time zone 'UTC') at time zone 'UTC'
      and (earlier.marked_at, earlier.firm_id, earlier.subject) < (${sql.ref(`${mark}.marked_at`)}, ${sql.ref(`${mark}.firm_id`)}, ${sql.ref(`${mark}.subject`)})
    where one.firm_id = ${sql.ref(`${mark}.firm_id`)}
  ) < ${NEW_MARKS_A_MONTH}`;
  const [own, other, blocker, blocked] = [sql.ref('own.firm_id'), sql.ref('m.firm_id'), sql.ref('b.firm_id'), sql.ref('b.blocked_firm_id')];
  const { rows: others } = await sql<{ firm_id: string; customer_id: string }>`
    select m.firm_id, m.customer_id from community.peer_mark m
    join community.peer_mark own on own.subject = m.subject and own.firm_id = ${firmId} and own.ends_at > ${now.toString()}
    join community.membership f on f.firm_id = m.firm_id and f.joined_at is not null and f.verified
    join community.customer_key k on k.firm_id = m.firm_id and k.customer_id = m.customer_id and k.subject = m.subject
    where m.subject = ${subject} and m.firm_id <> own.firm_id and m.ends_at > ${now.toString()}
      and not exists (
        select from community.peer_block b
        where b.subject = m.subject and ((${isOne(own, blocker)} and ${isOne(other, blocked)}) or (${isOne(other, blocker)} and ${isOne(own, blocked)}))
      )
      -- Accounts of one firm do meet: whether they count as one is told to nobody.
      and (${isOne(own, other)} or (${isUnderCap('own')} and ${isUnderCap('m')}))
    order by m.firm_id for share of m
  `.execute(db);
  const matches: Match[] = [];
  for (const met of others) {
    const [first, second] = firmId < met.firm_id ? [firmId, met.firm_id] : [met.firm_id, firmId];
    const made = await sql<{ peering_id: string }>`
      insert into community.peering (subject, firm_0, firm_1, matched_at) values (${subject}, ${first}, ${second}, ${now.toString()})
      on conflict (subject, firm_0, firm_1) where ended_at is null do nothing returning peering_id
    `.execute(db);
    const peeringId = made.rows[0]?.peering_id;
    if (peeringId === undefined) continue;
    matches.push({ peeringId, firmIds: [first, second] });
    for (const side of [{ firmId, customerId }, { firmId: met.firm_id, customerId: met.customer_id }]) {
      await sql`
        insert into community.peering_side (firm_id, peering_id, side, subject, customer_id, alias)
        values (${side.firmId}, ${peeringId}, ${side.firmId === first ? 0 : 1}, ${subject}, ${side.customerId}, ${aliasOf(randomInt(ALIAS_COUNT))})
      `.execute(db);
      // Whoever follows an inbox must know the match before its conversation starts.
      afterCommit(em, (hints) => hints.publish(inboxTopic(side.firmId)));
    }
  }
  return matches;
}

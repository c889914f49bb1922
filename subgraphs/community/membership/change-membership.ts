import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import { METRICS, type Metric } from '../../../src/values/metric.js';
import { record } from '../../../src/events/record.js';
import type { Room } from '../../../src/server/room.js';
import type { Actor } from '../audit/note-audit.js';
import { remarkPublications } from '../benchmark/tell-publications.js';
import { closeConversationsOf } from '../chat/close-conversation.js';
import { columnOf, columnsOf } from './contribution.table.js';
import { MembershipTable, type MembershipRow } from './membership.table.js';

export interface Consent {
  readonly metrics: readonly Metric[];
  readonly acceptCharter: boolean;
}

/**
 * Makes the firm a member that shares these metrics, or changes which. Tenure counts from the day it joined; a change of
 * metrics keeps it. The same again changes nothing. What a metric held is forgotten when it is no longer shared.
 */
export async function joinCommunity(room: Room, firmId: string, consent: Consent): Promise<void> {
  if (consent.metrics.length === 0) throw new Refusal('REQUIRED', 'Share at least one metric.', ['input', 'metrics']);
  if (!consent.acceptCharter) throw new Refusal('REQUIRED', 'Joining needs your agreement to the charter.', ['input', 'acceptCharter']);
  const metrics = METRICS.filter((metric) => consent.metrics.includes(metric));
  await room.db.forFirm(firmId).transaction(async (em) => {
    const membership = await lockMembership(em, firmId);
    if (membership.joinedAt && membership.metrics.join() === metrics.join()) return;
    membership.joinedAt ??= new Date(room.clock.now().epochMilliseconds);
    membership.leftAt = null;
    await setMetrics(em, membership, metrics);
  });
}

/**
 * Ends the membership at once, with its matches and conversations. What the firm had told is forgotten; what was published
 * stays, with the record of what it was made of. Again it changes nothing.
 */
export async function leaveCommunity(room: Room, firmId: string, by: Actor = { firmId }): Promise<void> {
  await room.db.forFirm(firmId).transaction(async (em) => {
    const membership = await lockMembership(em, firmId);
    if (!membership.joinedAt) return;
    membership.joinedAt = null;
    membership.leftAt = new Date(room.clock.now().epochMilliseconds);
    await setMetrics(em, membership, []);
    await closeConversationsOf(em, by, room.clock.now());
  });
}

/**
 * The firm's row under its lock, made if it is the first. An epoch that closes holds the same lock: a change is either in
 * time or waits until the epoch is out.
 */
async function lockMembership(em: EntityManager, firmId: string): Promise<MembershipRow> {
  await sql`insert into community.membership (firm_id) values (${firmId}) on conflict do nothing`.execute(em.getKysely<unknown>());
  return em.findOneOrFail(MembershipTable, { firmId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

async function setMetrics(em: EntityManager, membership: MembershipRow, metrics: readonly Metric[]): Promise<void> {
  const before = membership.metrics;
  membership.metrics = [...metrics];
  membership.revision += 1;
  await em.flush();
  await forgetFigures(em, membership.firmId, before, metrics);
  await remarkPublications(em, membership.firmId);
  await record(em, membership.firmId, 'membership.changed', { metrics: [...metrics], revision: membership.revision });
}

/** What is no longer shared is emptied; where nothing of what a row held is shared any more, it goes as well. */
async function forgetFigures(em: EntityManager, firmId: string, before: readonly Metric[], now: readonly Metric[]): Promise<void> {
  const db = em.getKysely<unknown>();
  const gone = METRICS.filter((metric) => !now.includes(metric));
  if (!before.some((metric) => now.includes(metric))) await sql`delete from community.contribution where firm_id = ${firmId}`.execute(db);
  else if (gone.length > 0) {
    await sql`update community.contribution set ${columnsOf(gone, (metric) => sql`${columnOf(metric)} = null`)} where firm_id = ${firmId} and coalesce(${columnsOf(gone)}) is not null`.execute(db);
  }
}

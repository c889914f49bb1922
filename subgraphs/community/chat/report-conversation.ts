import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { noteAudit, type Actor } from '../audit/note-audit.js';
import { demandConversation, type HeldConversation } from './demand-conversation.js';
import { faultOfBody } from './message-body.js';
import { digestOfReport, REPORTED_MESSAGES, REPORTS_A_DAY, type ReportContent, type ReportedMessage } from './report.js';

/**
 * Keeps a report about a conversation, with its last messages as the firm sees them at this moment: they are read as the firm,
 * in the transaction that keeps them, so nobody else's right to read texts is needed later. The other firm is not told; to end
 * the conversation, close it or block the peer. Again it is another report.
 */
export async function reportConversation(room: Room, by: Actor, peeringId: string, reason: string): Promise<void> {
  const fault = faultOfBody(reason);
  if (fault !== undefined) throw new Refusal('INVALID', fault, ['input', 'reason']);
  const now = room.clock.now().round('millisecond');
  await room.db.forFirm(by.firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const conversation = await demandConversation(em, by.firmId, peeringId);
    await demandRoomForReport(em, by.firmId, now);
    const content = JSON.stringify(await readContent(em, by.firmId, peeringId, conversation, reason));
    const digest = digestOfReport(content);
    const { rows } = await sql<{ id: string }>`
      insert into community.conversation_report (firm_id, peering_id, reported_at, digest) values (${by.firmId}, ${peeringId}, ${now.toString()}, ${digest}) returning id
    `.execute(db);
    const reportId = rows[0]!.id;
    await sql`insert into community.report_text (firm_id, report_id, content) values (${by.firmId}, ${reportId}, ${content})`.execute(db);
    await noteAudit(em, now, [{ by, action: 'CONVERSATION_REPORTED', objectId: peeringId, detail: `${reportId} ${digest}` }]);
  });
}

async function demandRoomForReport(em: EntityManager, firmId: string, now: Temporal.Instant): Promise<void> {
  const db = em.getKysely<unknown>();
  // One report of a firm at a time: of two at once the later one counts the earlier.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`reports ${firmId}`}, 0))`.execute(db);
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from community.conversation_report
    where firm_id = ${firmId} and date_trunc('day', reported_at at time zone 'UTC') = date_trunc('day', ${now.toString()}::timestamptz at time zone 'UTC')
  `.execute(db);
  if ((rows[0]?.count ?? 0) >= REPORTS_A_DAY) throw new Refusal('LIMIT_REACHED', `A firm can make ${REPORTS_A_DAY} reports a day.`, ['input', 'conversationId']);
}

type ReadMessage = Pick<ReportedMessage, 'seq' | 'from' | 'sentAt' | 'body'> & { readonly [Part in 'versions' | 'attachments']: Exclude<ReportedMessage[Part], undefined> | null };

/** What the firm can read of the conversation now. It is held, so nothing is added meanwhile. */
async function readContent(em: EntityManager, firmId: string, peeringId: string, { side, closed, last_seq: lastSeq }: HeldConversation, reason: string): Promise<ReportContent> {
  const db = em.getKysely<unknown>();
  const { rows: read } = await sql<ReadMessage>`
    select seq, case side when ${side}::int then 'REPORTER' else 'REPORTED' end as from, ${isoText(sql`sent_at`)} as "sentAt", body,
      (select json_agg(json_build_object('version', v.version, 'body', v.body, 'writtenAt', ${isoText(sql`v.written_at`)}) order by v.version)
        from community.message_version v where m.version > 1 and v.peering_id = m.peering_id and v.seq = m.seq) as versions,
      (select json_agg(json_build_object('fileName', a.file_name, 'contentType', a.content_type, 'sizeBytes', a.size_bytes, 'sha256', a.sha256) order by a.place)
        from community.attachment a where m.attachment_count > 0 and a.peering_id = m.peering_id and a.message_seq = m.seq) as attachments
    from community.message m where peering_id = ${peeringId} and seq > ${lastSeq - REPORTED_MESSAGES} order by seq
  `.execute(db);
  const messages = read.map(({ versions, attachments, ...message }): ReportedMessage => ({ ...message, ...(versions && { versions }), ...(attachments && { attachments }) }));
  const { rows } = await sql<{ openedAt: string; identitiesRevealed: boolean }>`
    select ${isoText(sql`c.opened_at`)} as "openedAt", s.peer_firm_id is not null as "identitiesRevealed"
    from community.conversation c join community.peering_side s on s.peering_id = c.peering_id and s.firm_id = ${firmId} where c.peering_id = ${peeringId}
  `.execute(db);
  const { openedAt, identitiesRevealed } = rows[0]!;
  return { reason, conversation: { openedAt, state: closed ? 'CLOSED' : 'OPEN', lastSeq, identitiesRevealed }, messagesLeftOut: lastSeq - messages.length, messages };
}

/** An instant of the database as the API writes one. */
function isoText(column: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

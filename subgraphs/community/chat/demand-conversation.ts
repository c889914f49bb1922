import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import { notFound, Refusal } from '../../../src/errors.js';

/** The topic of hints that a conversation changed. */
export function conversationTopic(peeringId: string): string {
  return `conversation:${peeringId}`;
}

/** The topic of hints that a firm has a match that it did not have. */
export function inboxTopic(firmId: string): string {
  return `inbox:${firmId}`;
}

/** Tells whoever reads the conversation, once the transaction has committed. */
export function hintAtChange(em: EntityManager, peeringId: string): void {
  afterCommit(em, (hints) => hints.publish(conversationTopic(peeringId)));
}

/** A conversation held for a change, with the side of the firm that changes it. */
export interface HeldConversation {
  readonly side: 0 | 1;
  readonly closed: boolean;
  readonly last_seq: number;
}

/** Locks a conversation of the firm until the transaction ends; what other firms have does not exist. */
export async function demandConversation(em: EntityManager, firmId: string, peeringId: string): Promise<HeldConversation> {
  const { rows } = await sql<HeldConversation>`
    select s.side, c.closed_at is not null as closed, c.last_seq
    from community.conversation c join community.peering_side s on s.peering_id = c.peering_id and s.firm_id = ${firmId}
    where c.peering_id = ${peeringId} for update of c
  `.execute(em.getKysely<unknown>());
  if (!rows[0]) throw notFound(['input', 'conversationId']);
  return rows[0];
}

/** Refuses what only a member may do in an open conversation. */
export async function demandOpen(em: EntityManager, firmId: string, conversation: HeldConversation): Promise<void> {
  const { rows } = await sql`select from community.membership where firm_id = ${firmId} and joined_at is not null`.execute(em.getKysely<unknown>());
  if (conversation.closed || rows.length === 0) throw new Refusal('NOT_ALLOWED', 'The conversation is closed.', ['input', 'conversationId']);
}

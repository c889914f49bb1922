import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { FirmVisitor, Visitor } from './house.js';

/** Members that share a customer, and what they do with one another through the public door. */

export interface Refused {
  readonly code: string;
  readonly path: readonly string[];
}

export interface SeenPeer {
  readonly id: string;
  readonly alias: string;
}

/** What a firm is shown of a customer after it marked it, or tried to. */
export interface Sought {
  readonly customer: { readonly peers: readonly SeenPeer[]; readonly seekingUntil: string | null } | null;
  readonly userErrors: readonly Refused[];
}

export const blindKey = (): string => randomBytes(32).toString('hex');

/** Makes a firm a verified member that has issued enough to a customer of this subject, as community's events would; the customer's id. */
export async function knowCustomer(firm: FirmVisitor, subject: string): Promise<string> {
  const customerId = randomUUID();
  await firm.house.running.rooms.community.room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    await sql`
      insert into community.membership (firm_id, verified, joined_at, metrics) values (${firm.firmId}, true, now(), '{DSO}')
      on conflict (firm_id) do update set verified = true, joined_at = coalesce(community.membership.joined_at, now())
    `.execute(db);
    await sql`insert into community.customer_key (firm_id, customer_id, subject, seekable_until, revision) values (${firm.firmId}, ${customerId}, ${subject}, '2999-12', 1)`.execute(db);
  });
  return customerId;
}

/** Has firms count as one from now on, as identity would tell it. */
export async function linkAccounts(...firms: readonly FirmVisitor[]): Promise<void> {
  const group = randomUUID();
  const { room, subgraph } = firms[0]!.house.running.rooms.community;
  for (const { firmId } of firms) await subgraph.reactions['firm.grouped']!(room, { firmId, data: { group, revision: 1 } });
}

export async function seek(firm: Visitor, customerId: string, mutation: 'peerSeek' | 'peerUnseek' = 'peerSeek'): Promise<Sought> {
  const { sought } = await firm.get<{ sought: Sought }>(`mutation ($id: ID!) { sought: ${mutation}(input: { customerId: $id }) { customer { peers { id alias } seekingUntil } userErrors { code path } } }`, { id: customerId });
  return sought;
}

/** The peers of a customer of which the mark stands already. */
export async function peersOf(firm: Visitor, customerId: string): Promise<readonly SeenPeer[]> {
  return (await seek(firm, customerId)).customer!.peers;
}

/** A firm in a conversation, by the ids that it knows. */
export interface Side {
  readonly firm: FirmVisitor;
  readonly customerId: string;
  readonly peerId: string;
  readonly conversationId: string;
}

/** Matches two firms about a customer of their own, and starts their conversation. */
export async function openTalk(firms: readonly [FirmVisitor, FirmVisitor], subject = blindKey()): Promise<readonly [Side, Side]> {
  const customerIds = [await knowCustomer(firms[0], subject), await knowCustomer(firms[1], subject)];
  for (const [place, firm] of firms.entries()) await seek(firm, customerIds[place]!);
  const open = async (place: 0 | 1): Promise<Side> => {
    const firm = firms[place];
    const [peer] = await peersOf(firm, customerIds[place]!);
    const { conversationStart } = await firm.get<{ conversationStart: { conversation: { id: string } } }>('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } } }', { id: peer!.id });
    return { firm, customerId: customerIds[place]!, peerId: peer!.id, conversationId: conversationStart.conversation.id };
  };
  return [await open(0), await open(1)];
}

/** Does something to a conversation that takes nothing but its id, or a reason as well; what refused it. */
export async function act({ firm, conversationId }: Side, mutation: 'identityReveal' | 'conversationClose' | 'conversationReport', reason?: string): Promise<readonly Refused[]> {
  const input = { conversationId, ...(reason === undefined ? {} : { reason }) };
  const type = mutation === 'conversationReport' ? 'ConversationReportInput' : 'ConversationInput';
  const { done } = await firm.get<{ done: { userErrors: readonly Refused[] } }>(`mutation ($input: ${type}!) { done: ${mutation}(input: $input) { userErrors { code path } } }`, { input });
  return done.userErrors;
}

export async function block(firm: Visitor, input: { readonly peerId: string } | { readonly conversationId: string }): Promise<{ readonly conversation: { readonly state: string } | null; readonly userErrors: readonly Refused[] }> {
  const { peerBlock } = await firm.get<{ peerBlock: Awaited<ReturnType<typeof block>> }>('mutation ($input: PeerBlockInput!) { peerBlock(input: $input) { conversation { state } userErrors { code path } } }', { input });
  return peerBlock;
}

export async function say({ firm, conversationId }: Side, body: string): Promise<readonly Refused[]> {
  const { messageSend } = await firm.get<{ messageSend: { userErrors: readonly Refused[] } }>('mutation ($input: MessageSendInput!) { messageSend(input: $input) { userErrors { code path } } }', { input: { conversationId, clientId: randomUUID(), body } });
  return messageSend.userErrors;
}

import { randomBytes, randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { FirmVisitor } from './house.js';

/** A firm in a conversation, with the id by which it knows it. */
export interface Side {
  readonly firm: FirmVisitor;
  readonly conversationId: string;
}

export interface Sent {
  readonly id: string;
  readonly seq: number;
}

/** Opens a conversation of the two about a customer of its own; they may have many. `owner` is a connection of the database's owner. */
export async function openConversation(owner: Client, firms: readonly [FirmVisitor, FirmVisitor]): Promise<readonly [Side, Side]> {
  const subject = randomBytes(32).toString('hex');
  const customerIds: string[] = [];
  for (const firm of firms) {
    const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation ($reference: String!) { customerUpsert(input: { reference: $reference, name: "Garage" }) { customer { id } } }', { reference: randomUUID() });
    customerIds.push(customerUpsert.customer.id);
    // What months of membership and invoices would have made: a verified member that knows the customer.
    await owner.query(`insert into community.membership (firm_id, verified, joined_at, metrics) values ($1, true, now(), '{DSO}') on conflict (firm_id) do nothing`, [firm.firmId]);
    await owner.query(
      `insert into community.customer_key (firm_id, customer_id, subject, seekable_until, revision) values ($1, $2, $3, '2999-12', 1)
       on conflict (firm_id, customer_id) do update set subject = excluded.subject, seekable_until = excluded.seekable_until`, [firm.firmId, customerUpsert.customer.id, subject]);
  }
  const seek = (place: 0 | 1) => firms[place].get<{ peerSeek: { customer: { peers: { id: string }[] } } }>('mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id } } } }', { id: customerIds[place] });
  await seek(0);
  await seek(1);
  const open = async (place: 0 | 1): Promise<Side> => {
    const { peerSeek } = await seek(place);
    const { conversationStart } = await firms[place].get<{ conversationStart: { conversation: { id: string } } }>('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } } }', { id: peerSeek.customer.peers[0]!.id });
    return { firm: firms[place], conversationId: conversationStart.conversation.id };
  };
  return [await open(0), await open(1)];
}

/** Sends once. Throws what was refused. */
export async function sendMessage({ firm, conversationId }: Side, body: string, clientId: string = randomUUID()): Promise<Sent> {
  const { messageSend } = await firm.get<{ messageSend: { message: Sent | null; userErrors: readonly unknown[] } }>(
    'mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { id seq } userErrors { code message } } }', { input: { conversationId, clientId, body } },
  );
  if (!messageSend.message) throw new Error(JSON.stringify(messageSend.userErrors));
  return messageSend.message;
}

/** Tries until it succeeds, as a client does whose answer was lost. */
export async function persist<T>(work: () => Promise<T>, seconds = 30): Promise<T> {
  const until = Date.now() + 1000 * seconds;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

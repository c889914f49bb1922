import { randomBytes, randomUUID } from 'node:crypto';
import type { FirmVisitor, TestHouse } from './house.js';

/** Two members that found each other, and their conversation by the id that each of them knows. */
export interface TwoInChat {
  readonly acme: FirmVisitor;
  readonly rival: FirmVisitor;
  readonly ids: { readonly acme: string; readonly rival: string };
}

/** Two firms with a conversation: members and holders of one customer as community's events would make them, all else as themselves. */
export async function openTwoInChat(house: TestHouse, firms?: { readonly acme: FirmVisitor; readonly rival: FirmVisitor }): Promise<TwoInChat> {
  const { acme, rival } = firms ?? { acme: await house.firm(), rival: await house.firm() };
  const subject = randomBytes(32).toString('hex');
  const customers = { acme: randomUUID(), rival: randomUUID() };
  const owner = await house.asOwner();
  for (const [firm, customerId] of [[acme, customers.acme], [rival, customers.rival]] as const) {
    await owner.query(
      `insert into community.membership (firm_id, verified, joined_at, metrics) values ($1, true, now(), '{DSO}') on conflict (firm_id) do update set verified = true, joined_at = now()`, [firm.firmId],
    );
    await owner.query(`insert into community.customer_key (firm_id, customer_id, subject, seekable_until, revision) values ($1, $2, $3, '2999-12', 1)`, [firm.firmId, customerId, subject]);
  }
  const seek = async (firm: FirmVisitor, id: string): Promise<string | undefined> =>
    (await firm.get<{ peerSeek: { customer: { peers: { id: string }[] } } }>('mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id } } } }', { id })).peerSeek.customer.peers[0]?.id;
  await seek(acme, customers.acme);
  const theirs = await seek(rival, customers.rival);
  const mine = await seek(acme, customers.acme);
  const start = async (firm: FirmVisitor, id: string | undefined): Promise<string> =>
    (await firm.get<{ conversationStart: { conversation: { id: string } } }>('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } } }', { id })).conversationStart.conversation.id;
  return { acme, rival, ids: { acme: await start(acme, mine), rival: await start(rival, theirs) } };
}

export interface Said {
  readonly message: { readonly id: string; readonly seq: number; readonly body: string; readonly version: number } | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

/** Sends a text, and gives its message. */
export async function say(firm: FirmVisitor, conversationId: string, body: string, more: Record<string, unknown> = {}): Promise<Said> {
  const { messageSend } = await firm.get<{ messageSend: Said }>(
    'mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { id seq body version } userErrors { code path } } }',
    { input: { conversationId, clientId: randomUUID(), body, ...more } },
  );
  return messageSend;
}

/** Moves the sandbox's clock. */
export async function setClock(house: TestHouse, at: Temporal.Instant): Promise<void> {
  await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: at.toString() });
}

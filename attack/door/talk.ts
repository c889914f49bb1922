import { randomUUID } from 'node:crypto';
import type { FirmVisitor } from '../../test/house.js';
import type { Circle, DoorWorld } from './world.js';

/** A conversation of two members about a customer of theirs, with everything that each of them is shown of it. */
export interface Talk {
  readonly circle: Circle;
  /** The conversation's id by the one who sees it. */
  readonly idFor: (firm: FirmVisitor) => string;
  readonly seenBy: (firm: FirmVisitor) => unknown;
}

/** Everything that the API shows of a match and its conversation. */
export const EVERYTHING = `id state lastSeq readUpTo peerReadUpTo unreadCount openedAt banner
  peer { id alias firm { id name verified } conversation { id } }
  messages { nodes { id seq mine body sentAt clientId version editedAt versions {  version  body  writtenAt } attachments { id fileName } } hasMore }`;

/** Has two members mark a customer of both, start talking, and say ten words each. Again it is the same conversation. */
export async function openTalk(world: DoorWorld, one: FirmVisitor, other: FirmVisitor): Promise<Talk> {
  const circle = world.circles.six;
  await mark(one, circle);
  await mark(other, circle);
  const seen = new Map<FirmVisitor, { id: string }>();
  const firms = [one, other] as const;
  const known = await world.network.owner.query<{ peering_id: string }>(
    'select s.peering_id from community.peering_side s join community.peering_side o on o.peering_id = s.peering_id where s.firm_id = $1 and o.firm_id = $2 and s.customer_id = $3',
    [one.firmId, other.firmId, circle.ids.get(one)!],
  );
  const { ids } = world.network.house.running.rooms.community.room.keys;
  for (const firm of firms) {
    const { conversationStart } = await firm.get<{ conversationStart: { conversation: { id: string } } }>(
      'mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } userErrors { code } } }', { id: ids.encode(firm.firmId, 'Peer', known.rows[0]!.peering_id) },
    );
    const { id } = conversationStart.conversation;
    for (let word = 0; word < 10; word += 1) await firm.get('mutation ($input: MessageSendInput!) { messageSend(input: $input) { userErrors { code } } }', { input: { conversationId: id, clientId: randomUUID(), body: 'Bonjour' } });
    seen.set(firm, { id });
  }
  for (const firm of firms) {
    const { conversation } = await firm.get<{ conversation: { id: string } }>(`query ($id: ID!) { conversation(id: $id) { ${EVERYTHING} } }`, seen.get(firm)!);
    seen.set(firm, conversation);
  }
  return { circle, idFor: (firm) => seen.get(firm)!.id, seenBy: (firm) => seen.get(firm) };
}

/** Agrees to be found about the customer of a circle; what refused it, if anything did. */
export async function mark(firm: FirmVisitor, circle: Circle): Promise<readonly string[]> {
  const { peerSeek } = await firm.get<{ peerSeek: { userErrors: readonly { code: string }[] } }>(
    'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { userErrors { code } } }', { id: circle.ids.get(firm)! },
  );
  return peerSeek.userErrors.map(({ code }) => code);
}

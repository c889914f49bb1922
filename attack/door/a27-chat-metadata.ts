import { getNamedType, isObjectType } from 'graphql';
import type { FirmVisitor } from '../../test/house.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { publicDoor } from './door.js';
import { askSchema } from './schema.js';
import { EVERYTHING, openTalk } from './talk.js';
import type { DoorWorld } from './world.js';

/**
 * A27. Before anybody revealed itself, eve writes with a peer and looks for who it is in everything that she is shown: its
 * firm's, people's and customer's ids and names, e-mail addresses, which of its people wrote, time zones, and fields that
 * say more than they need. Then the peer, and it alone, agrees to be revealed.
 * Pass: none of it is there, all instants are UTC, and the peer's consent changes not one byte for eve.
 */
export const chatMetadata: DoorAttack = {
  id: 'A27',
  title: 'chat metadata (zone, typing, ids) before reveal',
  passLine: 'none',
  passes: never,
  run: async (world) => {
    const [eve, , , peer] = world.members;
    const talk = await openTalk(world, eve!, peer!);
    const secrets = await secretsOf(world, peer!);
    const look = async (): Promise<string> => eve!.get<object>(`query ($id: ID!) { conversation(id: $id) { ${EVERYTHING} } conversations { totalCount nodes { id unreadCount } } }`, { id: talk.idFor(eve!) }).then((seen) => JSON.stringify(seen));
    // What is told of typing is refused until both are revealed, and alike whatever the peer agreed to.
    const listen = async (): Promise<string> => {
      const socket = eve!.socket();
      const heard = await socket.iterate({ query: 'subscription ($id: ID!) { peerTyping(conversationId: $id) { typing } }', variables: { id: talk.idFor(eve!) } }).next().then((step) => `heard ${JSON.stringify(step)}`, (error: unknown) => JSON.stringify(error).replace(/"requestId":"[^"]+"/g, ''));
      await socket.dispose();
      return heard;
    };
    const before = await look();
    const unheard = await listen();
    await peer!.get('mutation ($id: ID!) { identityReveal(input: { conversationId: $id }) { userErrors { code } } }', { id: talk.idFor(peer!) });
    const after = await look();
    const extra = [...(await fieldsBeyond(world)), ...(unheard.includes('FORBIDDEN') && (await listen()) === unheard ? [] : ['peerTyping'])];
    const leaking = (seen: string): string => JSON.stringify({ ...(JSON.parse(seen) as object), senderZone: 'Europe/Paris', typing: true, sender: { email: peer!.email, sentAt: '2026-09-30T14:00:00+02:00' } });
    return { product: search(before, after, secrets, extra), control: search(leaking(before), leaking(after).replace('true', 'false'), secrets, ['Conversation.typing']) };
  },
};

/** What would tell who the peer is. */
async function secretsOf({ network }: DoorWorld, peer: FirmVisitor): Promise<readonly string[]> {
  const { viewer } = await peer.get<{ viewer: { firm: { id: string; name: string; registration: { value: string } | null }; user: { id: string; name: string } } }>('{ viewer { firm { id name registration { value } } user { id name } } }');
  const { rows } = await network.owner.query<{ id: string }>(
    `select customer_id::text as id from community.peering_side where firm_id = $1 union select peering_id::text from community.peering_side where firm_id = $1
     union select client_id from community.message m join community.peering_side s on s.peering_id = m.peering_id and s.side = m.side where s.firm_id = $1
     union select subject from community.peering_side where firm_id = $1`, [peer.firmId]);
  return [peer.firmId, peer.email, viewer.firm.name, viewer.user.id, viewer.user.name, ...(viewer.firm.registration ? [viewer.firm.registration.value] : []), ...rows.map(({ id }) => id)];
}

/** What a front end needs, and nothing more. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  // What one compares with a peer is one's own consent.
  Peer: ['id', 'alias', 'firm', 'conversation', 'comparing'],
  Conversation: ['id', 'customer', 'peer', 'state', 'messages', 'lastSeq', 'readUpTo', 'peerReadUpTo', 'unreadCount', 'openedAt', 'banner', 'lastEdit', 'search'],
  Message: ['id', 'seq', 'mine', 'body', 'sentAt', 'clientId', 'conversation', 'version', 'editedAt', 'versions', 'attachments'],
};

/** Fields of chat that are not among those; and subscriptions that would tell that somebody is there or is typing. */
async function fieldsBeyond(world: DoorWorld): Promise<readonly string[]> {
  const schema = await askSchema(world, publicDoor);
  const beyond = Object.entries(FIELDS).flatMap(([name, allowed]) => {
    const type = schema.getType(name);
    return isObjectType(type) ? Object.keys(type.getFields()).filter((field) => !allowed.includes(field)).map((field) => `${name}.${field}`) : [`no type ${name}`];
  });
  const telling = Object.values(schema.getSubscriptionType()?.getFields() ?? {}).filter((field) => field.name !== 'peerTyping' && /typing|presence|online|seen/i.test(`${field.name} ${getNamedType(field.type).name}`)).map(({ name }) => name);
  return [...beyond, ...telling];
}

function search(before: string, after: string, secrets: readonly string[], extra: readonly string[]): Achieved {
  const found = secrets.filter((secret) => [before, after].some((seen) => seen.includes(secret) || decoded(seen).includes(secret)));
  const zoned = [...before.matchAll(/"\d{4}-\d\d-\d\dT[\d:.]+([^"]*)"/g)].filter(([, zone]) => zone !== 'Z').length;
  const changed = before === after ? 0 : 1;
  const kinds = [found.length, zoned, changed, extra.length];
  return achieved(kinds.length, kinds.filter((kind) => kind > 0).length, `${found.length} of ${secrets.length} secrets, ${zoned} zones, ${extra.length} fields too many, consent alone ${changed === 0 ? 'shows nowhere' : 'shows'}`);
}

/** Whatever decodes from a base64 word of an answer. */
function decoded(seen: string): string {
  return [...seen.matchAll(/"([\w-]{16,})"/g)].map(([, word]) => Buffer.from(word!, 'base64url').toString('latin1')).join(' ');
}

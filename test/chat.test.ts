import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

interface UserErrors {
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}
interface Peer {
  readonly id: string;
  readonly alias: string;
  readonly firm: { readonly id: string; readonly name?: string } | null;
}
interface Message {
  readonly id: string;
  readonly seq: number;
  readonly mine: boolean;
  readonly body: string;
  readonly clientId: string | null;
}

/** Makes a firm a verified member that holds these customers, by their blind keys, as community's events would. */
async function admit(firm: FirmVisitor, customers: Readonly<Record<string, string | null>>, seekableUntil = '2999-12'): Promise<void> {
  await house.running.rooms.community.room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    await sql`
      insert into community.membership (firm_id, verified, joined_at, metrics) values (${firm.firmId}, true, now(), '{DSO}')
      on conflict (firm_id) do update set verified = true, joined_at = now()
    `.execute(db);
    for (const [customerId, subject] of Object.entries(customers)) {
      await sql`
        insert into community.customer_key (firm_id, customer_id, subject, seekable_until, revision) values (${firm.firmId}, ${customerId}, ${subject}, ${seekableUntil}, 1)
      `.execute(db);
    }
  });
}

const blindKey = (): string => randomBytes(32).toString('hex');

async function seek(firm: FirmVisitor, customerId: string): Promise<UserErrors> {
  const { peerSeek } = await firm.get<{ peerSeek: UserErrors }>('mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { id } userErrors { code path } } }', { id: customerId });
  return peerSeek;
}

/** The peers of a customer as a front end gets them from the mutation that it may always repeat. */
async function peersOf(firm: FirmVisitor, customerId: string): Promise<readonly Peer[]> {
  const { peerSeek } = await firm.get<{ peerSeek: { customer: { peers: Peer[] } } }>('mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id alias firm { id } } } } }', { id: customerId });
  return peerSeek.customer.peers;
}

interface Pair {
  readonly acme: FirmVisitor;
  readonly rival: FirmVisitor;
  readonly customers: { readonly acme: string; readonly rival: string };
}

async function matchedPair(): Promise<Pair> {
  const [acme, rival] = await Promise.all([house.firm(), house.firm()]);
  const customers = { acme: randomUUID(), rival: randomUUID() };
  const subject = blindKey();
  await admit(acme, { [customers.acme]: subject });
  await admit(rival, { [customers.rival]: subject });
  await seek(acme, customers.acme);
  await seek(rival, customers.rival);
  return { acme, rival, customers };
}

async function start(firm: FirmVisitor, peerId: string): Promise<string> {
  const { conversationStart } = await firm.get<{ conversationStart: { conversation: { id: string } } }>('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } userErrors { code } } }', { id: peerId });
  return conversationStart.conversation.id;
}

interface Chat extends Pair {
  /** The conversation, by the id each of the two knows. */
  readonly ids: { readonly acme: string; readonly rival: string };
}

async function openChat(): Promise<Chat> {
  const pair = await matchedPair();
  const [mine, theirs] = await Promise.all([peersOf(pair.acme, pair.customers.acme), peersOf(pair.rival, pair.customers.rival)]);
  // Both at once: it must be one conversation.
  const [acme, rival] = await Promise.all([start(pair.acme, mine[0]!.id), start(pair.rival, theirs[0]!.id)]);
  return { ...pair, ids: { acme, rival } };
}

async function send(firm: FirmVisitor, conversationId: string, body: string, clientId: string = randomUUID()): Promise<{ message: Message | null } & UserErrors> {
  const { messageSend } = await firm.get<{ messageSend: { message: Message | null } & UserErrors }>(
    'mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { id seq mine body clientId } userErrors { code path } } }',
    { input: { conversationId, clientId, body } },
  );
  return messageSend;
}

async function messagesOf(firm: FirmVisitor, conversationId: string): Promise<readonly Message[]> {
  const { conversation } = await firm.get<{ conversation: { messages: { nodes: Message[] } } }>('query ($id: ID!) { conversation(id: $id) { messages(first: 100) { nodes { id seq mine body clientId } } } }', { id: conversationId });
  return conversation.messages.nodes;
}

test('a mark that nobody answers is silent, and two marks make one match, shown to both', async () => {
  const [acme, rival, third] = await Promise.all([house.firm(), house.firm(), house.firm()]);
  const [a, b, c, lonely] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const subject = blindKey();
  await admit(acme, { [a]: subject, [lonely]: blindKey() });
  await admit(rival, { [b]: subject });
  await admit(third, { [c]: subject });
  expect(await seek(acme, a)).toEqual({ customer: { id: a }, userErrors: [] });
  // With a firm behind the subject that did not agree, and with none at all: the same answer.
  expect(await peersOf(acme, a)).toEqual([]);
  expect(await peersOf(acme, lonely)).toEqual([]);
  expect(await peersOf(rival, b)).toHaveLength(1);
  const [mine] = await peersOf(acme, a);
  const [theirs] = await peersOf(rival, b);
  expect(mine).toEqual({ id: expect.any(String), alias: expect.stringMatching(/^[A-Z][a-z]+ \d{4}$/), firm: null });
  expect(mine!.id).not.toBe(theirs!.id);
  // A third one is a peer of its own to each.
  expect(await peersOf(third, c)).toHaveLength(2);
  expect((await peersOf(acme, a)).map(({ id }) => id)).toContain(mine!.id);
  expect(new Set((await peersOf(acme, a)).map(({ alias }) => alias)).size).toBe(2);
});

test('two that mark at once are one match', async () => {
  const [acme, rival] = await Promise.all([house.firm(), house.firm()]);
  const [a, b] = [randomUUID(), randomUUID()];
  const subject = blindKey();
  await admit(acme, { [a]: subject });
  await admit(rival, { [b]: subject });
  await Promise.all([seek(acme, a), seek(rival, b), seek(acme, a), seek(rival, b)]);
  expect(await peersOf(acme, a)).toHaveLength(1);
  expect(await peersOf(rival, b)).toHaveLength(1);
});

test('what is refused depends on the own firm alone', async () => {
  const [acme, rival, outsider] = await Promise.all([house.firm(), house.firm(), house.firm()]);
  const [plain, old, theirs] = [randomUUID(), randomUUID(), randomUUID()];
  await admit(acme, { [plain]: null });
  await admit(acme, { [old]: blindKey() }, '2020-01');
  await admit(rival, { [theirs]: blindKey() });
  const customerPath = ['input', 'customerId'];
  for (const id of [theirs, randomUUID(), 'nonsense', '']) expect(await seek(acme, id)).toEqual({ customer: null, userErrors: [{ code: 'NOT_FOUND', path: customerPath }] });
  for (const id of [plain, old]) expect(await seek(acme, id)).toEqual({ customer: null, userErrors: [{ code: 'NOT_ALLOWED', path: customerPath }] });
  for (const id of [theirs, randomUUID()]) expect(await seek(outsider, id)).toEqual({ customer: null, userErrors: [{ code: 'NOT_ALLOWED', path: [] }] });
});

test('twenty new marks a month and no more', async () => {
  const acme = await house.firm();
  const ids = Array.from({ length: 21 }, () => randomUUID());
  await admit(acme, Object.fromEntries(ids.map((id) => [id, blindKey()])));
  const results = await Promise.all(ids.map((id) => seek(acme, id)));
  expect(results.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(20);
  expect(results.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(['LIMIT_REACHED']);
  // A mark that stands is no new one.
  const standing = ids[results.findIndex(({ userErrors }) => userErrors.length === 0)]!;
  expect((await seek(acme, standing)).userErrors).toEqual([]);
});

test('both sides at once get numbers without a gap, in one order', async () => {
  const { acme, rival, ids } = await openChat();
  await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? send(acme, ids.acme, `a${index}`) : send(rival, ids.rival, `b${index}`))));
  const [mine, theirs] = await Promise.all([messagesOf(acme, ids.acme), messagesOf(rival, ids.rival)]);
  expect(mine.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(theirs.map(({ seq, body }) => [seq, body])).toEqual(mine.map(({ seq, body }) => [seq, body]));
  for (const message of mine) {
    expect(message.mine).toBe(message.body.startsWith('a'));
    expect(message.clientId === null).toBe(!message.mine);
  }
});

test('the same clientId is one message, also at once; with another text it is refused', async () => {
  const { acme, rival, ids } = await openChat();
  const clientId = 'note-1';
  const answers = await Promise.all(Array.from({ length: 5 }, () => send(acme, ids.acme, 'paid on the 3rd', clientId)));
  expect(new Set(answers.map(({ message }) => message!.id)).size).toBe(1);
  expect(await send(acme, ids.acme, 'paid on the 4th', clientId)).toEqual({ message: null, userErrors: [{ code: 'CONFLICT', path: ['input', 'clientId'] }] });
  // Somebody else's id is their own affair.
  expect((await send(rival, ids.rival, 'good to know', clientId)).message).toMatchObject({ seq: 2, mine: true });
  expect(await messagesOf(acme, ids.acme)).toHaveLength(2);
});

test('a text is kept as it was sent, up to 4,000 characters', async () => {
  const { acme, rival, ids } = await openChat();
  const kept = ['\t<b>été</b>\n ', '😀'.repeat(4000), ' '];
  for (const body of kept) expect((await send(acme, ids.acme, body)).userErrors).toEqual([]);
  for (const body of ['x'.repeat(4001), '😀'.repeat(4001), '', 'a\u0000b', 'a\rb', '\u001b[31m', '\u009f', '\ud800']) {
    expect(await send(acme, ids.acme, body)).toEqual({ message: null, userErrors: [{ code: 'INVALID', path: ['input', 'body'] }] });
  }
  expect((await messagesOf(rival, ids.rival)).map(({ body }) => body)).toEqual(kept);
});

test('a third firm can do nothing with a conversation, and what it tries has no effect', async () => {
  const { acme, ids } = await openChat();
  const stranger = await house.firm();
  await admit(stranger, {});
  const [peer] = (await acme.get<{ conversation: { peer: { id: string } } }>('query ($id: ID!) { conversation(id: $id) { peer { id } } }', { id: ids.acme })).conversation.peer.id.split(' ');
  for (const id of [ids.acme, ids.rival, 'nonsense', randomUUID()]) {
    const read = await stranger.get('query ($id: ID!) { conversation(id: $id) { id } }', { id });
    expect(read).toEqual({ conversation: null });
    expect((await send(stranger, id, 'hello')).userErrors).toEqual([{ code: 'NOT_FOUND', path: ['input', 'conversationId'] }]);
    for (const [mutation, more] of [['messagesRead', ', upTo: 0'], ['identityReveal', ''], ['conversationClose', ''], ['conversationReport', ', reason: "x"']] as const) {
      const done = await stranger.get<Record<string, unknown>>(`mutation ($id: ID!) { ${mutation}(input: { conversationId: $id${more} }) { conversation { id } userErrors { code path } } }`, { id });
      expect(done[mutation]).toEqual({ conversation: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'conversationId'] }] });
    }
  }
  const started = await stranger.get('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } userErrors { code } } }', { id: peer });
  expect(started).toEqual({ conversationStart: { conversation: null, userErrors: [{ code: 'NOT_FOUND' }] } });
  expect(await stranger.get('{ conversations { totalCount nodes { id } } }')).toEqual({ conversations: { totalCount: 0, nodes: [] } });
  const iterator = collect(stranger, ids.acme, 0);
  await expect(iterator.next()).rejects.toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  expect(await acme.get('query ($id: ID!) { conversation(id: $id) { state lastSeq } }', { id: ids.acme })).toEqual({ conversation: { state: 'OPEN', lastSeq: 0 } });
});

/** Message by message from a subscription; throws the errors of the first failing one. */
async function* collect(firm: FirmVisitor, conversationId: string, after?: number): AsyncGenerator<Message, void, void> {
  const client = firm.socket();
  try {
    const results = client.iterate<{ messageReceived: Message }>({
      query: 'subscription ($id: ID!, $after: Int) { messageReceived(conversationId: $id, after: $after) { id seq mine body clientId } }',
      variables: { id: conversationId, after },
    });
    for await (const { data, errors } of results) {
      if (errors) throw errors;
      yield data!.messageReceived;
    }
  } finally {
    await client.dispose();
  }
}

test('ten messages go across a forced reconnect, none lost, none doubled, in order', async () => {
  const { acme, rival, ids } = await openChat();
  const received: Message[] = [];
  const read = async (count: number): Promise<void> => {
    const stream = collect(rival, ids.rival, received.at(-1)?.seq ?? 0);
    while (received.length < count) received.push((await stream.next()).value as Message);
    // The client disposes of its socket here: the server finds it gone.
    await stream.return();
  };
  for (const body of ['1', '2', '3']) await send(acme, ids.acme, body);
  await read(2);
  await send(rival, ids.rival, '4');
  const second = read(7);
  for (const body of ['5', '6', '7']) await send(acme, ids.acme, body);
  await second;
  for (const body of ['8', '9', '10']) await send(acme, ids.acme, body);
  await read(10);
  expect(received.map(({ seq, body }) => [seq, body])).toEqual(Array.from({ length: 10 }, (_, index) => [index + 1, String(index + 1)]));
});

test('a firm is shown to its peer once both revealed themselves, and not before', async () => {
  const { acme, rival, ids } = await openChat();
  const reveal = (firm: FirmVisitor, id: string) =>
    firm.get<{ identityReveal: { conversation: { peer: { firm: { id: string; name: string; verified: boolean } | null } } } }>('mutation ($id: ID!) { identityReveal(input: { conversationId: $id }) { conversation { peer { firm { id name } } } userErrors { code } } }', { id });
  for (let again = 0; again < 2; again += 1) expect((await reveal(acme, ids.acme)).identityReveal.conversation.peer.firm).toBeNull();
  const before = await rival.get<{ conversation: { peer: { firm: null } } }>('query ($id: ID!) { conversation(id: $id) { peer { firm { id } } } }', { id: ids.rival });
  expect(before.conversation.peer.firm).toBeNull();
  const seenByRival = (await reveal(rival, ids.rival)).identityReveal.conversation.peer.firm;
  const { viewer } = await acme.get<{ viewer: { firm: { id: string; name: string } } }>('{ viewer { firm { id name } } }');
  expect(seenByRival).toEqual({ id: expect.any(String), name: viewer.firm.name });
  expect(seenByRival!.id).not.toBe(viewer.firm.id);
});

test('a closed conversation can be read but not written to, and its subscription ends', async () => {
  const { acme, rival, ids } = await openChat();
  await send(acme, ids.acme, 'last word', 'kept');
  const stream = collect(rival, ids.rival, 0);
  expect((await stream.next()).value).toMatchObject({ seq: 1 });
  const end = stream.next();
  const closed = await acme.get('mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { conversation { state } userErrors { code } } }', { id: ids.acme });
  expect(closed).toEqual({ conversationClose: { conversation: { state: 'CLOSED' }, userErrors: [] } });
  expect(await end).toEqual({ done: true, value: undefined });
  expect(await send(rival, ids.rival, 'wait')).toEqual({ message: null, userErrors: [{ code: 'NOT_ALLOWED', path: ['input', 'conversationId'] }] });
  // A retry of what was sent before is still that message.
  expect((await send(acme, ids.acme, 'last word', 'kept')).message).toMatchObject({ seq: 1 });
  expect((await messagesOf(rival, ids.rival)).map(({ body }) => body)).toEqual(['last word']);
});

test('the two sides of a conversation have no id in common', async () => {
  const { acme, rival, ids } = await openChat();
  await send(acme, ids.acme, 'one');
  await send(rival, ids.rival, 'two');
  const query = '{ conversations { nodes { id peer { id } customer { id } messages { nodes { id clientId } } } pageInfo { startCursor endCursor } } }';
  const texts = async (firm: FirmVisitor): Promise<string[]> => [...JSON.stringify(await firm.get(query)).matchAll(/"([\w-]{16,})"/g)].map(([, text]) => text!);
  const [mine, theirs] = await Promise.all([texts(acme), texts(rival)]);
  expect(mine.length).toBeGreaterThan(6);
  expect(mine.filter((text) => theirs.includes(text))).toEqual([]);
});

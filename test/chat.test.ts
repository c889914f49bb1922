import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { forgetOldMessages } from '../subgraphs/community/chat/forget-old-messages.js';
import { randomSiren, startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

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
  await firm.house.running.rooms.community.room.db.asSystem().transaction(async (em) => {
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

interface Firms {
  readonly acme: FirmVisitor;
  readonly rival: FirmVisitor;
}

interface Pair extends Firms {
  readonly customers: { readonly acme: string; readonly rival: string };
}

async function matchedPair(firms?: Firms): Promise<Pair> {
  const { acme, rival } = firms ?? { acme: await house.firm(), rival: await house.firm() };
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

async function openChat(firms?: Firms): Promise<Chat> {
  const pair = await matchedPair(firms);
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

test('the same clientId is one message, also at once; with another text it stays the first', async () => {
  const { acme, rival, ids } = await openChat();
  const clientId = 'note-1';
  const answers = await Promise.all(Array.from({ length: 5 }, () => send(acme, ids.acme, 'paid on the 3rd', clientId)));
  expect(new Set(answers.map(({ message }) => message!.id)).size).toBe(1);
  expect(await send(acme, ids.acme, 'paid on the 4th', clientId)).toEqual(answers[0]);
  // Somebody else's id is their own affair.
  expect((await send(rival, ids.rival, 'good to know', clientId)).message).toMatchObject({ seq: 2, mine: true });
  expect(await messagesOf(acme, ids.acme)).toHaveLength(2);
});

test('a text is kept as it was sent, up to 4,000 characters', async () => {
  const { acme, rival, ids } = await openChat();
  // Nothing is trimmed, composed (an e with an accent of its own) or taken out (a mark of direction, a joiner).
  const kept = ['\t<b>été</b>\n ', 'e\u0301te\u0301 \ufb01 \u202e\u200d\ufeff', '😀'.repeat(4000), ' '];
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

test('an inbox tells which conversation changed: started, a message, read, closed', async () => {
  const { acme, rival, customers } = await matchedPair();
  const client = rival.socket();
  interface Inbox { readonly inboxChanged: { readonly id: string; readonly lastSeq: number; readonly unreadCount: number; readonly peerReadUpTo: number; readonly state: string } }
  const stream = client.iterate<Inbox>({ query: 'subscription { inboxChanged { id lastSeq unreadCount peerReadUpTo state } }' });
  const changed = async (): Promise<Inbox['inboxChanged']> => ((await stream.next()).value as { data: Inbox }).data.inboxChanged;
  // One change may be told twice, and two at once as one: what counts is that the inbox comes to show it.
  const shows = async (first: Promise<Inbox['inboxChanged']>, expected: (told: Inbox['inboxChanged']) => boolean): Promise<Inbox['inboxChanged']> => {
    let told = await first;
    while (!expected(told)) told = await changed();
    return told;
  };
  let next = changed();
  const [peer] = await peersOf(acme, customers.acme);
  const id = await start(acme, peer!.id);
  await send(acme, id, 'one');
  const told = await shows(next, ({ lastSeq }) => lastSeq === 1);
  expect(told).toEqual({ id: expect.any(String), lastSeq: 1, unreadCount: 1, peerReadUpTo: 0, state: 'OPEN' });
  next = changed();
  await rival.get('mutation ($id: ID!) { messagesRead(input: { conversationId: $id, upTo: 1 }) { userErrors { code } } }', { id: told.id });
  expect(await shows(next, ({ unreadCount }) => unreadCount === 0)).toEqual({ ...told, unreadCount: 0 });
  next = changed();
  await acme.get('mutation ($id: ID!) { messagesRead(input: { conversationId: $id, upTo: 1 }) { userErrors { code } } }', { id });
  expect(await shows(next, ({ peerReadUpTo }) => peerReadUpTo === 1)).toEqual({ ...told, unreadCount: 0, peerReadUpTo: 1 });
  next = changed();
  await acme.get('mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { userErrors { code } } }', { id });
  expect(await shows(next, ({ state }) => state === 'CLOSED')).toMatchObject({ state: 'CLOSED', lastSeq: 1 });
  await client.dispose();
});

test('reading never goes back, and not beyond what there is', async () => {
  const { acme, rival, ids } = await openChat();
  for (const body of ['1', '2', '3']) await send(acme, ids.acme, body);
  // Its own: never unread to itself.
  await send(rival, ids.rival, '4');
  const read = async (upTo: number): Promise<unknown> => (await rival.get<{ messagesRead: unknown }>('mutation ($id: ID!, $upTo: Int!) { messagesRead(input: { conversationId: $id, upTo: $upTo }) { conversation { readUpTo unreadCount } userErrors { code path } } }', { id: ids.rival, upTo })).messagesRead;
  expect(await read(2)).toEqual({ conversation: { readUpTo: 2, unreadCount: 1 }, userErrors: [] });
  expect(await read(1)).toEqual({ conversation: { readUpTo: 2, unreadCount: 1 }, userErrors: [] });
  expect(await acme.get('query ($id: ID!) { conversation(id: $id) { unreadCount peerReadUpTo } }', { id: ids.acme })).toEqual({ conversation: { unreadCount: 1, peerReadUpTo: 2 } });
  for (const upTo of [5, -1]) expect(await read(upTo)).toEqual({ conversation: null, userErrors: [{ code: 'INVALID', path: ['input', 'upTo'] }] });
});

test('messages are read by number from either end, conversations page by page', async () => {
  const { acme, ids } = await openChat();
  for (let index = 1; index <= 5; index += 1) await send(acme, ids.acme, String(index));
  const { conversation } = await acme.get<{ conversation: Record<string, { nodes: { seq: number }[]; hasMore: boolean }> }>(`query ($id: ID!) { conversation(id: $id) {
    start: messages(first: 2) { nodes { seq } hasMore } rest: messages(first: 3, after: 2) { nodes { seq } hasMore }
    end: messages(last: 2) { nodes { seq } hasMore } older: messages(last: 3, before: 4) { nodes { seq } hasMore } none: messages(after: 5) { nodes { seq } hasMore }
  } }`, { id: ids.acme });
  expect(Object.fromEntries(Object.entries(conversation).map(([name, { nodes, hasMore }]) => [name, [nodes.map(({ seq }) => seq), hasMore]]))).toEqual({
    start: [[1, 2], true], rest: [[3, 4, 5], false], end: [[4, 5], true], older: [[1, 2, 3], false], none: [[], false],
  });
  for (const wrong of ['messages(first: 101)', 'messages(last: 0)']) {
    expect((await acme.ask(`query ($id: ID!) { conversation(id: $id) { ${wrong} { hasMore } } }`, { id: ids.acme })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
  // A second match of the same firm.
  const rival = await house.firm();
  const [mine, theirs, subject] = [randomUUID(), randomUUID(), blindKey()];
  await admit(acme, { [mine]: subject });
  await admit(rival, { [theirs]: subject });
  await seek(rival, theirs);
  const second = await start(acme, (await peersOf(acme, mine))[0]!.id);
  const page = async (after: string | null): Promise<{ nodes: { id: string }[]; totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string } }> =>
    (await acme.get<{ conversations: Awaited<ReturnType<typeof page>> }>('query ($after: String) { conversations(first: 1, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }', { after })).conversations;
  const first = await page(null);
  expect(first).toMatchObject({ nodes: [{ id: second }], totalCount: 2, pageInfo: { hasNextPage: true } });
  expect(await page(first.pageInfo.endCursor)).toMatchObject({ nodes: [{ id: ids.acme }], pageInfo: { hasNextPage: false } });
  for (const after of ['x', Buffer.from('["now","then"]').toString('base64url')]) {
    expect((await acme.ask('query ($after: String) { conversations(after: $after) { totalCount } }', { after })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
});

test('who leaves the community ends its matches and conversations, for both, at once', async () => {
  const { acme, rival, ids, customers } = await openChat();
  await send(acme, ids.acme, 'before');
  const stream = collect(rival, ids.rival, 0);
  expect((await stream.next()).value).toMatchObject({ seq: 1 });
  const end = stream.next();
  await acme.get('mutation { communityLeave { userErrors { code } } }');
  expect((await end).done).toBe(true);
  expect((await send(rival, ids.rival, 'after')).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  expect((await send(acme, ids.acme, 'after')).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  expect(await peersOf(rival, customers.rival)).toEqual([]);
  const known = await acme.get('query ($id: ID!) { conversation(id: $id) { state lastSeq } }', { id: ids.acme });
  expect(known).toEqual({ conversation: { state: 'CLOSED', lastSeq: 1 } });
  // Back again it is a stranger: no mark, no match.
  await admit(acme, {});
  expect(await peersOf(rival, customers.rival)).toEqual([]);
});

test('who may not chat may see peers and nothing of what is written', async () => {
  const { acme, ids, customers } = await openChat();
  const { apiKeyCreate } = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "reader", scopes: ["ledger:read", "community:read"] }) { secret } }');
  const reader = new Visitor(house, apiKeyCreate.secret);
  for (const query of ['query ($id: ID!) { conversation(id: $id) { id } }', 'mutation ($id: ID!) { messageSend(input: { conversationId: $id, clientId: "x", body: "x" }) { message { id } } }', 'mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { conversation { id } } }']) {
    expect((await reader.ask(query, { id: ids.acme })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  }
  expect((await reader.ask('mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { id } } }', { id: customers.acme })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect((await house.nobody.ask('query ($id: ID!) { conversation(id: $id) { id } }', { id: ids.acme })).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  expect(await messagesOf(acme, ids.acme)).toEqual([]);
});

/** A customer with three invoices of this year in the firm's own ledger; community hears of it by itself. */
async function tradeWith(firm: FirmVisitor, name: string, siren: string): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } userErrors { code } } }', {
    input: { reference: name, name, country: 'FR', registration: { scheme: 'SIREN', value: siren } },
  });
  const customerId = customerUpsert.customer.id;
  const issueDate = house.running.rooms.portfolios.room.clock.today().subtract({ days: 40 }).toString();
  for (const number of ['1', '2', '3']) {
    await firm.get('mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { userErrors { code } } }', {
      input: { customerId, number: `${name}-${number}`, issueDate, amount: { amount: '100.00', currency: 'EUR' } },
    });
  }
  return customerId;
}

test('a received message shows its customer from the ledger of each, over WebSocket and over SSE', async () => {
  const [acme, rival] = await Promise.all([house.firm(), house.firm()]);
  const siren = randomSiren();
  const ids: string[] = [];
  for (const [firm, name] of [[acme, 'Dupont'], [rival, 'DUPONT SA']] as const) {
    await firm.get('mutation ($id: ID!) { sandboxFirmVerify(firmId: $id) { verified } }', { id: firm.firmId });
    await firm.get('mutation { communityJoin(input: { metrics: [DSO], acceptCharter: true }) { userErrors { code } } }');
    ids.push(await tradeWith(firm, name, siren));
  }
  await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: new Date().toISOString() });
  expect((await seek(acme, ids[0]!)).userErrors).toEqual([]);
  expect((await seek(rival, ids[1]!)).userErrors).toEqual([]);
  const query = 'query ($id: ID!) { customer(id: $id) { name indicators { outstanding { amount } } peers { id alias firm { id } } } }';
  const page = await acme.get<{ customer: { name: string; peers: Peer[] } }>(query, { id: ids[0] });
  expect(page).toEqual({ customer: { name: 'Dupont', indicators: { outstanding: { amount: '300.00' } }, peers: [{ id: expect.any(String), alias: expect.any(String), firm: null }] } });
  const theirs = (await rival.get<{ customer: { peers: Peer[] } }>(query, { id: ids[1] })).customer.peers[0]!;
  const [mine, other] = [await start(acme, page.customer.peers[0]!.id), await start(rival, theirs.id)];
  await send(acme, mine, 'It paid on the 3rd.');
  const subscription = 'subscription ($id: ID!) { messageReceived(conversationId: $id, after: 0) { seq body conversation { unreadCount customer { name indicators { outstanding { amount } } } peer { alias } } } }';
  const event = { messageReceived: { seq: 1, body: 'It paid on the 3rd.', conversation: { unreadCount: 1, customer: { name: 'DUPONT SA', indicators: { outstanding: { amount: '300.00' } } }, peer: { alias: theirs.alias } } } };

  const client = rival.socket();
  const results = client.iterate({ query: subscription, variables: { id: other } });
  expect((await results.next()).value).toEqual({ data: event });
  await client.dispose();

  const leave = new AbortController();
  const response = await fetch(`${house.url}/graphql`, {
    method: 'POST', signal: leave.signal,
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${rival.token}` },
    body: JSON.stringify({ query: subscription, variables: { id: other } }),
  });
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (/data: .*\n\n/.test(text)) break;
  }
  leave.abort();
  expect(JSON.parse(/data: (.*)/.exec(text)![1]!)).toEqual({ data: event });
});

test('a mark taken back lives to its thirtieth day, and a match it made stays', async () => {
  await using clocked = await startHouse();
  const at = (day: string): Promise<unknown> => clocked.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: `${day}T12:00:00.000Z` });
  const unseek = (firm: FirmVisitor, id: string): Promise<unknown> => firm.get('mutation ($id: ID!) { peerUnseek(input: { customerId: $id }) { customer { id } userErrors { code } } }', { id });
  /** The day on which the firm's mark ends, as it reads it after this mutation. */
  const endOf = async (mutation: 'peerSeek' | 'peerUnseek', firm: FirmVisitor, id: string): Promise<string | undefined> => {
    const { marked } = await firm.get<{ marked: { customer: { seekingUntil: string | null } } }>(`mutation ($id: ID!) { marked: ${mutation}(input: { customerId: $id }) { customer { seekingUntil } } }`, { id });
    return marked.customer.seekingUntil?.slice(0, 10);
  };
  await at('2027-01-01');
  const [acme, early, late] = await Promise.all([clocked.firm(), clocked.firm(), clocked.firm()]);
  const [a, b, c, subject] = [randomUUID(), randomUUID(), randomUUID(), blindKey()];
  await admit(acme, { [a]: subject });
  await admit(early, { [b]: subject });
  await admit(late, { [c]: subject });
  expect(await endOf('peerUnseek', acme, a)).toBeUndefined();
  expect(await endOf('peerSeek', acme, a)).toBe('2027-04-01');
  expect(await endOf('peerUnseek', acme, a)).toBe('2027-01-31');
  expect(await endOf('peerUnseek', early, b)).toBeUndefined();
  for (let again = 0; again < 2; again += 1) expect(await unseek(acme, a)).toEqual({ peerUnseek: { customer: { id: a }, userErrors: [] } });
  expect(await unseek(acme, b)).toEqual({ peerUnseek: { customer: null, userErrors: [{ code: 'NOT_FOUND' }] } });
  await at('2027-01-20');
  await seek(early, b);
  expect(await peersOf(early, b)).toHaveLength(1);
  await at('2027-02-01');
  await seek(late, c);
  // Only the one whose mark still lives.
  expect(await peersOf(late, c)).toHaveLength(1);
  // By the last day of its mark it has met both; when it has ended, it still has them.
  expect(await unseek(early, b)).toEqual({ peerUnseek: { customer: { id: b }, userErrors: [] } });
  await at('2027-04-19');
  expect(await endOf('peerUnseek', early, b)).toBeUndefined();
  const found = (await peersOf(early, b)).map(({ id }) => id);
  expect(found).toHaveLength(2);
  expect((await start(early, found[0]!)).length).toBeGreaterThan(0);
});

test('a subscription that its client left is let go at once', async () => {
  const { rival, ids } = await openChat();
  const { hints } = house.running.rooms.community.room;
  const subscribe = hints.subscribe.bind(hints);
  let open = 0;
  let most = 0;
  hints.subscribe = (topic, listener) => {
    const unsubscribe = subscribe(topic, listener);
    if (!topic.startsWith('conversation:')) return unsubscribe;
    open += 1;
    most = Math.max(most, open);
    return () => {
      open -= 1;
      unsubscribe();
    };
  };
  const until = async (holds: () => boolean): Promise<void> => {
    for (const deadline = Date.now() + 5000; !holds(); ) {
      if (Date.now() > deadline) throw new Error(`${open} are open`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  try {
    const client = rival.socket();
    const waiting = client.iterate({ query: 'subscription ($id: ID!) { messageReceived(conversationId: $id) { seq } }', variables: { id: ids.rival } }).next();
    const inbox = client.iterate({ query: 'subscription { inboxChanged { id } }' }).next();
    await until(() => open === 2);
    await client.dispose();
    await Promise.allSettled([waiting, inbox]);
    await until(() => open === 0);
    const leave = new AbortController();
    const response = await fetch(`${house.url}/graphql`, {
      method: 'POST', signal: leave.signal,
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${rival.token}` },
      body: JSON.stringify({ query: 'subscription ($id: ID!) { messageReceived(conversationId: $id) { seq } }', variables: { id: ids.rival } }),
    });
    await until(() => open === 1);
    leave.abort();
    await response.text().catch(() => undefined);
    await until(() => open === 0);
    expect(most).toBe(2);
  } finally {
    // Its own again.
    Reflect.deleteProperty(hints, 'subscribe');
  }
});

test('the text of a message is kept for twelve months, its number for ever', async () => {
  await using clocked = await startHouse();
  const [acme, rival] = await Promise.all([clocked.firm(), clocked.firm()]);
  const { ids } = await openChat({ acme, rival });
  const at = (instant: string): Promise<unknown> => clocked.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: instant });
  await at('2027-03-01T12:00:00Z');
  await send(acme, ids.acme, 'old');
  await at('2027-03-02T12:00:00Z');
  await send(acme, ids.acme, 'newer');
  // Between the two, twelve months later; again it changes nothing.
  await at('2028-03-02T00:00:00Z');
  for (let again = 0; again < 2; again += 1) await forgetOldMessages(clocked.running.rooms.community.room);
  expect((await messagesOf(rival, ids.rival)).map(({ seq, body }) => [seq, body])).toEqual([[1, ''], [2, 'newer']]);
});

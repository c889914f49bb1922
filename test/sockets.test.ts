import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExecutionResult } from 'graphql';
import { decodeJwt, importJWK, SignJWT } from 'jose';
import { sql } from 'kysely';
import { WebSocket } from 'ws';
import { Sockets } from '../gateway/sockets/sockets.js';
import { openLog } from '../src/log.js';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A client that speaks the protocol by hand, and answers nothing by itself. */
class BareClient {
  readonly heard: Message[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  #hear: () => void = () => undefined;

  private constructor(url: string, protocol: string | undefined) {
    this.socket = protocol === undefined ? new WebSocket(`${url.replace('http', 'ws')}/graphql`) : new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol);
    this.socket.on('message', (data: Buffer) => {
      this.heard.push(JSON.parse(data.toString()) as Message);
      this.#hear();
    });
    this.closed = new Promise((resolve) => this.socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })));
    this.socket.on('error', () => undefined);
  }

  static async open(url: string, protocol: string | undefined = 'graphql-transport-ws'): Promise<BareClient> {
    const client = new BareClient(url, protocol);
    await once(client.socket, 'open');
    return client;
  }

  /** One that was let in. */
  static async enter(url: string, token?: string): Promise<BareClient> {
    const client = await BareClient.open(url);
    client.say({ type: 'connection_init', payload: token === undefined ? {} : { authorization: `Bearer ${token}` } });
    await client.hear(({ type }) => type === 'connection_ack');
    return client;
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  ask(id: string, query: string, variables?: unknown, extensions?: unknown): void {
    this.say({ type: 'subscribe', id, payload: { query, variables, extensions } });
  }

  /** The first message of all that is as wished, once it has come. */
  async hear(wished: (message: Message) => boolean): Promise<Message> {
    const late = AbortSignal.timeout(15_000);
    for (;;) {
      const found = this.heard.find(wished);
      if (found) return found;
      await new Promise<void>((resolve, reject) => {
        this.#hear = resolve;
        late.addEventListener('abort', () => reject(new Error(`heard only ${JSON.stringify(this.heard).slice(0, 500)}`)), { once: true });
      });
    }
  }

  /** What was said about an operation, once it has ended. */
  async whole(id: string): Promise<readonly Message[]> {
    await this.hear((message) => message.id === id && message.type !== 'next');
    return this.heard.filter((message) => message.id === id);
  }
}

let house: TestHouse;
let acme: FirmVisitor;
beforeAll(async () => {
  house = await startHouse();
  acme = await house.firm('Acme');
});
afterAll(() => house[Symbol.asyncDispose]());

const VIEWER = { type: 'subscribe', id: '1', payload: { query: '{ viewer { role } }' } };
const INBOX = 'subscription { inboxChanged { id } }';

describe('a connection is closed with', () => {
  test.each<[number, string, readonly unknown[]]>([
    [4400, 'no JSON', ['{']],
    [4400, 'a list', ['[]']],
    [4400, 'null', ['null']],
    [4400, 'a message of no type', [{ id: '1' }]],
    [4400, 'a message of a type of its own', [{ type: 'start', id: '1', payload: { query: '{ viewer { role } }' } }]],
    [4400, "the server's own words", [{ type: 'connection_ack' }]],
    [4400, 'an initialisation with a text', [{ type: 'connection_init', payload: 'Bearer' }]],
    [4400, 'an operation without an id', [{ type: 'connection_init' }, { type: 'subscribe', payload: { query: '{ viewer { role } }' } }]],
    [4400, 'an operation with an empty id', [{ type: 'connection_init' }, { ...VIEWER, id: '' }]],
    [4400, 'an operation without a query', [{ type: 'connection_init' }, { type: 'subscribe', id: '1', payload: {} }]],
    [4400, 'variables that are a list', [{ type: 'connection_init' }, { type: 'subscribe', id: '1', payload: { query: '{ viewer { role } }', variables: [] } }]],
    [4400, 'bytes', [Buffer.from('{"type":"connection_init"}')]],
    [1007, 'text that is no UTF-8', [Buffer.from([0x22, 0xff, 0x22])]],
    [4401, 'an operation before the initialisation', [VIEWER]],
    [4429, 'two initialisations', [{ type: 'connection_init' }, { type: 'connection_init' }]],
    [4409, 'an id twice', [{ type: 'connection_init' }, { ...VIEWER, payload: { query: INBOX } }, VIEWER]],
    [4409, 'an id twice, of 10,000 letters', [{ type: 'connection_init' }, { ...VIEWER, id: 'é'.repeat(10_000) }, { ...VIEWER, id: 'é'.repeat(10_000) }]],
  ])('%i for %s', async (code, what, messages) => {
    const client = await BareClient.open(house.url);
    for (const message of messages) {
      if (message instanceof Buffer) client.socket.send(message, { binary: what === 'bytes' });
      else client.say(message);
    }
    expect((await client.closed).code).toBe(code);
  });

  test('4406 without the subprotocol', async () => {
    const client = new WebSocket(`${house.url.replace('http', 'ws')}/graphql`);
    expect((await once(client, 'close'))[0]).toBe(4406);
  });

  test('4408 when nothing is said within three seconds', async () => {
    const from = Date.now();
    const { code } = await (await BareClient.open(house.url)).closed;
    expect({ code, inTime: Date.now() - from < 5000, tooEarly: Date.now() - from < 2900 }).toEqual({ code: 4408, inTime: true, tooEarly: false });
  });
});

test('a ping is answered with its payload, before the initialisation too', async () => {
  const client = await BareClient.open(house.url);
  client.say({ type: 'ping' });
  client.say({ type: 'ping', payload: { at: [1, 'é'] } });
  await client.hear(({ payload }) => payload !== undefined);
  expect(client.heard).toEqual([{ type: 'pong' }, { type: 'pong', payload: { at: [1, 'é'] } }]);
  client.socket.terminate();
});

test.each([
  ['a header of the handshake', { handshake: 'Bearer ' }, {}],
  ['the payload', {}, { Authorization: 'Bearer ' }],
  ["the payload's headers", {}, { headers: { authorization: 'Bearer ' } }],
  ['both, of which the payload counts', { handshake: 'Bearer wrong-wrong-wrong-wrong' }, { authorization: 'Bearer ' }],
])('a token is found in %s', async (_, { handshake }: { handshake?: string }, payload: Record<string, unknown>) => {
  const withToken = (text: string): string => (text.endsWith(' ') ? text + acme.token : text);
  const socket = new WebSocket(`${house.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers: handshake === undefined ? {} : { authorization: withToken(handshake) } });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload }).replace('"Bearer "', `"Bearer ${acme.token}"`));
  socket.send(JSON.stringify(VIEWER));
  const heard: string[] = [];
  for await (const [data] of (await import('node:events')).on(socket, 'message')) {
    heard.push(String(data));
    if (heard.length === 3) break;
  }
  socket.terminate();
  expect(heard.slice(1).map((text) => JSON.parse(text) as unknown)).toEqual([{ id: '1', type: 'next', payload: { data: { viewer: { role: 'OWNER' } } } }, { id: '1', type: 'complete' }]);
});

/** Two firms that talk, as community's events would have them. */
async function openChat(): Promise<{ me: FirmVisitor; id: string }> {
  const [me, other] = [await house.firm(), await house.firm()];
  const subject = randomBytes(32).toString('hex');
  const customers = [randomUUID(), randomUUID()] as const;
  await house.running.rooms.community.room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    for (const [index, firm] of [me, other].entries()) {
      await sql`insert into community.membership (firm_id, verified, joined_at, metrics) values (${firm.firmId}, true, now(), '{DSO}')`.execute(db);
      await sql`insert into community.customer_key (firm_id, customer_id, subject, seekable_until, revision) values (${firm.firmId}, ${customers[index]}, ${subject}, '2999-12', 1)`.execute(db);
    }
  });
  const seek = 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id } } } }';
  await other.get(seek, { id: customers[1] });
  const { peerSeek } = await me.get<{ peerSeek: { customer: { peers: { id: string }[] } } }>(seek, { id: customers[0] });
  const { conversationStart } = await me.get<{ conversationStart: { conversation: { id: string } } }>('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } } }', { id: peerSeek.customer.peers[0]!.id });
  return { me, id: conversationStart.conversation.id };
}

/** Request ids are never the same twice. */
const withoutIds = (messages: readonly Message[]): string => JSON.stringify(messages).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}(?="})/g, 'an id');

describe('what one room answers whole is told as on the whole way', () => {
  let chat: { me: FirmVisitor; id: string };
  let reader: Visitor;
  beforeAll(async () => {
    chat = await openChat();
    const { apiKeyCreate } = await chat.me.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "reader", scopes: ["ledger:read", "community:read"] }) { secret } }');
    reader = new Visitor(house, apiKeyCreate.secret);
    for (const body of ['one', 'two \u2028 "é"']) await chat.me.get(SEND, { input: { conversationId: chat.id, clientId: body, body } });
  });

  const SEND = 'mutation Send($input: MessageSendInput!) { messageSend(input: $input) { __typename message { id seq body: body clientId sentAt conversation { id lastSeq } } userErrors { code path message } } }';
  const FOLLOW = 'subscription Follow($id: ID!, $after: Int) { messageReceived(conversationId: $id, after: $after) { seq body again: body __typename conversation { id state } } }';
  test.each<[string, string, (id: string) => unknown, number?]>(([
    ['a subscription that tells what was missed', FOLLOW, (id) => ({ id, after: 0 }), 2],
    ['a subscription that has no such conversation', FOLLOW, () => ({ id: 'x', after: 0 })],
    ['a subscription with a variable that is wrong', FOLLOW, (id) => ({ id, after: 'x' })],
    ['a subscription with a variable that is missing', FOLLOW, () => ({})],
    ['a subscription that is not valid', 'subscription { messageReceived { nope } }', () => ({})],
    ['a message that was sent before', SEND, (id) => ({ input: { conversationId: id, clientId: 'one', body: 'one' } })],
    ['a message that is refused', SEND, (id) => ({ input: { conversationId: id, clientId: '', body: '' } })],
    ['a message to nobody', SEND, () => ({ input: { conversationId: 'x', clientId: 'x', body: 'x' } })],
    ['a message with a field that there is not', SEND, (id) => ({ input: { conversationId: id, clientId: 'one', body: 'one', more: 1 } })],
    ['a query', '{ conversations(first: 5) { totalCount nodes { id state lastSeq } } }', () => ({})],
    ['a query that fails in part', '{ a: conversation(id: "x") { id } b: __typename }', () => ({})],
    ['a page that is too large', '{ conversations(first: 1000) { totalCount } }', () => ({})],
    ['a text that is no GraphQL', '{ conversations(', () => ({})],
  ] as [string, string, (id: string) => unknown, number?][]).map(([what, query, variables, results = 0]) => [what, query, variables, results]))('%s', async (_, query, variables, results) => {
    for (const [who, token] of [['a member', chat.me.token], ['who may not chat', reader.token], ['nobody', undefined]] as const) {
      const client = await BareClient.enter(house.url, token);
      const told: string[] = [];
      // Twice the way it takes by itself, a query being looked into when it comes again, then the whole way.
      for (const [id, extensions] of [['1', undefined], ['2', {}], ['3', { whole: true }]] as const) {
        client.ask(id, query, variables(chat.id), extensions);
        if (results && who === 'a member') {
          await client.hear(() => client.heard.filter((message) => message.id === id).length === results);
          client.say({ type: 'complete', id });
          told.push(withoutIds(client.heard.filter((message) => message.id === id).map((message) => ({ ...message, id: '' }))));
        } else told.push(withoutIds((await client.whole(id)).map((message) => ({ ...message, id: '' }))));
      }
      expect({ who, told: told[0] }).toEqual({ who, told: told[2] });
      expect({ who, told: told[1] }).toEqual({ who, told: told[2] });
      expect(told[0]).not.toContain('"http"');
      client.socket.terminate();
    }
    expect(await chat.me.get('query ($id: ID!) { conversation(id: $id) { lastSeq } }', { id: chat.id })).toEqual({ conversation: { lastSeq: 2 } });
  });
});

/** A session of its own for the firm's owner, and a token of it that ends so many seconds from now. */
async function shortToken(firm: FirmVisitor, seconds: number): Promise<string> {
  const keys = JSON.parse(await readFile(join(house.dataDir, 'keys', 'session.private.json'), 'utf8')) as { keys: { kid: string; alg: string }[] };
  const key = keys.keys[0]!;
  const { exp: _exp, iat: _iat, ...claims } = decodeJwt(firm.token!);
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'at+jwt' }).setIssuedAt(now).setExpirationTime(now + seconds).sign(await importJWK(key, 'EdDSA'));
}

describe('a connection ends within five seconds of', () => {
  /** How it ended: the last things that were said about each operation, the code, and whether it was in time. */
  async function endOf(client: BareClient, since: () => number): Promise<unknown> {
    const { code } = await client.closed;
    const inTime = Date.now() - since() < 5000;
    return { code, inTime, heard: client.heard.filter(({ id, type }) => id !== undefined || type === 'error').map(({ id, type, payload }) => [id, type, (payload as { errors: { extensions: { code: string } }[] } | undefined)?.errors[0]!.extensions.code]) };
  }
  const told = (code: string): unknown[] => [['a', 'next', code], ['a', 'complete', undefined], ['b', 'next', code], ['b', 'complete', undefined]];

  test('the end of its token', async () => {
    const token = await shortToken(acme, 3);
    const { exp } = decodeJwt(token);
    const client = await BareClient.enter(house.url, token);
    const idle = await BareClient.enter(house.url, token);
    client.ask('a', INBOX);
    client.ask('b', 'subscription { inboxChanged { id customer { id name } } }');
    expect(await endOf(client, () => exp! * 1000)).toEqual({ code: 4401, inTime: true, heard: told('UNAUTHENTICATED') });
    expect(Date.now()).toBeGreaterThanOrEqual(exp! * 1000);
    expect(await endOf(idle, () => exp! * 1000)).toEqual({ code: 4401, inTime: true, heard: [] });
  });

  test('the revocation of its session', async () => {
    const leaver = await house.firm();
    const client = await BareClient.enter(house.url, leaver.token);
    client.ask('a', INBOX);
    client.ask('b', INBOX);
    client.ask('c', '{ viewer { role } }');
    await client.whole('c');
    client.heard.length = 0;
    await house.nobody.get('mutation ($input: SessionRevokeInput!) { sessionRevoke(input: $input) { userErrors { code } } }', { input: { refreshToken: leaver.refreshToken } });
    const revoked = Date.now();
    expect(await endOf(client, () => revoked)).toEqual({ code: 4401, inTime: true, heard: told('UNAUTHENTICATED') });
    // Who comes back with it is refused, and told why.
    const again = await BareClient.enter(house.url, leaver.token);
    again.ask('1', '{ viewer { role } }');
    expect(await again.whole('1')).toEqual([{ id: '1', type: 'error', payload: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } }] }]);
    expect((await again.closed).code).toBe(4401);
  });

  test('another role; who comes back has it', async () => {
    const firm = await house.firm();
    const client = await BareClient.enter(house.url, firm.token);
    client.ask('a', INBOX);
    client.ask('b', INBOX);
    const owner = await house.asOwner();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await owner.query(`update identity.person set role = 'SALES' where firm_id = $1`, [firm.firmId]);
    const changed = Date.now();
    expect(await endOf(client, () => changed)).toEqual({ code: 4403, inTime: true, heard: told('FORBIDDEN') });
    const again = await BareClient.enter(house.url, firm.token);
    again.ask('1', '{ viewer { role } }');
    again.ask('2', INBOX);
    expect(await again.whole('1')).toMatchObject([{ payload: { data: { viewer: { role: 'SALES' } } } }, {}]);
    expect(await again.whole('2')).toMatchObject([{ type: 'error', payload: [{ extensions: { code: 'FORBIDDEN' } }] }]);
    again.socket.terminate();
  });
});

/** How long a second is where it would be waited for: the tests below have their own. In milliseconds. */
const SECOND = 50;

type Execute = ConstructorParameters<typeof Sockets>[0];

/** WebSockets alone, with a faster second and with operations of the test. */
async function serve(execute: Execute, second = SECOND): Promise<{ url: string; sockets: Sockets; tcp: Socket[] } & AsyncDisposable> {
  const sockets = new Sockets(execute, { authenticate: async () => undefined }, openLog('silent'), second);
  const tcp: Socket[] = [];
  const server = createServer().on('upgrade', (incoming, socket, head) => {
    tcp.push(socket as Socket);
    sockets.open(incoming, socket as Socket, head, 'http://localhost');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, tcp,
    async [Symbol.asyncDispose]() {
      await sockets.stop(100);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An endless stream of numbered results; tells how many were asked for and whether it was let go. */
function endless(size: number): { results: AsyncIterableIterator<ExecutionResult>; pulled: () => number; isOver: () => boolean } {
  let [pulled, over] = [0, false];
  return {
    pulled: () => pulled,
    isOver: () => over,
    results: {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        if (over) return { done: true, value: undefined };
        pulled += 1;
        return { done: false, value: { data: { seq: pulled, body: 'x'.repeat(size) } } };
      },
      async return() {
        over = true;
        return { done: true, value: undefined };
      },
    },
  };
}

const never = (): Promise<never> => new Promise(() => undefined);
const rest = (seconds: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, seconds * SECOND));

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + 15_000; !holds(); await rest(0.1)) if (Date.now() > deadline) throw new Error(what);
}

test('every ten seconds a client is asked for a sign of life; who gives one stays, who gives none is dead after two', async () => {
  await using served = await serve(never);
  const [alive, dead] = [await BareClient.enter(served.url), await BareClient.enter(served.url)];
  const lived = setInterval(() => alive.heard.length > 0 && alive.say({ type: 'pong' }), SECOND);
  try {
    expect((await dead.closed).code).toBe(1006);
    expect(dead.heard.map(({ type }) => type)).toEqual(['connection_ack', 'ping', 'ping']);
    await rest(15);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
    expect(alive.heard.filter(({ type }) => type === 'ping').length).toBeGreaterThanOrEqual(3);
  } finally {
    clearInterval(lived);
  }
});

test('a client that does not read is waited for, costs no more than a bound, is closed with 1013, and misses nothing until then', async () => {
  const stream = endless(4000);
  await using served = await serve(async () => stream.results);
  const client = await BareClient.enter(served.url);
  client.socket.pause();
  client.ask('1', INBOX);
  let most = 0;
  await until(() => {
    most = Math.max(most, served.tcp[0]!.writableLength);
    return stream.isOver();
  }, 'the stream was not let go');
  expect(most).toBeLessThan(300 * 1024);
  client.socket.resume();
  expect((await client.closed).code).toBe(1013);
  const seqs = client.heard.filter(({ type }) => type === 'next').map(({ payload }) => (payload as { data: { seq: number } }).data.seq);
  expect(seqs).toEqual(Array.from({ length: stream.pulled() }, (_, index) => index + 1));
});

/** A client with so many endless streams, which begin all at once when they are let; no timer of this server's is waited for. */
async function serveMany(count: number, size: number): Promise<{ streams: readonly ReturnType<typeof endless>[]; begin: () => void; client: BareClient; tcp: Socket } & AsyncDisposable> {
  const streams = Array.from({ length: count }, () => endless(size));
  const begun = Promise.withResolvers<void>();
  let asked = 0;
  const served = await serve(async (params) => {
    asked += 1;
    await begun.promise;
    return streams[Number(params.operationName)]!.results;
  }, 1000);
  const client = await BareClient.enter(served.url);
  for (const index of streams.keys()) client.say({ type: 'subscribe', id: `${index}`, payload: { query: INBOX, operationName: `${index}` } });
  await until(() => asked === count, 'not all were asked for');
  return { streams, begin: begun.resolve, client, tcp: served.tcp[0]!, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

test('a client that does not read and follows much is closed with 1013 at once when a megabyte waits for it; more never does', async () => {
  await using many = await serveMany(100, 32 * 1024);
  const { streams, client, tcp } = many;
  client.socket.pause();
  const from = Date.now();
  many.begin();
  let most = 0;
  await until(() => {
    most = Math.max(most, tcp.writableLength);
    return streams.every(({ isOver }) => isOver());
  }, 'the streams were not let go');
  // The goodbye comes on top of it.
  expect({ most, isBounded: most <= 2 ** 20 + 100 }).toEqual({ most, isBounded: true });
  client.socket.resume();
  expect((await client.closed).code).toBe(1013);
  expect(Date.now() - from).toBeLessThan(4500);
  // What it was told before has no gap: it goes on from there.
  for (const index of streams.keys()) {
    const seqs = client.heard.filter(({ type, id }) => type === 'next' && id === `${index}`).map(({ payload }) => (payload as { data: { seq: number } }).data.seq);
    expect(seqs).toEqual(seqs.map((_, place) => place + 1));
  }
});

test('a client that reads is not closed when all that it follows goes on at once', async () => {
  await using many = await serveMany(100, 4000);
  many.begin();
  await until(() => many.streams.every(({ pulled }) => pulled() > 20), 'it did not go on');
  expect(many.client.socket.readyState).toBe(WebSocket.OPEN);
  many.client.socket.terminate();
});

test('an operation beyond a hundred at once is refused, and the others go on', async () => {
  const answers = Promise.withResolvers<ExecutionResult>();
  await using served = await serve(() => answers.promise);
  const client = await BareClient.enter(served.url);
  for (let index = 0; index <= 100; index += 1) client.ask(`${index}`, '{ a }');
  expect(await client.whole('100')).toMatchObject([{ type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] }]);
  answers.resolve({ data: { a: 1 } });
  for (let index = 0; index < 100; index += 1) expect((await client.whole(`${index}`)).map(({ type }) => type)).toEqual(['next', 'complete']);
  client.socket.terminate();
});

test('one answer of more than a megabyte comes whole', async () => {
  await using served = await serve(async () => ({ data: { page: 'x'.repeat(3 * 2 ** 20) } }));
  const client = await BareClient.enter(served.url);
  client.ask('1', '{ page }');
  expect((await client.whole('1')).map(({ type }) => type)).toEqual(['next', 'complete']);
  client.socket.terminate();
});

test('a client that reads again in time goes on where it was', async () => {
  const stream = endless(4000);
  await using served = await serve(async () => stream.results);
  const client = await BareClient.enter(served.url);
  client.socket.pause();
  client.ask('1', INBOX);
  let before = -1;
  await until(() => before === (before = stream.pulled()) && before > 60, 'it never came to rest');
  client.socket.resume();
  await until(() => stream.pulled() > before + 1000, 'it did not go on');
  client.say({ type: 'complete', id: '1' });
  await until(stream.isOver, 'the stream was not let go');
  const seqs = client.heard.filter(({ type }) => type === 'next').map(({ payload }) => (payload as { data: { seq: number } }).data.seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  client.socket.terminate();
});

test('a client that is gone without a word has its operations ended with it', async () => {
  const stream = endless(10);
  const { results } = stream;
  await using served = await serve(async () => ({ ...results, next: never, [Symbol.asyncIterator]() { return this; } }) as typeof results);
  const client = await BareClient.enter(served.url);
  client.ask('1', INBOX);
  await rest(1);
  client.socket.terminate();
  await until(stream.isOver, 'the stream was not let go');
});

test('a server that stops lets a mutation end, and says 1001 to everybody', async () => {
  const work = Promise.withResolvers<ExecutionResult>();
  await using served = await serve((params) => (params.query.startsWith('mutation') ? work.promise : never()));
  const [writer, watcher, idle] = [await BareClient.enter(served.url), await BareClient.enter(served.url), await BareClient.enter(served.url)];
  writer.ask('1', 'mutation { a }');
  await rest(1);
  const stopped = served.sockets.stop(5000);
  expect((await idle.closed).code).toBe(1001);
  expect((await watcher.closed).code).toBe(1001);
  expect(writer.socket.readyState).toBe(WebSocket.OPEN);
  work.resolve({ data: { a: 1 } });
  expect((await writer.closed).code).toBe(1001);
  expect(writer.heard.slice(1)).toEqual([{ id: '1', type: 'next', payload: { data: { a: 1 } } }, { id: '1', type: 'complete' }]);
  await stopped;
});

test('a server that stops does not wait for ever', async () => {
  await using served = await serve(never);
  const client = await BareClient.enter(served.url);
  client.ask('1', 'mutation { a }');
  await rest(1);
  const from = Date.now();
  await served.sockets.stop(600);
  expect((await client.closed).code).toBe(1001);
  const took = Date.now() - from;
  expect({ took, waited: took >= 80, ended: took < 3000 }).toEqual({ took, waited: true, ended: true });
});

test('what fails without a word of its own is told as INTERNAL', async () => {
  await using served = await serve(() => Promise.reject(new Error('secret')));
  const client = await BareClient.enter(served.url);
  client.ask('1', '{ a }');
  expect(await client.whole('1')).toEqual([{ id: '1', type: 'error', payload: [{ message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL', requestId: expect.any(String) } }] }]);
  client.socket.terminate();
});

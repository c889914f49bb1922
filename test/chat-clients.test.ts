import { ApolloClient, gql, HttpLink, InMemoryCache, ApolloLink, type Unmasked } from '@apollo/client/core';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition } from '@apollo/client/utilities';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient as createSseClient, type Client as SseClient, type ClientOptions as SseOptions } from 'graphql-sse';
import { createClient, type Client, type ClientOptions } from 'graphql-ws';
import type { Client as PgClient } from 'pg';
import { WebSocket } from 'ws';
import { openConversation, sendMessage, type Side } from './conversation.js';
import { PASSWORD, startHouse, type TestHouse } from './house.js';
import { TcpProxy } from './tcp-proxy.js';

let house: TestHouse;
let proxy: TcpProxy;
let owner: PgClient;
beforeAll(async () => {
  house = await startHouse();
  proxy = await TcpProxy.start(house.url);
  owner = await house.asOwner();
});
afterAll(async () => {
  await proxy.stop();
  await house[Symbol.asyncDispose]();
});

const MESSAGES = 'subscription ($id: ID!, $after: Int) { messageReceived(conversationId: $id, after: $after) { seq body } }';
const INBOX = 'subscription { inboxChanged { id lastSeq } }';

interface Told {
  readonly seq: number;
  readonly body: string;
}
interface Data {
  readonly messageReceived: Told;
}

const talk = async (): Promise<readonly [Side, Side]> => openConversation(owner, [await house.firm(), await house.firm()]);
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await holds()); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > end) throw new Error('it does not come');
  }
}
const close = ({ firm, conversationId }: Side): Promise<unknown> => firm.get('mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { conversation { state } } }', { id: conversationId });

/** Another session of the same owner, and how to end it. */
async function signIn(side: Side): Promise<{ readonly token: string; readonly revoke: () => Promise<unknown> }> {
  const { sessionCreate } = await house.nobody.get<{ sessionCreate: { session: { accessToken: string; refreshToken: string } } }>('mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { session { accessToken refreshToken } userErrors { code } } }', { input: { email: side.firm.email, password: PASSWORD } });
  const { accessToken, refreshToken } = sessionCreate.session;
  return { token: accessToken, revoke: () => house.nobody.get('mutation ($input: SessionRevokeInput!) { sessionRevoke(input: $input) { userErrors { code } } }', { input: { refreshToken } }) };
}

/** What a stock client says to the program that uses it. */
interface Heard {
  readonly told: Told[];
  readonly errors: string[];
  end: 'complete' | { readonly failed: unknown } | undefined;
}

const codesOf = (errors: readonly { readonly extensions?: Record<string, unknown> | undefined }[] = []): string[] => errors.map(({ extensions }) => String(extensions?.['code']));

function hear(client: Pick<Client, 'subscribe'> | Pick<SseClient, 'subscribe'>, query: string, variables: Record<string, unknown>): Heard {
  const heard: Heard = { told: [], errors: [], end: undefined };
  (client as Client).subscribe<Data>({ query, variables }, {
    next({ data, errors }) {
      if (data) heard.told.push(data.messageReceived);
      heard.errors.push(...codesOf(errors));
    },
    error(failed) {
      heard.end = { failed };
    },
    complete() {
      heard.end = 'complete';
    },
  });
  return heard;
}

const seqs = ({ told }: Heard): number[] => told.map(({ seq }) => seq);

describe('graphql-ws', () => {
  function client(token: string | undefined, options: Partial<ClientOptions> = {}): Client {
    return createClient({ url: `${proxy.urlOf().replace('http', 'ws')}/graphql`, connectionParams: { authorization: `Bearer ${token}` }, retryWait: async () => undefined, ...options });
  }

  test('with its own retries is told again what it had, from the first `after`; who drops what is not new has each message once', async () => {
    const [mine, theirs] = await talk();
    const reader = client(theirs.firm.token, { retryAttempts: Number.POSITIVE_INFINITY, shouldRetry: () => true });
    const heard = hear(reader, MESSAGES, { id: theirs.conversationId, after: 0 });
    for (const body of ['1', '2', '3']) await sendMessage(mine, body);
    await until(() => heard.told.length === 3);
    proxy.cut();
    await sendMessage(mine, '4');
    await until(() => heard.told.at(-1)?.seq === 4);
    expect(seqs(heard)).toEqual([1, 2, 3, 1, 2, 3, 4]);
    let last = 0;
    expect(seqs(heard).filter((seq) => seq > last && (last = seq) > 0)).toEqual([1, 2, 3, 4]);
    await close(mine);
    await until(() => heard.end !== undefined);
    expect(heard).toMatchObject({ errors: [], end: 'complete' });
    await reader.dispose();
  });

  test.each(['reset', 'end'] as const)('as it comes, a connection that breaks by %s is the end of it', async (how) => {
    const [mine, theirs] = await talk();
    const reader = client(theirs.firm.token);
    const heard = hear(reader, MESSAGES, { id: theirs.conversationId, after: 0 });
    await sendMessage(mine, '1');
    await until(() => heard.told.length === 1);
    proxy.cut(how);
    await until(() => heard.end !== undefined);
    expect(heard.end).toHaveProperty('failed');
  });

  test('without `after` and with its own retries it misses what was sent while it was away', async () => {
    const [mine, theirs] = await talk();
    const returned = Promise.withResolvers<void>();
    const reader = client(theirs.firm.token, { retryAttempts: 5, shouldRetry: () => true, retryWait: () => returned.promise });
    const heard = hear(reader, MESSAGES, { id: theirs.conversationId });
    await until(async () => (await sendMessage(mine, 'hello'), heard.told.length > 0));
    proxy.cut();
    const missed = await sendMessage(mine, 'missed');
    returned.resolve();
    await until(async () => (await sendMessage(mine, 'again'), heard.told.at(-1)!.seq > missed.seq));
    expect(seqs(heard)).not.toContain(missed.seq);
    await reader.dispose();
  });

  test('that stops reading is closed with 1013 at once, and resumes behind what it was told', async () => {
    const [mine, theirs] = await talk();
    const bodies = Array.from({ length: 8 }, (_, index) => `${index}`.padEnd(4000, '\u{1F697}').slice(0, 4000).toWellFormed());
    for (const body of bodies) await sendMessage(mine, body);
    // Each result has a text of 8 KB sixteen times: what the system keeps for a connection is soon full.
    const large = `subscription ($id: ID!, $after: Int) { messageReceived(conversationId: $id, after: $after) { seq body ${Array.from({ length: 16 }, (_, index) => `_${index}: body`).join(' ')} } }`;
    let reading = false;
    let code: number | undefined;
    const socket = Promise.withResolvers<WebSocket>();
    const reader = client(theirs.firm.token, {
      url: `${house.url.replace('http', 'ws')}/graphql`, retryAttempts: 0, webSocketImpl: WebSocket,
      on: {
        connected(opened) {
          if (!reading) (opened as WebSocket).pause();
          socket.resolve(opened as WebSocket);
        },
        closed: (event) => (code ??= (event as { code: number }).code),
      },
    });
    const told = Array.from({ length: 12 }, () => hear(reader, large, { id: theirs.conversationId, after: 0 }));
    const stopped = await socket.promise;
    // Less than it takes until one is closed for taking nothing: who were not closed by now would go on.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    reading = true;
    stopped.resume();
    await until(() => told.every(({ end }) => end !== undefined));
    expect(code).toBe(1013);
    // One after the other: so many such results at once are more than may wait even for who reads.
    for (const { told: before } of told) {
      const rest = hear(reader, MESSAGES, { id: theirs.conversationId, after: before.at(-1)?.seq ?? 0 });
      await until(() => before.length + rest.told.length >= bodies.length);
      expect([...before, ...rest.told].map(({ seq, body }) => ({ seq, body }))).toEqual(bodies.map((body, place) => ({ seq: place + 1, body })));
    }
    await reader.dispose();
  });

  test('a refusal is an error with its code, and the connection goes on', async () => {
    const [, theirs] = await talk();
    const reader = client(theirs.firm.token);
    const heard = hear(reader, MESSAGES, { id: 'nothing', after: 0 });
    await until(() => heard.end !== undefined);
    expect(heard).toEqual({ told: [], errors: [], end: { failed: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'NOT_FOUND' }) })] } });
    expect((await reader.iterate({ query: '{ viewer { role } }' }).next()).value).toEqual({ data: { viewer: { role: 'OWNER' } } });
    await reader.dispose();
  });

  test('a revoked session is told to each subscription and then closes the connection with 4401, from which it does not come back', async () => {
    const [, theirs] = await talk();
    const { token, revoke } = await signIn(theirs);
    const closes: number[] = [];
    const reader = client(token, { retryAttempts: 5, on: { closed: (event) => void closes.push((event as { code: number }).code) } });
    const heard = [hear(reader, MESSAGES, { id: theirs.conversationId, after: 0 }), hear(reader, INBOX, {})];
    await until(() => proxy.open > 0);
    await reader.iterate({ query: '{ viewer { role } }' }).next();
    const from = Date.now();
    await revoke();
    await until(() => closes.length > 0);
    expect(Date.now() - from).toBeLessThan(5000);
    expect(heard.map(({ errors, end }) => ({ errors, end }))).toEqual([{ errors: ['UNAUTHENTICATED'], end: 'complete' }, { errors: ['UNAUTHENTICATED'], end: 'complete' }]);
    expect(closes).toEqual([4401]);
  });

  test('inboxChanged tells of a message of the other side', async () => {
    const [mine, theirs] = await talk();
    const reader = client(theirs.firm.token);
    const changes = reader.iterate<{ inboxChanged: { id: string } }>({ query: INBOX });
    const change = changes.next();
    const telling = setInterval(() => void sendMessage(mine, 'hello'), 100);
    expect((await change).value).toMatchObject({ data: { inboxChanged: { id: theirs.conversationId } } });
    clearInterval(telling);
    await reader.dispose();
  });
});

describe('graphql-sse', () => {
  function client(token: string | undefined, options: Partial<SseOptions> = {}): SseClient {
    return createSseClient({ url: `${proxy.urlOf()}/graphql`, headers: { authorization: `Bearer ${token}` }, retry: async () => undefined, ...options });
  }

  test('follows a conversation until it is closed; with its own retries it is told again what it had', async () => {
    const [mine, theirs] = await talk();
    const reader = client(theirs.firm.token, { retryAttempts: Number.POSITIVE_INFINITY });
    const heard = hear(reader, MESSAGES, { id: theirs.conversationId, after: 0 });
    for (const body of ['1', '2']) await sendMessage(mine, body);
    await until(() => heard.told.length === 2);
    proxy.cut();
    await sendMessage(mine, '3');
    await until(() => heard.told.at(-1)?.seq === 3);
    expect(seqs(heard)).toEqual([1, 2, 1, 2, 3]);
    await close(mine);
    await until(() => heard.end !== undefined);
    expect(heard).toMatchObject({ errors: [], end: 'complete' });
    reader.dispose();
  });

  test('a refusal and a revoked session are results with their code, and then complete', async () => {
    const [, theirs] = await talk();
    const { token, revoke } = await signIn(theirs);
    const reader = client(token);
    const refused = hear(reader, MESSAGES, { id: 'nothing', after: 0 });
    await until(() => refused.end !== undefined);
    expect(refused).toEqual({ told: [], errors: ['NOT_FOUND'], end: 'complete' });
    const heard = hear(reader, MESSAGES, { id: theirs.conversationId, after: 0 });
    await sendMessage(theirs, 'hello');
    await until(() => heard.told.length === 1);
    const from = Date.now();
    await revoke();
    await until(() => heard.end !== undefined);
    expect(Date.now() - from).toBeLessThan(5000);
    expect(heard).toMatchObject({ errors: ['UNAUTHENTICATED'], end: 'complete' });
    reader.dispose();
  });

  test('inboxChanged tells of a message of the other side', async () => {
    const [mine, theirs] = await talk();
    const reader = client(theirs.firm.token);
    const changes = reader.iterate<{ inboxChanged: { id: string } }>({ query: INBOX });
    const change = changes.next();
    const telling = setInterval(() => void sendMessage(mine, 'hello'), 100);
    expect((await change).value).toMatchObject({ data: { inboxChanged: { id: theirs.conversationId } } });
    clearInterval(telling);
    reader.dispose();
  });
});

describe('Apollo Client', () => {
  function client(token: string | undefined): ApolloClient {
    const url = `${proxy.urlOf()}/graphql`;
    const webSocket = new GraphQLWsLink(createClient({ url: url.replace('http', 'ws'), connectionParams: { authorization: `Bearer ${token}` }, retryWait: async () => undefined }));
    const http = new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}` } });
    const isSubscription = ({ query }: ApolloLink.Operation): boolean => {
      const definition = getMainDefinition(query);
      return definition.kind === 'OperationDefinition' && definition.operation === 'subscription';
    };
    return new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.split(isSubscription, webSocket, http) });
  }

  interface Seen {
    readonly data: unknown[];
    readonly errors: unknown[];
    complete: boolean;
  }

  function see(reader: ApolloClient, query: string, variables: Record<string, unknown>): Seen {
    const seen: Seen = { data: [], errors: [], complete: false };
    reader.subscribe<Data>({ query: gql(query), variables }).subscribe({
      next({ data, error }: { data?: Unmasked<Data> | undefined; error?: unknown }) {
        if (data) seen.data.push(data);
        if (error !== undefined) seen.errors.push(error);
      },
      complete() {
        seen.complete = true;
      },
    });
    return seen;
  }

  test('asks and sends over HTTP, follows over a WebSocket, and hears of the end', async () => {
    const [mine, theirs] = await talk();
    const [writer, reader] = [client(mine.firm.token), client(theirs.firm.token)];
    const seen = see(reader, MESSAGES, { id: theirs.conversationId, after: 0 });
    const send = gql('mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { id seq body } userErrors { code } } }');
    const input = { conversationId: mine.conversationId, clientId: 'note 1', body: 'Bonjour' };
    for (const _ of ['once', 'again']) expect((await writer.mutate<{ messageSend: { message: Told } }>({ mutation: send, variables: { input } })).data?.messageSend.message).toMatchObject({ seq: 1, body: 'Bonjour' });
    await until(() => seen.data.length === 1);
    expect(seen.data).toEqual([{ messageReceived: { __typename: 'Message', seq: 1, body: 'Bonjour' } }]);
    const state = gql('query ($id: ID!) { conversation(id: $id) { id lastSeq unreadCount } }');
    expect((await reader.query({ query: state, variables: { id: theirs.conversationId } })).data).toEqual({ conversation: { __typename: 'Conversation', id: theirs.conversationId, lastSeq: 1, unreadCount: 1 } });
    await close(mine);
    await until(() => seen.complete);
    expect(seen.errors).toEqual([]);
    writer.stop();
    reader.stop();
  });

  test('inboxChanged keeps its cache fresh by itself', async () => {
    const [mine, theirs] = await talk();
    const reader = client(theirs.firm.token);
    const state = gql('query ($id: ID!) { conversation(id: $id) { id lastSeq } }');
    const watched: unknown[] = [];
    reader.watchQuery<{ conversation: { lastSeq: number } }>({ query: state, variables: { id: theirs.conversationId } }).subscribe(({ data }) => void watched.push((data as { conversation?: { lastSeq?: number } } | undefined)?.conversation?.lastSeq));
    see(reader, INBOX, {});
    await until(async () => (await sendMessage(mine, 'hello'), watched.some((lastSeq) => Number(lastSeq) > 0)));
    reader.stop();
  });

  test('a refusal and a revoked session are errors with their code', async () => {
    const [, theirs] = await talk();
    const { token, revoke } = await signIn(theirs);
    const reader = client(token);
    const refused = see(reader, MESSAGES, { id: 'nothing', after: 0 });
    await until(() => refused.complete);
    const codes = (seen: Seen): string[] => seen.errors.flatMap((error) => (CombinedGraphQLErrors.is(error) ? codesOf(error.errors) : [String(error)]));
    expect(codes(refused)).toEqual(['NOT_FOUND']);
    const seen = see(reader, MESSAGES, { id: theirs.conversationId, after: 0 });
    await sendMessage(theirs, 'hello');
    await until(() => seen.data.length === 1);
    await revoke();
    await until(() => seen.complete);
    expect(codes(seen)).toEqual(['UNAUTHENTICATED']);
    reader.stop();
  });
});

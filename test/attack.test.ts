import { on, once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { startHouse, type Answer, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
let acme: FirmVisitor;
beforeAll(async () => {
  house = await startHouse();
  acme = await house.firm('Acme');
});
afterAll(() => house[Symbol.asyncDispose]());

test('many operations of several mutations each at once do not wait for one another in a circle', async () => {
  const upsert = (place: number): string => `c${place}: customerUpsert(input: { reference: "R-${place}", name: "Garage" }) { customer { id name invoices { totalCount } } userErrors { code } }`;
  const document = `mutation { ${[1, 2, 3].map(upsert).join(' ')} }`;
  const answers = await Promise.all(Array.from({ length: 40 }, () => acme.ask(document)));
  expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
  expect((await acme.get<{ customers: { totalCount: number } }>('{ customers { totalCount } }')).customers.totalCount).toBe(3);
}, 30_000);

const codesOf = (answer: Answer<unknown>): string[] => (answer.errors ?? []).map(({ extensions }) => extensions.code);

describe('what only the gateway may ask a room', () => {
  test.each([
    ['by its name', '{ askerOf(sessionId: "x") { firmId } }'],
    ['by an alias', '{ viewer: askerOf(sessionId: "x") { firmId } }'],
    ['through a fragment', '{ ...F } fragment F on Query { askerOf(sessionId: "x") { firmId } }'],
    ['through an inline fragment', '{ ... on Query { askerOf(apiKeyHash: "x") { __typename } } }'],
    ['as entities', '{ _entities(representations: [{ __typename: "Firm", id: "x" }]) { ... on Firm { name } } }'],
    ['as a service', '{ _service { sdl } }'],
    ['as a subscription', 'subscription { askerOf(sessionId: "x") { firmId } }'],
  ])('does not exist for a client, %s', async (_, query) => {
    for (const client of [acme, house.nobody]) expect(new Set(codesOf(await client.ask(query)))).toEqual(new Set(['BAD_USER_INPUT']));
  });

  test.each(['Asker', '_Any', '_Entity', '_Service', 'join__Graph'])('has no type %s for a client', async (name) => {
    expect(await acme.get('query ($name: String!) { __type(name: $name) { name } }', { name })).toEqual({ __type: null });
  });
});

/** What the server answers to these bytes; nothing when it closes without a word. */
async function sayRaw(text: string): Promise<string> {
  const { hostname, port } = new URL(house.url);
  const socket = connect(Number(port), hostname);
  let heard = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
  socket.end(text);
  await once(socket, 'close');
  return heard;
}

test.each(['a b', '[', ':::', 'x@y', '', '%', 'a:99999999', '/', '#', 'a, b'])('a request for the host %j is refused with a code, and the house lives on', async (host) => {
  const body = '{"query":"{ viewer { role } }"}';
  const answers = await Promise.all([
    sayRaw(`POST /graphql HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    sayRaw(`PUT /uploads/x HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`),
    sayRaw(`GET //${host}/graphql HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
  ]);
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*(\r\n\r\n$|"code":"BAD_USER_INPUT")/);
  expect(answers.join()).not.toMatch(/node_modules/);
  expect(await house.nobody.get('{ viewer { role } }')).toEqual({ viewer: null });
});

/** A raw socket that has been let in. */
async function open(payload: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(`${house.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await once(socket, 'message');
  return socket;
}

test.each([['a line feed', 'Bearer a\nb'], ['what no header can hold', 'Bearer é€😀'], ['a NUL', '\u0000'], ['a long text', 'x'.repeat(50_000)]])('a token with %s over a WebSocket is refused with a code', async (_, authorization) => {
  const socket = await open({ authorization });
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ viewer { role } }' } }));
  const heard = await Promise.race([once(socket, 'message').then(([data]) => String(data)), once(socket, 'close').then(([code, reason]) => `closed ${String(code)} ${String(reason)}`)]);
  socket.terminate();
  expect(heard).toContain('"code":"UNAUTHENTICATED"');
});

/** What a raw socket hears about an operation: its first message of that id. */
async function hear(socket: WebSocket, id: string): Promise<{ type: string; payload?: unknown }> {
  for await (const [data] of on(socket, 'message', { signal: AbortSignal.timeout(10_000) })) {
    const message = JSON.parse(String(data)) as { id: string; type: string; payload?: unknown };
    if (message.id === id) return message;
  }
  throw new Error('the socket closed');
}

test('one WebSocket has a hundred operations at once, and another when one of them ends', async () => {
  const socket = await open({ authorization: `Bearer ${acme.token}` });
  const ask = (id: string, query: string): void => socket.send(JSON.stringify({ type: 'subscribe', id, payload: { query } }));
  for (let id = 0; id < 100; id += 1) ask(`s${id}`, 'subscription { inboxChanged { id } }');
  ask('late', '{ viewer { role } }');
  expect(await hear(socket, 'late')).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED', requestId: expect.any(String) } }] });
  socket.send(JSON.stringify({ type: 'complete', id: 's7' }));
  ask('later', '{ viewer { role } }');
  expect(await hear(socket, 'later')).toMatchObject({ type: 'next', payload: { data: { viewer: { role: 'OWNER' } } } });
  socket.terminate();
}, 15_000);

test('a client that asks over a WebSocket and reads nothing is cut off before it fills the memory', async () => {
  const socket = await open();
  const closed = once(socket, 'close');
  socket.on('error', () => undefined);
  // The schema in words: some hundred kilobytes an answer.
  const query = '{ __schema { types { name description fields { name description args { name description } } } } }';
  let answers = 0;
  socket.on('message', (data: Buffer) => {
    answers += data.includes('"type":"next"') ? 1 : 0;
  });
  socket.pause();
  for (let id = 0; id < 2000; id += 1) socket.send(JSON.stringify({ type: 'subscribe', id: String(id), payload: { query } }));
  // Until the server has cut it off: what is written then fails.
  while (await new Promise((resolve) => socket.ping('', true, (error) => setTimeout(resolve, 20, error == null)))) continue;
  socket.resume();
  await closed;
  expect(answers).toBeLessThanOrEqual(101);
}, 30_000);

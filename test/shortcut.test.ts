import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Authenticator } from '../gateway/authenticate.js';
import { createGateway, type Gateway } from '../gateway/gateway.js';
import type { Reaches } from '../gateway/ask-room.js';
import { join } from 'node:path';
import { readKeySet } from '../src/keys.js';
import { AssertionSigner } from '../src/server/assertion.js';
import { openLog } from '../src/log.js';
import { readSettings } from '../src/settings.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
let acme: FirmVisitor;
let rival: FirmVisitor;
let alone: Server;

/** What the shortcut does not answer: no status of the API. */
const UNTAKEN = 599;

beforeAll(async () => {
  house = await startHouse();
  acme = await house.firm('Acme');
  rival = await house.firm('Rival');
  await acme.get(`mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { userErrors { code message path } } }`, { input: { reference: 'C1', name: 'Maison "Été"\u2028', country: 'FR' } });
  alone = (await serveShortcut(here())).server;
});
afterAll(async () => {
  alone.close();
  await house[Symbol.asyncDispose]();
});

const here = (): Reaches => Object.fromEntries(Object.entries(house.running.rooms).map(([name, running]) => [name, { kind: 'here', running }])) as unknown as Reaches;

/** The shortcut without the whole way behind it, and that way beside it. */
async function serveShortcut(reaches: Reaches): Promise<{ server: Server; runtime: Gateway['runtime'] }> {
  const { keys } = house.running.rooms.identity.room.keys.sessionKeys;
  // The private half stays where it is: what verifies is x alone.
  const verifying = { keys: keys.map(({ kid, kty, crv, x, alg }) => ({ kid, kty, crv, x, alg })) } as typeof house.running.rooms.identity.room.keys.sessionKeys;
  const authenticator = new Authenticator(verifying, reaches.identity);
  const { shortcut, runtime } = await createGateway(readSettings({}), reaches, authenticator, openLog('silent'));
  const server = createServer((incoming, response) => {
    const refuse = (): unknown => response.writeHead(UNTAKEN).end();
    if (!shortcut.isFor(incoming)) return void refuse();
    void shortcut.answer(incoming, response).then((untaken) => untaken && refuse());
  });
  server.once('close', () => void runtime[Symbol.asyncDispose]?.());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, runtime };
}

interface Asked {
  readonly query: string;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
}

interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

async function post(url: string, body: unknown, token: string | undefined, headers: Record<string, string> = {}): Promise<Answered> {
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { status: response.status, type: response.headers.get('content-type'), text: withoutIds(await response.text()) };
}

/** Request ids are never the same twice. */
const withoutIds = (text: string): string => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}(?="})/g, 'an id');

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** The same operation the whole way: extensions are nothing that the shortcut would take. */
const wholeWay = (asked: Asked, headers?: Record<string, string>): Promise<Answered> => post(house.url, { ...asked, extensions: {} }, acme.token, headers);

/** By the shortcut alone: a document is met once before it is looked into. */
async function byShortcut(asked: unknown, { token = acme.token, headers = {} }: { token?: string; headers?: Record<string, string> } = {}): Promise<Answered> {
  await post(urlOf(alone), asked, token, headers);
  return post(urlOf(alone), asked, token, headers);
}

const DASHBOARD = `query Dashboard($asOf: Date, $bounds: [Int!]) {
  portfolio(asOf: $asOf) { ...Figures currencies customerCount openInvoiceCount }
}
fragment Figures on Portfolio { __typename asOf currency indicators { outstanding { amount currency } overdueRatio agedBalance(bounds: $bounds) { fromDay toDay amount { amount } } dso } }`;

test.each<[string, Asked]>([
  ['a root field', { query: '{ viewer { role scopes } }' }],
  ['aliases, the type name and a field asked twice', { query: '{ __typename me: viewer { __typename kind: role user { id } user { name locale } } viewer { firm { name createdAt registration { scheme value } } } }' }],
  ['variables and fragments', { query: DASHBOARD, variables: { asOf: '2026-03-31', bounds: [10, 20] } }],
  ['the same without them', { query: DASHBOARD }],
  ['variables that are null', { query: DASHBOARD, variables: null, operationName: null }],
  ['one operation of two', { query: 'query A { viewer { role } } query B { viewer { scopes } }', operationName: 'B' }],
  ['what is skipped and included', { query: 'query ($yes: Boolean!) { viewer { role @skip(if: $yes) scopes @include(if: $yes) } }', variables: { yes: true } }],
  ['lists with texts that need escapes', { query: '{ customers(first: 5) { totalCount nodes { id name country terms { days } creditLimit { amount } } pageInfo { hasNextPage endCursor } } }' }],
  ['an object by its id that is none', { query: 'query ($id: ID!) { customer(id: $id) { name } }', variables: { id: 'nothing' } }],
])('%s: the shortcut answers as the whole way does', async (_, asked) => {
  const answered = await byShortcut(asked);
  expect(answered).toEqual(await wholeWay(asked));
  expect({ status: answered.status, errors: answered.text.includes('"errors"') }).toEqual({ status: 200, errors: false });
  // Through the house itself as well, whichever way it took.
  for (let time = 0; time < 3; time += 1) expect(await post(house.url, asked, acme.token)).toEqual(answered);
});

test.each([
  ['*/*'], ['application/json'], ['application/json, multipart/mixed'],
  ['application/graphql-response+json, application/json, text/event-stream, multipart/mixed'], ['application/graphql-response+json,application/json;q=0.9'],
])('with accept %s the shortcut answers in the type of the whole way', async (accept) => {
  const asked = { query: '{ viewer { role } }' };
  const answered = await byShortcut(asked, { headers: { accept } });
  expect(answered.status).toBe(200);
  expect(answered).toEqual(await wholeWay(asked, { accept }));
});

const VIEWER = { query: '{ viewer { role } }' };
test.each<[string, unknown, Record<string, string>?]>([
  ['a mutation', { query: 'mutation { sandboxClockSet(at: "2031-01-01T00:00:00Z") }' }],
  ['introspection', { query: '{ __schema { queryType { name } } }' }],
  ['introspection beside a field', { query: '{ viewer { role } __type(name: "Viewer") { name } }' }],
  ['fields of two rooms', { query: '{ viewer { role } portfolio { currency } }' }],
  ['fields of two rooms on one object', { query: '{ customers(first: 1) { nodes { name peers { alias } } } }' }],
  ['fields of two rooms, one in a fragment', { query: '{ viewer { role } ...F } fragment F on Query { portfolio { currency } }' }],
  ['nothing of any room', { query: '{ __typename }' }],
  ['a document that is not valid', { query: '{ viewer { nope } }' }],
  ['a document that is none', { query: '{ viewer ' }],
  ['a document beyond the limits', { query: `{ ${Array.from({ length: 61 }, (__, index) => `a${index}: viewer { role }`).join(' ')} }` }],
  ['a field that needs a scope the key of another holds', { query: '{ portfolio { currency } }' }, { authorization: 'Bearer not-a-token-of-this-house' }],
  ['a variable that is missing', { query: 'query ($d: Date!) { portfolio(asOf: $d) { currency } }' }],
  ['a variable that is wrong', { query: 'query ($d: Date) { portfolio(asOf: $d) { currency } }', variables: { d: 'x' } }],
  ['a field that refuses', { query: '{ portfolio { currency indicators { dso(days: 0) lateShare } } }' }],
  ['an unknown operation', { query: 'query A { viewer { role } }', operationName: 'B' }],
  ['no name where two operations are', { query: 'query A { viewer { role } } query B { viewer { scopes } }' }],
  ['extensions', { ...VIEWER, extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }],
  ['a batch', [VIEWER]], ['no JSON', '{"query":'], ['null', 'null'], ['a number', '1'], ['an empty object', {}], ['a query that is no text', { query: { a: 1 } }],
  ['variables that are a list', { ...VIEWER, variables: [] }], ['variables that are text', { ...VIEWER, variables: 'x' }],
  ['what looks like a stream', { ...VIEWER, read: 1, on: 2 }],
  ['a page of another site', VIEWER, { origin: 'https://elsewhere.example', accept: 'text/event-stream' }],
  ['streams', VIEWER, { accept: 'text/event-stream' }], ['parts', VIEWER, { accept: 'multipart/mixed' }], ['anything but JSON', VIEWER, { accept: 'text/plain' }],
])('%s: the shortcut is not taken, and the house answers as ever', async (_, asked, headers = {}) => {
  expect((await byShortcut(asked, { headers })).status).toBe(UNTAKEN);
  const answers = [];
  for (let time = 0; time < 3; time += 1) answers.push(await post(house.url, asked, acme.token, { ...headers, ...(headers['accept']?.includes('event-stream') && { accept: 'application/json' }) }));
  expect(answers[0]!.status).toBeGreaterThanOrEqual(200);
  expect(answers[2]).toEqual(answers[0]);
  expect(answers[1]).toEqual(answers[0]);
});

test('the shortcut is not for subscriptions, nor for large requests', async () => {
  expect((await byShortcut({ query: 'subscription { inboxChanged { id } }' })).status).toBe(UNTAKEN);
  expect((await byShortcut({ query: `{ viewer { role } } # ${'x'.repeat(17_000)}` })).status).toBe(UNTAKEN);
});

test('a room that cannot be reached is asked once, and the answer is that of the whole way', async () => {
  const signer = await AssertionSigner.from(await readKeySet(join(process.env['ARDOISE_TEST_DIRECTORY']!, 'keys', 'assertion.private.json')));
  let asked = 0;
  const broken = createServer((incoming) => {
    asked += 1;
    incoming.socket.destroy();
  });
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
  const { server, runtime } = await serveShortcut({ ...here(), portfolios: { kind: 'there', url: urlOf(broken), signer } });
  try {
    for (const query of ['{ portfolio { currency } }', '{ mine: customer(id: "x") { name } }']) {
      await post(urlOf(server), { query }, acme.token);
      asked = 0;
      const answered = await post(urlOf(server), { query }, acme.token);
      expect(asked).toBe(1);
      const whole = await runtime.fetch('http://ardoise/graphql', { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${acme.token}` }, body: JSON.stringify({ query }) });
      expect(answered).toEqual({ status: whole.status, type: whole.headers.get('content-type'), text: withoutIds(await whole.text()) });
      expect(answered.text).toContain('"code":"UNAVAILABLE"');
    }
  } finally {
    broken.close();
    server.close();
  }
});

test('nobody is answered for whom the shortcut was not found: two firms get their own', async () => {
  const asked = { query: '{ viewer { firm { name } } }' };
  expect((await byShortcut(asked)).text).toContain('"Acme"');
  expect((await byShortcut(asked, { token: rival.token! })).text).toContain('"Rival"');
  expect((await post(urlOf(alone), asked, undefined)).status).toBe(UNTAKEN);
});

test('a session that was ended is answered no more, by the shortcut either', async () => {
  const leaver = await house.firm('Leaver');
  const asked = { query: '{ viewer { firm { name } } }' };
  for (let time = 0; time < 3; time += 1) expect((await post(house.url, asked, leaver.token)).text).toContain('Leaver');
  await house.nobody.get('mutation ($input: SessionRevokeInput!) { sessionRevoke(input: $input) { userErrors { code } } }', { input: { refreshToken: leaver.refreshToken } });
  expect((await post(house.url, asked, leaver.token)).text).toContain('UNAUTHENTICATED');
});

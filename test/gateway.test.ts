import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { Authenticator } from '../gateway/authenticate.js';
import { readKeySet } from '../src/keys.js';
import { AssertionSigner } from '../src/server/assertion.js';
import { PASSWORD, startHouse, Visitor, type Answer, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
let acme: FirmVisitor;
beforeAll(async () => {
  house = await startHouse();
  acme = await house.firm('Acme');
});
afterAll(() => house[Symbol.asyncDispose]());

interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Answer<unknown>;
}

/** A request as any program could send it. */
async function send(body: string | undefined, { method = 'POST', type = 'application/json', path = '/graphql', headers = {} }: { method?: string; type?: string; path?: string; headers?: Record<string, string> } = {}): Promise<Raw> {
  const response = await fetch(`${house.url}${path}`, { method, headers: { ...(body !== undefined && { 'content-type': type }), ...headers }, ...(body !== undefined && { body }) });
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  return { status: response.status, headers: response.headers, text, body: parsed as Answer<unknown> };
}

const codesOf = ({ errors }: Answer<unknown>): string[] => (errors ?? []).map(({ extensions }) => extensions.code);

/** `viewer { firm { viewer … } }` cannot be, but a document may be written so: the limits look before the types do. */
const nested = (levels: number): string => `${'{ viewer '.repeat(levels - 1)}{ role }${' }'.repeat(levels - 1)}`;

test.each([
  ['61 aliases', `{ ${Array.from({ length: 61 }, (_, index) => `a${index}: viewer { role }`).join(' ')} }`],
  ['61 aliases through a fragment', `{ ${'...F '.repeat(1)} viewer { role } } fragment F on Query { ${Array.from({ length: 61 }, (_, index) => `a${index}: viewer { role }`).join(' ')} }`],
  ['31 aliases in a fragment that is spread twice', `{ viewer { ...F user { id } } again: viewer { ...F } } fragment F on Viewer { ${Array.from({ length: 31 }, (_, index) => `a${index}: role`).join(' ')} }`],
  ['a depth of 17', nested(17)],
  ['more than six directives on a field', `{ viewer { role ${'@include(if: true) '.repeat(7)} } }`],
  ['more than six directives on a fragment', `{ viewer { ... ${'@include(if: true) '.repeat(7)} { role } } }`],
  ['more than 4000 tokens', `{ viewer { ${'role '.repeat(4000)} } }`],
  ['the factors of a hundred scores, each under forty names', `{ customers(first: 100) { nodes { riskScore { factors { ${Array.from({ length: 40 }, (_, index) => `l${index}: label(locale: "fr")`).join(' ')} } } } } }`],
  ['21 mutations in fragments', `mutation { ...A ... { ...B } } ${[['A', 10], ['B', 11]].map(([name, count]) => `fragment ${name} on Mutation { ${Array.from({ length: Number(count) }, (_, index) => `${name}${index}: sandboxClockSet(at: "2026-01-01T00:00:00Z")`).join(' ')} }`).join(' ')}`],
  ['21 mutations', `mutation { ${'sandboxClockSet(at: "2026-01-01T00:00:00Z") '.repeat(21)} }`],
])('a document with %s is refused before it runs', async (_, query) => {
  const answer = await acme.ask(query);
  expect(codesOf(answer)).toEqual(['QUERY_TOO_COMPLEX']);
  expect(answer.data ?? null).toBeNull();
});

test('60 aliases and a depth of 16 pass the limits', async () => {
  const aliases = await acme.ask<Record<string, unknown>>(`{ ${Array.from({ length: 60 }, (_, index) => `a${index}: viewer { role }`).join(' ')} }`);
  expect(aliases.errors).toBeUndefined();
  expect(Object.keys(aliases.data)).toHaveLength(60);
  // Deep enough to be measured, and then not of this API: the refusal is another one.
  expect(new Set(codesOf(await acme.ask(nested(16))))).toEqual(new Set(['BAD_USER_INPUT']));
});

test('fragments in a circle are refused, and fragments of fragments cost no more than they are long', async () => {
  const circle = await acme.ask('{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }');
  expect(new Set(codesOf(circle))).toEqual(new Set(['BAD_USER_INPUT']));
  // Each fragment spreads the next twice: written out it would be 2^40 fields.
  const bomb = Array.from({ length: 40 }, (_, index) => `fragment F${index} on Viewer { ${index === 39 ? 'role' : `...F${index + 1} ...F${index + 1}`} }`).join(' ');
  const started = performance.now();
  expect(codesOf(await acme.ask(`{ viewer { ...F0 } } ${bomb}`))).toEqual(['QUERY_TOO_COMPLEX']);
  expect(performance.now() - started).toBeLessThan(1000);
});

test('a body beyond 256 KiB is refused unread', async () => {
  const { status, body } = await send(JSON.stringify({ query: `{ viewer { role } } # ${'x'.repeat(300_000)}` }));
  expect({ status, codes: codesOf(body) }).toEqual({ status: 413, codes: ['BAD_USER_INPUT'] });
});

test('a body of unsaid length is refused', async () => {
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(`${house.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('error', reject);
    request.end('{"query":"{ viewer { role } }"}');
  });
  expect(status).toBe(411);
});

test.each([['text/plain'], ['application/x-www-form-urlencoded'], ['multipart/form-data; boundary=x'], ['application/graphql'], ['application/jsonp'], ['']])('a body of the type %j is refused: a page of another site could send it', async (type) => {
  const { status } = await send('{"query":"{ viewer { role } }"}', { type });
  expect(status).toBe(415);
});

test.each([
  ['a batch', '[{"query":"{ viewer { role } }"}]'],
  ['no JSON', '{"query":'],
  ['nothing', ''],
  ['null', 'null'],
  ['a number', '1'],
  ['a query that is no text', '{"query":{"a":1}}'],
  ['no query', '{}'],
  ['variables that are no object', '{"query":"{ viewer { role } }","variables":"x"}'],
  ['an unknown operation', '{"query":"query A { viewer { role } }","operationName":"B"}'],
])('%s instead of an operation is refused with a code', async (_, text) => {
  const { status, body, text: shown } = await send(text);
  expect({ status: status >= 400 && status < 500, codes: codesOf(body) }).toEqual({ status: true, codes: ['BAD_USER_INPUT'] });
  expect(shown).not.toMatch(/node_modules|\.js:\d|at async/);
});

test('a mutation over GET is refused and has no effect', async () => {
  const { status, body } = await send(undefined, { method: 'GET', path: `/graphql?query=${encodeURIComponent('mutation { sandboxClockSet(at: "2031-01-01T00:00:00Z") }')}` });
  expect(status).toBe(405);
  expect(body?.data ?? null).toBeNull();
  expect(house.running.rooms.identity.room.clock.today().year).not.toBe(2031);
});

test.each([
  ['an unknown field', '{ viewer { password } }', {}],
  ['a syntax error', '{ viewer { role ', {}],
  ['a missing variable', 'query ($at: DateTime!) { viewer { role } }', {}],
  ['a variable of another type', 'mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: 'yesterday' }],
  ['a wrong literal', 'mutation { sandboxClockSet(at: 12) }', {}],
])('%s is BAD_USER_INPUT with a request id and nothing of our insides', async (_, query, variables) => {
  const answer = await acme.ask(query, variables);
  expect(new Set(codesOf(answer))).toEqual(new Set(['BAD_USER_INPUT']));
  expect(answer.errors![0]!.extensions.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(Object.keys(answer.errors![0]!.extensions).toSorted()).toEqual(['code', 'requestId']);
  expect(JSON.stringify(answer)).not.toMatch(/stack|node_modules|select |insert /i);
});

test("what only the gateway may ask is not in the public API", async () => {
  expect(codesOf(await acme.ask('{ askersOf(sessionIds: ["x"], apiKeyHashes: []) { firmId } }'))).toEqual(['BAD_USER_INPUT']);
  const { __schema } = await acme.get<{ __schema: { types: { name: string }[] } }>('{ __schema { types { name } } }');
  expect(__schema.types.map(({ name }) => name).filter((name) => /asker|^_/i.test(name) && !name.startsWith('__'))).toEqual([]);
});

test('an assertion header of a client is nothing to the gateway', async () => {
  const { body } = await send('{"query":"{ viewer { role } }"}', { headers: { 'x-ardoise-assertion': 'eyJhbGciOiJub25lIn0.e30.' } });
  expect(body).toEqual({ data: { viewer: null } });
});

test.each([['/'], ['/graphql/'], ['/admin'], ['/graphql/stream'], ['/uploads'], ['/uploads/a/b'], ['/__proto__/x'], ['/%E0%A4%A'], ['/uploads/%E0%A4%A']])('GET %s leads nowhere, with a code or to the API', async (path) => {
  const { status, body } = await send(undefined, { method: 'GET', path, headers: { accept: 'application/json' } });
  if (path === '/') expect(status).toBeLessThan(500);
  else expect({ path, refused: status >= 400 && status < 500, coded: codesOf(body).length }).toEqual({ path, refused: true, coded: 1 });
});

/** How the door answers an upgrade: opened, or refused with a status. */
async function knock(headers: Record<string, string>, path = '/graphql'): Promise<number> {
  const socket = new WebSocket(`${house.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws', { headers });
  return new Promise((resolve) => {
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.once('error', () => undefined);
  });
}

test('a WebSocket opens for a program and for a page from here, not for a page from elsewhere', async () => {
  expect(await knock({})).toBe(101);
  expect(await knock({ origin: house.url })).toBe(101);
  expect(await knock({ origin: 'https://evil.example' })).toBe(403);
  expect(await knock({ origin: 'null' })).toBe(403);
  expect(await knock({}, '/elsewhere')).toBe(403);
});

test('a WebSocket frame beyond 64 KiB ends the connection', async () => {
  const socket = new WebSocket(`${house.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { padding: 'x'.repeat(70_000) } }));
  expect(await closed).toBe(1009);
});

/** The first result of an operation over a WebSocket. */
async function overSocket(client: ReturnType<FirmVisitor['socket']>, query: string): Promise<unknown> {
  try {
    for await (const result of client.iterate({ query })) return result;
    return undefined;
  } catch (error) {
    return { errors: error };
  } finally {
    await client.dispose();
  }
}

test('a query over a WebSocket sees what its token may see', async () => {
  expect(await overSocket(acme.socket(), '{ viewer { firm { name } } }')).toEqual({ data: { viewer: { firm: { name: 'Acme' } } } });
  expect(await overSocket(house.nobody.socket(), '{ viewer { role } }')).toEqual({ data: { viewer: null } });
});

test('limits hold over a WebSocket too, and errors have their codes there', async () => {
  expect(await overSocket(acme.socket(), nested(17))).toMatchObject({ errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] });
  expect(await overSocket(acme.socket(), '{ viewer { password } }')).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  expect(await overSocket(acme.socket(), `{ viewer { ${'role '.repeat(4000)} } }`)).toMatchObject({ errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] });
});

test.each([['a quiet token', false], ['a token that asks all the time', true]])('a subscription of %s ends with UNAUTHENTICATED within five seconds of its revocation', async (_, busy) => {
  const { sessionCreate } = await house.nobody.get<{ sessionCreate: { session: { accessToken: string; refreshToken: string } } }>(
    'mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { session { accessToken refreshToken } } }', { input: { email: acme.email, password: PASSWORD } },
  );
  const { accessToken, refreshToken } = sessionCreate.session;
  const visitor = new Visitor(house, accessToken);
  const client = visitor.socket();
  const asking = busy ? setInterval(() => void visitor.ask('{ viewer { role } }').catch(() => undefined), 300) : undefined;
  try {
    const results = client.iterate<unknown>({ query: 'subscription { inboxChanged { id } }' });
    const first = results.next();
    // Long enough for a check or two to have found everything in order.
    const stillOpen = await Promise.race([first.then(() => false, () => false), new Promise((resolve) => setTimeout(resolve, 4100, true))]);
    expect(stillOpen).toBe(true);
    await house.nobody.get('mutation ($input: SessionRevokeInput!) { sessionRevoke(input: $input) { userErrors { code } } }', { input: { refreshToken } });
    const revoked = performance.now();
    const end = await first.then(({ value }) => (value as { errors?: unknown } | undefined)?.errors, (error: unknown) => error);
    expect(end).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(performance.now() - revoked).toBeLessThan(5000);
    expect(await results.next()).toEqual({ done: true, value: undefined });
  } finally {
    clearInterval(asking);
    await client.dispose();
  }
});

test('identity out of reach is UNAVAILABLE, not a wrong token', async () => {
  const keys = join(process.env['ARDOISE_TEST_DIRECTORY']!, 'keys');
  const signer = await AssertionSigner.from(await readKeySet(join(keys, 'assertion.private.json')));
  const { keys: own } = house.running.rooms.identity.room.keys.sessionKeys;
  // The private half stays where it is: what verifies is x alone.
  const verifying = { keys: own.map(({ kid, kty, crv, x, alg }) => ({ kid, kty, crv, x, alg })) } as typeof house.running.rooms.identity.room.keys.sessionKeys;
  const authenticator = new Authenticator(verifying, { kind: 'there', url: 'http://127.0.0.1:9', signer });
  await expect(authenticator.authenticate(`Bearer ${acme.token}`, 'the-request')).rejects.toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
});

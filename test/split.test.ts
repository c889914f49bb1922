import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SignJWT, importJWK } from 'jose';
import { readKeySet } from '../src/keys.js';
import { ASSERTION_HEADER, AssertionSigner } from '../src/server/assertion.js';
import { startSplitHouse, type SplitHouse } from './split-house.js';

let house: SplitHouse;
beforeAll(async () => {
  house = await startSplitHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const asking = { asker: undefined, requestId: 'a-request', origin: 'http://localhost' };

async function askIdentity(assertion: string | undefined, query = '{ viewer { role } }', path = '/graphql'): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${house.roomUrls['identity']}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(assertion !== undefined && { [ASSERTION_HEADER]: assertion }) },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.json() };
}

const REFUSED = { status: 401, body: { errors: [{ message: 'Only the gateway may ask a subgraph.', extensions: { code: 'UNAUTHENTICATED' } }] } };

test('a firm signs up, signs in and is its own viewer through a gateway of another process', async () => {
  const acme = await house.firm('Acme');
  expect(await acme.get('{ viewer { firm { name } role user { email } } }')).toEqual({ viewer: { firm: { name: 'Acme' }, role: 'OWNER', user: { email: acme.email } } });
  expect(await house.nobody.get('{ viewer { role } }')).toEqual({ viewer: null });
});

test("a room's refusals keep their code, their path and the request id through the gateway", async () => {
  const { errors } = await house.nobody.ask('mutation { invited: memberInvite(input: { email: "a@example.test", role: READER }) { userErrors { code } } }');
  expect(errors).toEqual([expect.objectContaining({ path: ['invited'], extensions: { code: 'UNAUTHENTICATED', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) } })]);
});

test('a room asked directly answers nobody without an assertion, nor with a plain header that names a firm', async () => {
  expect(await askIdentity(undefined)).toEqual(REFUSED);
  expect(await askIdentity('')).toEqual(REFUSED);
  expect(await askIdentity('ey.ey.ey')).toEqual(REFUSED);
  expect(await askIdentity(undefined, '{ _entities(representations: [{ __typename: "Firm", id: "1" }]) { __typename } }')).toEqual(REFUSED);
  expect(await askIdentity(undefined, 'subscription { anything }', '/graphql/stream')).toEqual(REFUSED);
});

test('a room believes an assertion once, and only from the gateway, for itself, in its time', async () => {
  const gatewayKeys = await readKeySet(house.keyFiles.assertionKey);
  const signer = await AssertionSigner.from(gatewayKeys);
  const once = await signer.sign('identity', asking);
  expect(await askIdentity(once)).toEqual({ status: 200, body: { data: { viewer: null } } });
  expect(await askIdentity(once)).toEqual(REFUSED);
  expect(await askIdentity(await signer.sign('portfolios', asking))).toEqual(REFUSED);
  // Signed by a key that signs something else here.
  expect(await askIdentity(await (await AssertionSigner.from(await readKeySet(house.keyFiles.sessionKey))).sign('identity', asking))).toEqual(REFUSED);
  const old = Math.floor(Date.now() / 1000) - 120;
  const key = gatewayKeys.keys[0]!;
  const expired = await new SignJWT({ requestId: 'a-request', origin: '' })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid }).setIssuer('ardoise-gateway').setAudience('identity').setJti('old').setIssuedAt(old).setExpirationTime(old + 30)
    .sign(await importJWK(key, 'EdDSA'));
  expect(await askIdentity(expired)).toEqual(REFUSED);
});

test('a room says that it lives and is ready, and has nothing else to show', async () => {
  const status = async (path: string): Promise<number> => (await fetch(`${house.roomUrls['identity']}${path}`)).status;
  expect(await Promise.all(['/health', '/ready', '/', '/graphql', '/metrics', '/uploads/1'].map(status))).toEqual([200, 200, 404, 404, 404, 404]);
});

test('an upload and its progress pass through the gateway to their room, over a WebSocket outside and SSE inside', async () => {
  const acme = await house.firm();
  const { importCreate } = await acme.get<{ importCreate: { job: { id: string; uploadUrl: string } } }>(
    'mutation { importCreate(input: { format: CSV }) { job { id uploadUrl } userErrors { code message } } }',
  );
  const { id, uploadUrl } = importCreate.job;
  expect(uploadUrl).toBe(`${house.url}/uploads/${id}`);
  const socket = acme.socket();
  const states = socket.iterate<{ importProgress: { status: string; rowsAccepted: number } }>({
    query: 'subscription ($id: ID!) { importProgress(id: $id) { status rowsAccepted } }', variables: { id },
  });
  const first = await states.next();
  expect(first.value).toEqual({ data: { importProgress: { status: 'AWAITING_UPLOAD', rowsAccepted: 0 } } });
  const file = 'customer_reference,invoice_number,issue_date,due_date,currency,amount\nC1,F1,2026-01-05,2026-02-04,EUR,100.00\n';
  expect((await fetch(uploadUrl, { method: 'PUT', body: file })).status).toBe(401);
  const sent = await fetch(uploadUrl, { method: 'PUT', body: file, headers: { authorization: `Bearer ${acme.token}` } });
  await sent.text();
  const seen: unknown[] = [];
  for await (const state of states) seen.push(state.data?.importProgress);
  expect(seen.at(-1)).toEqual({ status: 'COMPLETED', rowsAccepted: 1 });
  await socket.dispose();
  expect(await (await house.firm()).get('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 0 } });
});

test.each([
  ['importProgress(id: "nothing") { id }', 'NOT_FOUND'],
  ['messageReceived(conversationId: "nothing") { seq }', 'NOT_FOUND'],
])('a refused subscription to %s keeps its code through the gateway', async (field, code) => {
  const subscribe = async (token?: string): Promise<string> =>
    (await fetch(`${house.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: `subscription { ${field} }` }),
    })).text();
  expect(await subscribe((await house.firm()).token)).toContain(`"code":"${code}"`);
  expect(await subscribe()).toContain('"code":"UNAUTHENTICATED"');
});

test('an upload that is refused early is answered through the gateway while its client still sends', async () => {
  const acme = await house.firm();
  const { importCreate } = await acme.get<{ importCreate: { job: { uploadUrl: string } } }>('mutation { importCreate(input: { format: CSV }) { job { uploadUrl } userErrors { code } } }');
  const { port, pathname } = new URL(importCreate.job.uploadUrl);
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString())).on('error', () => undefined);
  // Who sends all the while may find the connection cut as an error of its own; what counts is the answer before that.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(`PUT ${pathname} HTTP/1.1\r\nhost: localhost:${port}\r\nauthorization: Bearer ${acme.token}\r\ncontent-length: 900000000\r\n\r\nno,column,of,ours\n1,2,3,4\n`);
  // A client that looks for its answer only now and then, and sends all the while.
  const sending = setInterval(() => socket.write(Buffer.alloc(64 * 1024, '1,2,3,4\n')), 2);
  await closed;
  clearInterval(sending);
  expect(answer).toMatch(/^HTTP\/1.1 422 /);
  expect(answer).toContain('"status":"FAILED"');
});

test('a room that dies leaves the others at work, and a subscription of its own ends with a coded error', async () => {
  const acme = await house.firm();
  const { importCreate } = await acme.get<{ importCreate: { job: { id: string } } }>('mutation { importCreate(input: { format: CSV }) { job { id } } }');
  const socket = acme.socket();
  const states = socket.iterate({ query: 'subscription ($id: ID!) { importProgress(id: $id) { status } }', variables: { id: importCreate.job.id } });
  await states.next();
  house.processes['portfolios']!.kill('SIGKILL');
  const last = await states.next();
  expect((last.value as { errors?: unknown } | undefined)?.errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code: 'UNAVAILABLE' }) })]);
  await socket.dispose();
  expect((await acme.ask('{ customers { totalCount } }')).errors?.[0]?.extensions.code).toBe('UNAVAILABLE');
  expect(await acme.get('{ viewer { role } }')).toEqual({ viewer: { role: 'OWNER' } });
});

test('a room that is frozen or dead is a coded error within five seconds', async () => {
  const acme = await house.firm();
  const { identity } = house.processes;
  const timed = async (): Promise<[string | undefined, boolean]> => {
    const from = Date.now();
    const { errors } = await acme.ask('{ viewer { role } }');
    return [errors?.[0]?.extensions.code, Date.now() - from < 5000];
  };
  identity!.kill('SIGSTOP');
  expect(await timed()).toEqual(['UNAVAILABLE', true]);
  identity!.kill('SIGCONT');
  expect(await acme.get('{ viewer { role } }')).toEqual({ viewer: { role: 'OWNER' } });
  identity!.kill('SIGKILL');
  expect(await timed()).toEqual(['UNAVAILABLE', true]);
});

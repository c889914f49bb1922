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

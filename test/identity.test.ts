import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT, type CryptoKey, type JWTHeaderParameters } from 'jose';
import type { Client as PgClient } from 'pg';
import { PASSWORD, randomSiren, startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
let acme: FirmVisitor;
let rival: FirmVisitor;
let database: PgClient;
beforeAll(async () => {
  house = await startHouse();
  [acme, rival] = await Promise.all([house.firm('Acme'), house.firm('Rival')]);
  database = await house.asOwner();
});
afterAll(() => house[Symbol.asyncDispose]());

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}
interface UserError {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[];
}
interface SessionPayload {
  readonly session: Tokens | null;
  readonly userErrors: readonly UserError[];
}

const ERRORS = 'userErrors { code message path }';
const SESSION = `{ session { accessToken refreshToken } ${ERRORS} }`;

async function signUp(change: Record<string, unknown> = {}): Promise<SessionPayload> {
  const input = { firmName: 'New', country: 'FR', registration: { scheme: 'SIREN', value: randomSiren() }, userName: 'Dominique', email: `${randomUUID()}@example.test`, password: PASSWORD, ...change };
  const { firmSignUp } = await house.nobody.get<{ firmSignUp: SessionPayload }>(`mutation ($input: FirmSignUpInput!) { firmSignUp(input: $input) ${SESSION} }`, { input });
  return firmSignUp;
}

async function signIn(email: string, password = PASSWORD): Promise<{ payload: SessionPayload | undefined; codes: readonly string[] }> {
  const { data, errors } = await house.nobody.ask<{ sessionCreate: SessionPayload } | null>(`mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) ${SESSION} }`, { input: { email, password } });
  return { payload: data?.sessionCreate, codes: (errors ?? []).map(({ extensions }) => extensions.code) };
}

async function refresh(refreshToken: string): Promise<SessionPayload> {
  const { sessionRefresh } = await house.nobody.get<{ sessionRefresh: SessionPayload }>(`mutation ($input: SessionRefreshInput!) { sessionRefresh(input: $input) ${SESSION} }`, { input: { refreshToken } });
  return sessionRefresh;
}

const codesOf = (payload: { readonly userErrors: readonly UserError[] }): string[] => payload.userErrors.map(({ code }) => code);

/** The code a token gets, or the name of the firm it stands for. */
async function standing(token: string): Promise<string | null> {
  const { data, errors } = await new Visitor(house, token).ask<{ viewer: { firm: { name: string } } | null } | null>('{ viewer { firm { name } } }');
  return errors?.[0]?.extensions.code ?? data?.viewer?.firm.name ?? null;
}

/** Asks until the token is refused; how many milliseconds that took. Gives up after the five seconds that are promised. */
async function untilRefused(token: string): Promise<number> {
  const started = performance.now();
  while ((await standing(token)) !== 'UNAUTHENTICATED') {
    if (performance.now() - started > 6000) throw new Error('the token still works after six seconds');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return performance.now() - started;
}

async function firmsNamed(name: string): Promise<number> {
  const { rows } = await database.query<{ count: string }>('select count(*) from identity.firm where name = $1', [name]);
  return Number(rows[0]!.count);
}

describe('signing up', () => {
  test('a firm that signs up is the viewer of its own token, and nobody is without one', async () => {
    expect(await acme.get('{ viewer { firm { name verified registration { scheme } } role user { email } } }')).toEqual({
      viewer: { firm: { name: 'Acme', verified: false, registration: { scheme: 'SIREN' } }, role: 'OWNER', user: { email: acme.email } },
    });
    expect(await house.nobody.get('{ viewer { role } }')).toEqual({ viewer: null });
  });

  test.each([
    ['SIREN', '732829321'],
    ['SIRET', '73282932000075'],
    ['VAT', 'FR45732829320'],
    ['VAT', 'DE136695978'],
    ['LEI', '529900T8BM49AURSDO54'],
    ['DUNS', '12345678'],
    ['SIREN', ''],
  ])('a %s of %j is refused by its check digits, and no firm is made', async (scheme, value) => {
    const firmName = `Refused ${randomUUID()}`;
    const payload = await signUp({ firmName, registration: { scheme, value } });
    expect({ session: payload.session, errors: payload.userErrors.map(({ code, path }) => ({ code, path })) }).toEqual({ session: null, errors: [{ code: 'INVALID', path: ['input', 'registration', 'value'] }] });
    expect(await firmsNamed(firmName)).toBe(0);
  });

  test('an address that is known is TAKEN, in whatever case, also by two firms at once', async () => {
    const firmName = `Late ${randomUUID()}`;
    const payload = await signUp({ firmName, email: `  ${acme.email.toUpperCase()} ` });
    expect({ session: payload.session, errors: payload.userErrors.map(({ code, path }) => ({ code, path })) }).toEqual({ session: null, errors: [{ code: 'TAKEN', path: ['input', 'email'] }] });
    const email = `${randomUUID()}@example.test`;
    const both = await Promise.all([signUp({ firmName, email }), signUp({ firmName, email })]);
    expect(both.flatMap(codesOf)).toEqual(['TAKEN']);
    expect(await firmsNamed(firmName)).toBe(1);
  });

  test.each([
    [{ firmName: '  ' }, 'REQUIRED', 'firmName'],
    [{ userName: '' }, 'REQUIRED', 'userName'],
    [{ firmName: 'x'.repeat(201) }, 'INVALID', 'firmName'],
    [{ firmName: 'a\u0000b' }, 'INVALID', 'firmName'],
    [{ email: 'nobody' }, 'INVALID', 'email'],
    [{ email: `a@b.c\u0000` }, 'INVALID', 'email'],
    [{ password: 'seven77' }, 'INVALID', 'password'],
    [{ password: 'x'.repeat(201) }, 'INVALID', 'password'],
  ])('%j is refused', async (change, code, field) => {
    const { session, userErrors } = await signUp(change);
    expect({ session, errors: userErrors.map((error) => ({ code: error.code, path: error.path })) }).toEqual({ session: null, errors: [{ code, path: ['input', field] }] });
  });
});

describe('signing in', () => {
  test('a right password signs in, a wrong one and an unknown address get one and the same answer', async () => {
    const { payload } = await signIn(` ${rival.email.toUpperCase()}`);
    expect(await standing(payload!.session!.accessToken)).toBe('Rival');
    const [wrong, unknown] = [await signIn(rival.email, 'not the password'), await signIn(`${randomUUID()}@example.test`, 'not the password')];
    expect(wrong).toEqual(unknown);
    expect(wrong).toEqual({ payload: { session: null, userErrors: [{ code: 'INVALID', message: 'The address or the password is wrong.', path: ['input', 'password'] }] }, codes: [] });
  });

  test.each([[''], ['nobody'], ['a\u0000@example.test'], [`${'x'.repeat(10_000)}@example.test`]])('%j signs nobody in', async (email) => {
    expect(codesOf((await signIn(email)).payload!)).toEqual(['INVALID']);
  });

  test('after five failures an address waits, known or not, one by one or all at once; then it may try again', async () => {
    const { email } = await house.firm();
    for (const address of [email, `${randomUUID()}@example.test`]) {
      for (let attempt = 1; attempt <= 5; attempt += 1) expect((await signIn(address, 'not the password')).codes).toEqual([]);
      // Even the right password: otherwise the answer would tell when a guess was right.
      expect((await signIn(address)).codes).toEqual(['RATE_LIMITED']);
    }
    const burst = await Promise.all(Array.from({ length: 12 }, () => signIn(`burst-${email}`, 'not the password')));
    expect(burst.filter(({ codes }) => codes[0] === 'RATE_LIMITED')).toHaveLength(7);
    // The first wait is of a second or two.
    const deadline = Date.now() + 5000;
    for (;;) {
      const { payload } = await signIn(email);
      if (payload?.session) break;
      if (Date.now() > deadline) throw new Error('the address still waits');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
});

describe('sessions', () => {
  test('a refresh token works once; within ten seconds again, because an answer may be lost', async () => {
    const { refreshToken } = (await signIn(acme.email)).payload!.session!;
    const first = await refresh(refreshToken);
    expect(await standing(first.session!.accessToken)).toBe('Acme');
    expect(first.session!.refreshToken).not.toBe(refreshToken);
    const again = await refresh(refreshToken);
    expect(again.session!.refreshToken).toBe(first.session!.refreshToken);
    expect(await standing(again.session!.accessToken)).toBe('Acme');
  });

  test.each([['the token before the present one', 1], ['a token from three refreshes ago', 3]])('%s, met again later, ends the whole session', async (_, refreshes) => {
    const stolen = (await signIn(acme.email)).payload!.session!;
    let present = stolen;
    for (let round = 0; round < refreshes; round += 1) present = (await refresh(present.refreshToken)).session!;
    await database.query(`update identity.session set spent_at = spent_at - interval '11 seconds' where spent_at is not null`);
    expect(codesOf(await refresh(stolen.refreshToken))).toEqual(['EXPIRED']);
    expect(codesOf(await refresh(present.refreshToken))).toEqual(['EXPIRED']);
    expect(await untilRefused(present.accessToken)).toBeLessThan(5000);
    // Other sessions of the same person go on.
    expect(await standing(acme.token!)).toBe('Acme');
  });

  test.each([[''], ['x'], ['r_'], ['r_unknown.secret'], ['.'], ['é'.repeat(5000)]])('the refresh token %j of nobody is refused', async (refreshToken) => {
    expect(codesOf(await refresh(refreshToken))).toEqual(['EXPIRED']);
  });

  test('a revoked session stops within five seconds, and revoking again changes nothing', async () => {
    const { accessToken, refreshToken } = (await signIn(acme.email)).payload!.session!;
    expect(await standing(accessToken)).toBe('Acme');
    const revoke = `mutation ($input: SessionRevokeInput!) { sessionRevoke(input: $input) { ${ERRORS} } }`;
    for (const token of [refreshToken, refreshToken, 'r_unknown']) expect(await house.nobody.get(revoke, { input: { refreshToken: token } })).toEqual({ sessionRevoke: { userErrors: [] } });
    expect(codesOf(await refresh(refreshToken))).toEqual(['EXPIRED']);
    expect(await untilRefused(accessToken)).toBeLessThan(5000);
    expect(await standing(acme.token!)).toBe('Acme');
  });
});

describe('access tokens', () => {
  const day = (): number => Math.floor(Date.now() / 1000) + 86_400;

  async function sessionOf(token: string): Promise<string> {
    return (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid;
  }

  /** A token like ours for a live session, but for what is changed. */
  async function forge({ key, header = {}, issuer = 'ardoise-identity', audience = 'ardoise', expires = day() }: { key?: CryptoKey; header?: Partial<JWTHeaderParameters>; issuer?: string; audience?: string; expires?: number }): Promise<string> {
    const ours = house.running.rooms.identity.room.keys.sessionKeys.keys[0]!;
    return new SignJWT({ sid: await sessionOf(acme.token!) })
      .setProtectedHeader({ alg: 'EdDSA', kid: ours.kid, typ: 'at+jwt', ...header })
      .setIssuer(issuer).setAudience(audience).setIssuedAt(day() - 90_000).setExpirationTime(expires)
      .sign(key ?? ((await importJWK(ours, 'EdDSA')) as CryptoKey));
  }

  test('one that is made like ours is believed: what follows is refused for what it changes', async () => {
    expect(await standing(await forge({}))).toBe('Acme');
  });

  test.each([
    ['expired', { expires: 1_700_000_000 }],
    ['for another audience', { audience: 'identity' }],
    ['of another issuer', { issuer: 'ardoise-gateway' }],
    ['of another type', { header: { typ: 'JWT' } }],
    ['of an unknown kid', { header: { kid: 'another' } }],
    ['of a kid that is a path', { header: { kid: '../../../../dev/null' } }],
    ['of a kid that is SQL', { header: { kid: `' or 1=1 --` } }],
  ])('one %s is UNAUTHENTICATED', async (_, change) => {
    expect(await standing(await forge(change))).toBe('UNAUTHENTICATED');
  });

  test('one signed by another key is UNAUTHENTICATED, also when it brings that key along', async () => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const jwk = await exportJWK(publicKey);
    expect(await standing(await forge({ key: privateKey }))).toBe('UNAUTHENTICATED');
    expect(await standing(await forge({ key: privateKey, header: { jwk, kid: await calculateJwkThumbprint(jwk) } }))).toBe('UNAUTHENTICATED');
    expect(await standing(await forge({ key: privateKey, header: { jku: 'http://127.0.0.1:1/keys', kid: 'mine' } }))).toBe('UNAUTHENTICATED');
  });

  test('one without a signature, or signed with our public key as a secret, is UNAUTHENTICATED', async () => {
    const sid = await sessionOf(acme.token!);
    const unsigned = new UnsecuredJWT({ sid }).setIssuer('ardoise-identity').setAudience('ardoise').setExpirationTime(day()).encode();
    expect(await standing(unsigned)).toBe('UNAUTHENTICATED');
    const ours = house.running.rooms.identity.room.keys.sessionKeys.keys[0]!;
    const confused = await new SignJWT({ sid }).setProtectedHeader({ alg: 'HS256', kid: ours.kid, typ: 'at+jwt' }).setIssuer('ardoise-identity').setAudience('ardoise').setExpirationTime(day()).sign(Buffer.from(ours.x!, 'base64url'));
    expect(await standing(confused)).toBe('UNAUTHENTICATED');
  });

  test.each([['x'], ['eyJhbGciOiJub25lIn0.e30.'], ['ardoise_unknownunknownunknown'], ['a.b.c'.repeat(500)], ['ardoise_é']])('the text %j instead of a token is UNAUTHENTICATED', async (token) => {
    const response = await fetch(`${house.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: Buffer.from(`Bearer ${token}`).toString('latin1') }, body: '{"query":"{ viewer { role } }"}' });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string; requestId: string } }[] };
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
    expect(errors[0]!.extensions.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

interface InvitePayload {
  readonly invitationToken: string | null;
  readonly userErrors: readonly UserError[];
}

const INVITE = `mutation ($input: MemberInviteInput!) { memberInvite(input: $input) { invitationToken ${ERRORS} } }`;

async function invite(by: Visitor, role: string, email = `${randomUUID()}@example.test`): Promise<string> {
  const { memberInvite } = await by.get<{ memberInvite: InvitePayload }>(INVITE, { input: { email, role } });
  return memberInvite.invitationToken!;
}

async function accept(invitationToken: string, password = PASSWORD): Promise<SessionPayload> {
  const { invitationAccept } = await house.nobody.get<{ invitationAccept: SessionPayload }>(`mutation ($input: InvitationAcceptInput!) { invitationAccept(input: $input) ${SESSION} }`, { input: { invitationToken, userName: 'Sacha', password } });
  return invitationAccept;
}

async function member(role: string): Promise<Visitor> {
  return new Visitor(house, (await accept(await invite(acme, role))).session!.accessToken);
}

describe('members', () => {
  test('an invited person joins the firm once, in the role that was offered', async () => {
    const email = `${randomUUID()}@example.test`;
    const token = await invite(acme, 'COLLECTOR', email);
    const [one, other] = await Promise.all([accept(token), accept(token)]);
    expect([...codesOf(one), ...codesOf(other)]).toEqual(['EXPIRED']);
    const { accessToken } = (one.session ?? other.session)!;
    expect(await new Visitor(house, accessToken).get('{ viewer { role scopes firm { id } user { email } } }')).toEqual({
      viewer: { role: 'COLLECTOR', scopes: ['ledger:read', 'ledger:write', 'credit:request', 'community:read', 'chat'], firm: { id: acme.firmId }, user: { email } },
    });
    expect(codesOf(await accept(token))).toEqual(['EXPIRED']);
  });

  test('an invitation that has expired, or that nobody made, makes no member', async () => {
    const token = await invite(acme, 'READER');
    await database.query(`update identity.invitation set expires_at = now() - interval '1 second' where accepted_at is null`);
    expect(codesOf(await accept(token))).toEqual(['EXPIRED']);
    for (const unknown of ['', 'x', token.replace('i_', 'i_x'), `${token}x`]) expect(codesOf(await accept(unknown))).toEqual(['NOT_FOUND']);
    expect(codesOf(await accept(await invite(acme, 'READER'), 'short'))).toEqual(['INVALID']);
    expect(codesOf(await accept(await invite(acme, 'READER', rival.email)))).toEqual(['TAKEN']);
  });

  test.each(['CREDIT_MANAGER', 'COLLECTOR', 'SALES', 'READER'])('a %s may not invite or make keys, and nothing is made', async (role) => {
    const person = await member(role);
    const count = async (): Promise<unknown> => (await database.query(`select (select count(*) from identity.invitation) as invitations, (select count(*) from identity.api_key) as keys`)).rows;
    const before = await count();
    for (const [query, input] of [
      [INVITE, { email: `${randomUUID()}@example.test`, role: 'OWNER' }],
      [CREATE_KEY, { name: 'Mine', scopes: ['ledger:read'] }],
      [REVOKE_KEY, { id: randomUUID() }],
    ] as const) {
      const { data, errors } = await person.ask<unknown>(query, { input });
      expect({ data: data ?? null, codes: errors?.map(({ extensions }) => extensions.code) }).toEqual({ data: null, codes: ['FORBIDDEN'] });
    }
    expect(await count()).toEqual(before);
  });

  test('nobody invites nobody', async () => {
    const { errors } = await house.nobody.ask(INVITE, { input: { email: 'a@example.test', role: 'OWNER' } });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
  });

  test('a role that was taken away is gone within five seconds', async () => {
    const person = await member('OWNER');
    expect((await person.get<{ viewer: { role: string } }>('{ viewer { role } }')).viewer.role).toBe('OWNER');
    const { viewer } = await person.get<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
    await database.query(`update identity.person set role = 'READER' where id = $1`, [viewer.user.id]);
    const deadline = Date.now() + 5000;
    while ((await person.get<{ viewer: { role: string } }>('{ viewer { role } }')).viewer.role !== 'READER') {
      if (Date.now() > deadline) throw new Error('the role is still believed');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
});

interface KeyPayload {
  readonly apiKey: { readonly id: string; readonly scopes: readonly string[]; readonly expiresAt: string | null; readonly lastUsedAt: string | null } | null;
  readonly secret: string | null;
  readonly userErrors: readonly UserError[];
}

const CREATE_KEY = `mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { apiKey { id scopes expiresAt lastUsedAt } secret ${ERRORS} } }`;
const REVOKE_KEY = `mutation ($input: ApiKeyRevokeInput!) { apiKeyRevoke(input: $input) { ${ERRORS} } }`;

async function createKey(by: Visitor, input: Record<string, unknown>): Promise<KeyPayload> {
  return (await by.get<{ apiKeyCreate: KeyPayload }>(CREATE_KEY, { input: { name: 'Nightly', ...input } })).apiKeyCreate;
}

describe('API keys', () => {
  test('a key has the scopes it was given, each once, and no more', async () => {
    const { apiKey, secret } = await createKey(acme, { scopes: ['ledger:read', 'chat', 'chat'] });
    expect(apiKey).toMatchObject({ scopes: ['ledger:read', 'chat'], expiresAt: null, lastUsedAt: null });
    const program = new Visitor(house, secret!);
    expect(await program.get('{ viewer { scopes firm { name } } }')).toEqual({ viewer: { scopes: ['ledger:read', 'chat'], firm: { name: 'Acme' } } });
    const { errors } = await program.ask(INVITE, { input: { email: 'a@example.test', role: 'OWNER' } });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  });

  test('a key loses what its maker loses', async () => {
    const owner = await member('OWNER');
    const { secret } = await createKey(owner, { scopes: ['ledger:read', 'ledger:write'] });
    const { viewer } = await owner.get<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
    await database.query(`update identity.person set role = 'READER' where id = $1`, [viewer.user.id]);
    expect(await new Visitor(house, secret!).get('{ viewer { scopes } }')).toEqual({ viewer: { scopes: ['ledger:read'] } });
  });

  test.each([
    [{ scopes: [] }, 'REQUIRED', ['input', 'scopes']],
    [{ scopes: ['everything'] }, 'INVALID', ['input', 'scopes']],
    [{ scopes: ['chat'], name: ' ' }, 'REQUIRED', ['input', 'name']],
    [{ scopes: ['chat'], expiresAt: '2020-01-01T00:00:00Z' }, 'INVALID', ['input', 'expiresAt']],
  ])('%j is refused', async (input, code, path) => {
    const { apiKey, secret, userErrors } = await createKey(acme, input);
    expect({ apiKey, secret, errors: userErrors.map((error) => ({ code: error.code, path: error.path })) }).toEqual({ apiKey: null, secret: null, errors: [{ code, path }] });
  });

  test('a key that manages members makes no key', async () => {
    const { secret } = await createKey(acme, { scopes: ['members:manage'] });
    const { userErrors } = await createKey(new Visitor(house, secret!), { scopes: ['members:manage'] });
    expect(userErrors.map(({ code }) => code)).toEqual(['NOT_ALLOWED']);
  });

  test('a key invites into no role that may more than itself', async () => {
    const { secret } = await createKey(acme, { scopes: ['members:manage', 'ledger:read', 'community:read'] });
    const invite = async (role: string): Promise<unknown> => (await new Visitor(house, secret!).get<{ memberInvite: unknown }>(INVITE, { input: { email: `${randomUUID()}@example.test`, role } })).memberInvite;
    const refused = { invitationToken: null, userErrors: [{ code: 'NOT_ALLOWED', message: expect.any(String), path: ['input', 'role'] }] };
    for (const role of ['OWNER', 'CREDIT_MANAGER', 'COLLECTOR']) expect(await invite(role)).toEqual(refused);
    expect(await invite('READER')).toEqual({ invitationToken: expect.any(String), userErrors: [] });
  });

  test('a key ends when it is revoked, within five seconds, and at its time', async () => {
    const { apiKey, secret } = await createKey(acme, { scopes: ['chat'] });
    expect(await standing(secret!)).toBe('Acme');
    for (const _ of [1, 2]) expect(await acme.get(REVOKE_KEY, { input: { id: apiKey!.id } })).toEqual({ apiKeyRevoke: { userErrors: [] } });
    expect(await untilRefused(secret!)).toBeLessThan(5000);
    const brief = await createKey(acme, { scopes: ['chat'], expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await database.query(`update identity.api_key set expires_at = now() where id = $1`, [brief.apiKey!.id]);
    expect(await standing(brief.secret!)).toBe('UNAUTHENTICATED');
  });

  test("another firm's key, an unknown one and a malformed id get one and the same answer, and the key lives on", async () => {
    const { apiKey, secret } = await createKey(acme, { scopes: ['chat'] });
    const answers = [];
    for (const id of [apiKey!.id, randomUUID(), 'x', '', `${apiKey!.id}'`]) answers.push(await rival.get(REVOKE_KEY, { input: { id } }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify({ apiKeyRevoke: { userErrors: [{ code: 'NOT_FOUND', message: 'There is no such object.', path: ['input', 'id'] }] } })]));
    expect(await standing(secret!)).toBe('Acme');
  });
});

describe('the sandbox', () => {
  const SET_CLOCK = 'mutation ($at: DateTime!) { sandboxClockSet(at: $at) }';
  const VERIFY = 'mutation ($firmId: ID!) { sandboxFirmVerify(firmId: $firmId) { verified } }';

  test('business time moves forward and back, sessions keep real time', async () => {
    const identity = house.running.rooms.identity.room;
    for (const at of ['2031-05-06T07:08:09.000Z', '2019-02-03T00:00:00.000Z']) {
      expect(await acme.get(SET_CLOCK, { at })).toEqual({ sandboxClockSet: at });
      expect(identity.clock.today().toString()).toBe(at.slice(0, 10));
      expect(await standing(acme.token!)).toBe('Acme');
    }
    await acme.get(SET_CLOCK, { at: new Date().toISOString() });
  });

  test('a firm is verified by its id; a wrong id is NOT_FOUND, whatever is wrong with it', async () => {
    expect(await rival.get(VERIFY, { firmId: rival.firmId })).toEqual({ sandboxFirmVerify: { verified: true } });
    for (const firmId of [randomUUID(), 'x']) {
      const { errors } = await rival.ask(VERIFY, { firmId });
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND']);
    }
  });

  test('outside a sandbox each of its mutations is FORBIDDEN, and nothing moves', async () => {
    await using real = await startHouse({ ARDOISE_SANDBOX: '0' });
    const firm = await real.firm();
    for (const [query, variables] of [[SET_CLOCK, { at: '2031-01-01T00:00:00Z' }], [VERIFY, { firmId: firm.firmId }]] as const) {
      const { data, errors } = await firm.ask<unknown>(query, variables);
      expect({ data: data ?? null, codes: errors?.map(({ extensions }) => extensions.code) }).toEqual({ data: null, codes: ['FORBIDDEN'] });
    }
    expect(real.running.rooms.identity.room.clock.offsetMilliseconds).toBe(0);
    expect(await firm.get('{ viewer { firm { verified } } }')).toEqual({ viewer: { firm: { verified: false } } });
  });
});

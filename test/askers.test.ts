import { hash, randomBytes, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { buildSchema, parse } from 'graphql';
import type pg from 'pg';
import type { Reach } from '../gateway/ask-room.js';
import { Authenticator, type Bearer } from '../gateway/authenticate.js';
import type { KeySet } from '../src/keys.js';
import { MOST_ASKERS, type Asker } from '../src/server/asker.js';
import { executeInRoom } from '../src/server/execute.js';
import { ACCESS_TOKEN_SECONDS, signAccessToken } from '../subgraphs/identity/sessions/sign-access-token.js';
import { administer, startHouse, type FirmVisitor, type TestHouse } from './house.js';

/** Statements about sessions and keys, as PostgreSQL tells each client of its own. */
const heard: string[] = [];

/** The driver of the rooms, which may be another copy than the tests' own. */
const { Client } = createRequire(new URL('../../node_modules/@mikro-orm/postgresql/package.json', import.meta.url))('pg') as typeof pg;
const connect = Object.getOwnPropertyDescriptor(Client.prototype, 'connect')!.value as (this: pg.Client, ...given: unknown[]) => Promise<pg.Client>;
const database = `askers_${randomBytes(6).toString('hex')}`;
const template = process.env['ARDOISE_TEST_DATABASE_URL']!;
let house: TestHouse;
let acme: FirmVisitor;
let rival: FirmVisitor;
let owner: pg.Client;
let authenticator: Authenticator;

beforeAll(async () => {
  Client.prototype.connect = function (this: pg.Client, ...given: unknown[]) {
    this.on('notice', ({ message }) => {
      const found = message && /"Query Text": ("(?:[^"\\]|\\.)*")/.exec(message);
      const text = found ? (JSON.parse(found[1]!) as string).trim() : '';
      if (/^(select|update)\b[^]*\bidentity\.(session|api_key)\b/.test(text)) heard.push(text);
    });
    return Reflect.apply(connect, this, given);
  } as typeof connect;
  await administer(template, `create database ${database} template ardoise`);
  for (const setting of [`session_preload_libraries = 'auto_explain'`, 'auto_explain.log_min_duration = 0', 'auto_explain.log_format = json', 'auto_explain.log_level = notice']) await administer(template, `alter database ${database} set ${setting}`);
  const url = new URL(template);
  url.pathname = `/${database}`;
  house = await startHouse({ DATABASE_URL: url.href });
  [acme, rival] = [await house.firm('Acme'), await house.firm('Rival')];
  owner = new Client({ connectionString: url.href });
  await Reflect.apply(connect, owner, []);
}, 60_000);
afterAll(async () => {
  await owner.end();
  await house[Symbol.asyncDispose]();
  await administer(template, `drop database ${database} with (force)`);
  Client.prototype.connect = connect;
});

const identity = (): TestHouse['running']['rooms']['identity'] => house.running.rooms.identity;

/** A gateway's, with a memory of its own. */
function authenticatorOf(reach: Reach): Authenticator {
  // The private half stays where it is: what verifies is x alone.
  const keys = identity().room.keys.sessionKeys.keys.map(({ kid, kty, crv, x, alg }) => ({ kid, kty, crv, x, alg }));
  return new Authenticator({ keys } as KeySet, reach);
}
beforeEach(() => {
  authenticator = authenticatorOf({ kind: 'here', running: identity() });
  heard.length = 0;
});

/** Sessions of the owner of a firm. */
async function sessionsOf(firm: FirmVisitor, count: number): Promise<string[]> {
  const { rows } = await owner.query<{ id: string }>(`
    insert into identity.session (firm_id, person_id, family_hash, refresh_hash, expires_at)
    select firm_id, id, uuidv7(), uuidv7(), now() + interval '1 day' from identity.person, generate_series(1, $2) where firm_id = $1 returning id`, [firm.firmId, count]);
  return rows.map(({ id }) => id);
}

/** API keys that the owner of a firm made. */
async function keysOf(firm: FirmVisitor, count: number): Promise<string[]> {
  const secrets = Array.from({ length: count }, () => `ardoise_${randomBytes(32).toString('base64url')}`);
  await owner.query(`
    insert into identity.api_key (firm_id, person_id, name, scopes, secret_hash)
    select firm_id, id, 'a key', '{chat,ledger:read}', secret from identity.person, unnest($2::text[]) secret where firm_id = $1`, [firm.firmId, secrets.map(hashOf)]);
  return secrets;
}

const hashOf = (secret: string): string => hash('sha256', secret);
const tokenOf = (sessionId: string, issuedAt = Temporal.Now.instant()): Promise<string> => signAccessToken(identity().room.keys.sessionKeys, sessionId, issuedAt);
const demand = async (token: string): Promise<Bearer> => (await authenticator.authenticate(`Bearer ${token}`, 'a request'))!;
const setRole = (firm: FirmVisitor, role: string): Promise<unknown> => owner.query('update identity.person set role = $2 where firm_id = $1', [firm.firmId, role]);

/** Asks until the answer is `wanted`: for what happens by itself, but not at once. */
async function until<T>(ask: () => Promise<T>, wanted: T): Promise<void> {
  const deadline = Date.now() + 5000;
  for (let got = await ask(); got !== wanted; got = await ask()) {
    if (Date.now() > deadline) throw new Error(`it is still ${String(got)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What identity answers its gateway. */
async function ask(sessionIds: readonly string[], apiKeyHashes: readonly string[]): Promise<{ askers: readonly (string | null)[] | undefined; codes: readonly unknown[] }> {
  const document = parse('query ($sessionIds: [ID!]!, $apiKeyHashes: [String!]!) { askersOf(sessionIds: $sessionIds, apiKeyHashes: $apiKeyHashes) { firmId byKey } }');
  const { data, errors } = await executeInRoom(identity(), { document, variables: { sessionIds, apiKeyHashes }, operationName: undefined }, { asker: undefined, requestId: randomUUID(), origin: '' });
  const askers = (data?.['askersOf'] as (Asker | null)[] | undefined)?.map((asker) => asker && `${asker.firmId} ${asker.byKey ? 'key' : 'session'}`);
  return { askers, codes: (errors ?? []).map(({ extensions }) => extensions['code']) };
}

test('a thousand tokens of two firms at once are a few statements, and each stands for its own firm', async () => {
  const [ours, theirs, keys] = [await sessionsOf(acme, 400), await sessionsOf(rival, 400), await keysOf(rival, 200)];
  const tokens = [...(await Promise.all([...ours, ...theirs].map((id) => tokenOf(id)))), ...keys];
  // Strangers and neighbours by turns: whoever got the place of another would be seen.
  const mixed = tokens.map((token, index) => ({ token, firmId: index < 400 ? acme.firmId : rival.firmId, byKey: index >= 800 })).sort((one, other) => (hashOf(one.token) < hashOf(other.token) ? -1 : 1));
  heard.length = 0;
  const bearers = await Promise.all(mixed.map(({ token }) => demand(token)));
  expect(bearers.map(({ asker: { firmId, byKey } }) => ({ firmId, byKey }))).toEqual(mixed.map(({ firmId, byKey }) => ({ firmId, byKey })));
  // Signatures are checked meanwhile, so they do not come in one turn.
  expect(heard.length).toBeLessThan(120);
  await until(async () => (await owner.query<{ noted: boolean }>('select bool_and(last_used_at is not null) as noted from identity.api_key where secret_hash = any($1)', [keys.map(hashOf)])).rows[0]!.noted, true);
  authenticator.forget();
  heard.length = 0;
  expect(new Set(await Promise.all(bearers.map((bearer) => bearer.standing())))).toEqual(new Set(['alive']));
  // Four questions, each about sessions and keys.
  expect(heard).toHaveLength(8);
  expect(heard.filter((text) => text.startsWith('update'))).toEqual([]);
  // What was just answered is believed.
  expect((await Promise.all(bearers.map((bearer) => bearer.isAlive()))).every(Boolean)).toBe(true);
  expect(heard).toHaveLength(8);
}, 30_000);

test('the same token many times at once is one statement, and one object for all who bring it', async () => {
  for (const token of [await tokenOf((await sessionsOf(acme, 1))[0]!), (await keysOf(acme, 1))[0]!]) {
    heard.length = 0;
    const bearers = await Promise.all(Array.from({ length: 50 }, () => demand(token)));
    expect(new Set(bearers).size).toBe(1);
    expect(heard.filter((text) => text.startsWith('select'))).toHaveLength(1);
    authenticator.forget();
    expect(await demand(token)).toBe(bearers[0]);
  }
});

test('a token changes with the role of its person, and is itself again when the role is', async () => {
  const session = await demand(await tokenOf((await sessionsOf(rival, 1))[0]!));
  const [secret] = await keysOf(rival, 1);
  const key = await demand(secret!);
  const standings = async (): Promise<string[]> => {
    authenticator.forget();
    return Promise.all([session.standing(), key.standing()]);
  };
  try {
    await setRole(rival, 'SALES');
    expect(await standings()).toEqual(['changed', 'changed']);
    expect(await session.isAlive()).toBe(false);
    const now = await demand(secret!);
    expect(now).not.toBe(key);
    expect({ before: key.asker.scopes, after: now.asker.scopes, standing: await now.standing() }).toEqual({ before: ['ledger:read', 'chat'], after: ['ledger:read'], standing: 'alive' });
  } finally {
    await setRole(rival, 'OWNER');
  }
  expect(await standings()).toEqual(['alive', 'alive']);
  await owner.query(`update identity.api_key set scopes = '{chat}' where secret_hash = $1`, [hashOf(secret!)]);
  expect(await standings()).toEqual(['alive', 'changed']);
});

test.each([
  ['revoked', 'revoked_at = now()'],
  ['expired', 'expires_at = now()'],
])('a session and a key that are %s have ended, and nobody else has', async (_, change) => {
  const [[id, other], [secret]] = [await sessionsOf(acme, 2), await keysOf(acme, 1)];
  const bearers = await Promise.all([await tokenOf(id!), secret!, await tokenOf(other!)].map(demand));
  await owner.query(`update identity.session set ${change} where id = $1`, [id]);
  await owner.query(`update identity.api_key set ${change} where secret_hash = $1`, [hashOf(secret!)]);
  // Believed until it is forgotten, or for 2.5 seconds.
  expect(await bearers[0]!.standing()).toBe('alive');
  authenticator.forget();
  expect(await Promise.all(bearers.map((bearer) => bearer.standing()))).toEqual(['ended', 'ended', 'alive']);
  for (const token of [await tokenOf(id!), secret!]) await expect(demand(token)).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
});

test('an access token ends at its time, though its session lives and it was found good before', async () => {
  const [id] = await sessionsOf(acme, 1);
  const token = await tokenOf(id!, Temporal.Now.instant().subtract({ seconds: ACCESS_TOKEN_SECONDS - 2 }));
  const bearer = await demand(token);
  expect(await bearer.standing()).toBe('alive');
  await until(() => bearer.standing(), 'ended');
  expect(bearer.expiresAt).toBeLessThanOrEqual(Date.now());
  await expect(demand(token)).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  expect(await (await demand(await tokenOf(id!))).standing()).toBe('alive');
});

test('a good signature over what is no id of a session is UNAUTHENTICATED and asks nobody', async () => {
  for (const id of ['x', '', `' or 1=1 --`, '\u0000', randomUUID().toUpperCase(), hashOf((await keysOf(acme, 1))[0]!)]) {
    heard.length = 0;
    await expect(demand(await tokenOf(id))).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
    expect(heard).toEqual([]);
  }
});

test('identity answers in order, and what is malformed, unknown or of the other kind harms nobody beside it', async () => {
  const [[ours], [theirs], [secret]] = [await sessionsOf(acme, 1), await sessionsOf(rival, 1), await keysOf(rival, 1)];
  const odd = ['', 'x', '\u0000', '\ud800', `${ours!}'`, ours!.toUpperCase(), randomUUID(), hashOf(secret!), 'é'.repeat(3000), '{}', '",'];
  expect(await ask([...odd, ours!, theirs!, ours!], [...odd.filter((name) => name !== hashOf(secret!)), ours!, hashOf(secret!), secret!])).toEqual({
    askers: [...odd.map(() => null), `${acme.firmId} session`, `${rival.firmId} session`, `${acme.firmId} session`, ...odd.map(() => null), `${rival.firmId} key`, null],
    codes: [],
  });
  expect(await ask([], [])).toEqual({ askers: [], codes: [] });
  expect(await ask(Array.from({ length: MOST_ASKERS }, () => ours!), ['x'])).toEqual({ askers: undefined, codes: ['BAD_USER_INPUT'] });
});

test('that a key is used is noted once a minute, and else nothing is written', async () => {
  const [secret] = await keysOf(acme, 1);
  const age = async (): Promise<string> => (await owner.query<{ age: string }>(`select case when last_used_at is null then 'never' when last_used_at > now() - interval '30 seconds' then 'now' else 'before' end as age from identity.api_key where secret_hash = $1`, [hashOf(secret!)])).rows[0]!.age;
  const use = async (): Promise<void> => {
    authenticator.forget();
    heard.length = 0;
    await demand(secret!);
  };
  expect(await age()).toBe('never');
  await use();
  await until(age, 'now');
  await owner.query(`update identity.api_key set last_used_at = now() - interval '50 seconds' where secret_hash = $1`, [hashOf(secret!)]);
  await use();
  expect(heard.filter((text) => text.startsWith('update'))).toEqual([]);
  expect(await age()).toBe('before');
  await owner.query(`update identity.api_key set last_used_at = now() - interval '61 seconds' where secret_hash = $1`, [hashOf(secret!)]);
  await use();
  await until(age, 'now');
});

test('a key that somebody changes just now is answered all the same, and noted later', async () => {
  const [secret] = await keysOf(acme, 1);
  await owner.query('begin');
  await owner.query('select from identity.api_key where secret_hash = $1 for update', [hashOf(secret!)]);
  const bearer = await demand(secret!);
  await owner.query('commit');
  expect(bearer.asker.firmId).toBe(acme.firmId);
});

test('identity out of reach, or with an answer that is too short, is UNAVAILABLE for everybody who asks, and is asked again', async () => {
  const reach = { kind: 'here' as const, running: identity() };
  authenticator = authenticatorOf(reach);
  const tokens = await Promise.all((await sessionsOf(acme, 3)).map((id) => tokenOf(id)));
  const [first] = await Promise.all(tokens.map(demand));
  const short = buildSchema('type Query { askersOf(sessionIds: [ID!]!, apiKeyHashes: [String!]!): [Asker]! } type Asker { firmId: ID userId: ID byKey: Boolean role: String scopes: [String!] }');
  short.getQueryType()!.getFields()['askersOf']!.resolve = () => [{ firmId: rival.firmId, role: 'OWNER', scopes: [] }];
  const noDatabase = (): never => {
    throw new Error('no database');
  };
  const lost = { ...identity().room, db: { asSystem: noDatabase } } as unknown as ReturnType<typeof identity>['room'];
  for (const broken of [{ ...identity(), schema: short }, { ...identity(), room: lost }]) {
    reach.running = broken;
    authenticator.forget();
    for (const answer of await Promise.allSettled([...tokens.map(demand), first!.standing()])) expect(answer).toMatchObject({ status: 'rejected', reason: { extensions: { code: 'UNAVAILABLE' } } });
    reach.running = identity();
    expect(await Promise.all([...tokens.map(async (token) => (await demand(token)).asker.firmId), first!.standing()])).toEqual([acme.firmId, acme.firmId, acme.firmId, 'alive']);
  }
});

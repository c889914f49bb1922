import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importJWK, SignJWT, type JWTPayload } from 'jose';
import { parse } from 'graphql';
import { makeKeyFiles, readKeySet, type KeySet } from '../../src/keys.js';
import { ROOMS, type RoomName } from '../../src/rooms.js';
import { ASSERTION_HEADER, AssertionSigner, AssertionVerifier } from '../../src/server/assertion.js';
import { SCOPES, type Asker } from '../../src/server/asker.js';
import { executeInRoom } from '../../src/server/execute.js';
import { serveSubgraph } from '../../src/server/serve-subgraph.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import type { DoorWorld } from './world.js';

/**
 * A36. Eve reaches the rooms' own ports, past the gateway. She knows everybody's firm ids and the form of an assertion; she
 * has one that was used, one that is old, one for another room, the sessions' key, the public key, and patience.
 * Pass: all four rooms refuse everything, entities, streams and files included, with one answer.
 */
export const subgraphDirectly: DoorAttack = {
  id: 'A36',
  title: 'a subgraph directly: forged, stale, _entities',
  passLine: 'refused, all',
  passes: never,
  run: async (world) => {
    const directory = await mkdtemp(join(tmpdir(), 'ardoise-attack-'));
    try {
      const files = await makeKeyFiles(directory);
      const keys: Keys = { gateway: await readKeySet(files.assertionKey), published: await readKeySet(files.assertionPublicKey), session: await readKeySet(files.sessionKey) };
      const product = await Promise.all(ROOMS.map(async (room) => {
        const served = await serveSubgraph(world.network.house.running.rooms[room], new AssertionVerifier(room, keys.published), '127.0.0.1', 0);
        try {
          return await attackRoom(world, room, served.port, keys);
        } finally {
          await served.stop();
        }
      }));
      const believing = await serveBelieving(world);
      try {
        const control = await attackRoom(world, 'community', (believing.address() as AddressInfo).port, keys);
        return { product: sum(product), control };
      } finally {
        believing.closeAllConnections();
        believing.close();
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

type Answered = Achieved & { readonly answered: number };

interface Keys {
  readonly gateway: KeySet;
  readonly published: KeySet;
  readonly session: KeySet;
}

const REFUSED = /^401 .*"code":"UNAUTHENTICATED"/;

async function attackRoom(world: DoorWorld, room: RoomName, port: number, keys: Keys): Promise<Answered> {
  const victim = world.members[1]!;
  const asker: Asker = { firmId: victim.firmId, userId: randomUUID(), role: 'OWNER', scopes: SCOPES };
  const query = `{ _entities(representations: [{ __typename: "Customer", id: "${world.circles.six.ids.get(victim)!}" }]) { __typename } }`;
  const letIn: string[] = [];
  let tried = 0;
  const attempts = await attemptsOn(room, asker, keys);
  for (const [name, headers] of attempts) {
    for (const path of ['/graphql', '/graphql/stream', '/uploads/00000000-0000-7000-8000-000000000000']) {
      // Only portfolios takes files.
      if (path.startsWith('/uploads') && room !== 'portfolios') continue;
      tried += 1;
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: path.startsWith('/uploads') ? 'PUT' : 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query: path.endsWith('stream') ? 'subscription { inboxChanged { id } }' : query }) });
      const answer = `${response.status} ${await response.text()}`;
      if (!REFUSED.test(answer)) letIn.push(`${name} at ${path}`);
    }
  }
  return { ...achieved(tried, letIn.length, letIn.length === 0 ? 'refused' : `${room} answered ${letIn.length}, e.g. ${letIn.slice(0, 4).join(', ')}`), answered: letIn.length };
}

/** Everything that somebody might take for an assertion. */
async function attemptsOn(room: RoomName, asker: Asker, keys: Keys): Promise<readonly (readonly [string, Readonly<Record<string, string>>])[]> {
  const asking = { asker, requestId: randomUUID(), origin: 'http://localhost' };
  const signer = await AssertionSigner.from(keys.gateway);
  const now = Math.floor(Date.now() / 1000);
  const claims = { ...asker, requestId: asking.requestId, origin: asking.origin, iss: 'ardoise-gateway', aud: room, jti: randomUUID(), iat: now, exp: now + 30 };
  const signed = async (change: JWTPayload, from = keys.gateway, header: object = {}): Promise<string> => {
    const key = from.keys[0]!;
    return new SignJWT({ ...claims, jti: randomUUID(), ...change }).setProtectedHeader({ alg: 'EdDSA', kid: key.kid, ...header }).sign(await importJWK(key, 'EdDSA'));
  };
  const without = async (name: string): Promise<string> => signed({ [name]: undefined });
  const good = await signed({});
  const [head, , signature] = good.split('.');
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hmac = (secret: string): string => {
    const text = `${encode({ alg: 'HS256', kid: keys.published.keys[0]!.kid })}.${encode(claims)}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const other = ROOMS.find((name) => name !== room)!;
  const tokens: Record<string, string> = {
    'an empty word': '', 'three words': 'ey.ey.ey', 'no signature': `${encode({ alg: 'none' })}.${encode(claims)}.`, 'no algorithm': `${encode({})}.${encode(claims)}.${signature}`,
    'somebody else\'s signature': `${head}.${encode({ ...claims, firmId: randomUUID() })}.${signature}`, 'HMAC with the public key': hmac(JSON.stringify(keys.published.keys[0])), 'HMAC with the key\'s x': hmac(String(keys.published.keys[0]!['x'])),
    'the key of sessions': await signed({}, keys.session), 'the key of sessions under the gateway\'s name': await signed({}, keys.session, { kid: keys.gateway.keys[0]!.kid }), 'a key in its own header': await signed({}, keys.session, { jwk: keys.session.keys[0] }),
    'for another room': await signer.sign(other, asking), 'for nobody': await without('aud'), 'for all rooms by a pattern': await signed({ aud: '*' }),
    'an old one': await signed({ iat: now - 120, exp: now - 90 }), 'an old one that lives for ever': await signed({ iat: now - 3600, exp: now + 86_400 }), 'no end': await without('exp'), 'no beginning': await without('iat'), 'no number': await without('jti'),
    'from tomorrow': await signed({ iat: now + 86_400, exp: now + 86_430 }), 'by another issuer': await signed({ iss: 'mallory' }), 'no issuer': await without('iss'),
  };
  return [
    ['nothing', {}],
    ['a plain header that names a firm', { 'x-firm-id': asker.firmId, 'x-ardoise-firm': asker.firmId, 'x-ardoise-asker': JSON.stringify(asker), authorization: `Bearer ${asker.firmId}` }],
    ['a bearer', { authorization: `Bearer ${good}` }],
    ...Object.entries(tokens).map(([name, token]) => [name, { [ASSERTION_HEADER]: token }] as const),
  ];
}

/** A room that takes anybody's word for who asks, be it in a header or in a token that nobody checks. */
async function serveBelieving({ network }: DoorWorld): Promise<Server> {
  const server = createServer((incoming, response) => {
    const said = String(incoming.headers[ASSERTION_HEADER] ?? incoming.headers['authorization'] ?? '').split('.')[1];
    const firmId = incoming.headers['x-firm-id'] ?? (said === undefined ? undefined : read(said)['firmId']);
    const asker = { firmId: String(firmId), userId: randomUUID(), role: 'OWNER' as const, scopes: SCOPES };
    const document = parse('{ community { member sharing joinedAt } }');
    void executeInRoom(network.house.running.rooms.community, { document, variables: {}, operationName: undefined }, { asker, requestId: 'r', origin: '' })
      .then((result) => response.writeHead(result.errors ? 401 : 200).end(JSON.stringify(result)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function read(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function sum(rooms: readonly Answered[]): Achieved {
  const talkative = rooms.filter(({ answered }) => answered > 0);
  return achieved(rooms.reduce((total, { trials }) => total + trials, 0), rooms.reduce((total, { answered }) => total + answered, 0), talkative.length === 0 ? `${rooms.length} rooms refuse all` : talkative.map(({ said }) => said).join('; '));
}

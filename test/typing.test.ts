import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readSettings } from '../src/settings.js';
import { openHouse } from '../subgraphs/house.js';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';
import { act, block, openTalk, say, type Refused, type Side } from './peers.js';

/** Typing: shown to whom one has revealed oneself to, and to nobody else. */
let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const twoFirms = (): Promise<[FirmVisitor, FirmVisitor]> => Promise.all([house.firm(), house.firm()]);
const NOT_ALLOWED = [{ code: 'NOT_ALLOWED', path: ['input', 'conversationId'] }];

async function type({ firm, conversationId }: Side, typing: boolean): Promise<readonly Refused[]> {
  const { typingSet } = await firm.get<{ typingSet: { userErrors: readonly Refused[] } }>('mutation ($input: TypingSetInput!) { typingSet(input: $input) { userErrors { code path } } }', { input: { conversationId, typing } });
  return typingSet.userErrors;
}

/** What the subscription says of the peer. The server has it once an operation sent after it is answered. */
async function listen({ firm, conversationId }: Side) {
  const client = firm.socket();
  const results = client.iterate<{ peerTyping: { typing: boolean } }>({ query: 'subscription ($id: ID!) { peerTyping(conversationId: $id) { typing } }', variables: { id: conversationId } });
  const { hints } = house.running.rooms.community.room;
  let isHeard: () => void = () => undefined;
  const heard = new Promise<void>((resolve) => (isHeard = resolve));
  const subscribe = hints.subscribe.bind(hints);
  const listeners: (() => void)[] = [];
  hints.subscribe = (topic, listener) => {
    if (topic.startsWith('typing')) listeners.push(listener);
    if (topic.startsWith('typing-stopped:')) isHeard();
    return subscribe(topic, listener);
  };
  const first = results.next();
  await heard;
  Reflect.deleteProperty(hints, 'subscribe');
  const steps = [first];
  return { next: async () => (await (steps.shift() ?? results.next())) as { done?: boolean; value?: { data: { peerTyping: { typing: boolean } } } }, leave: () => client.dispose(), listeners };
}

async function reveal(...sides: readonly Side[]): Promise<void> {
  for (const side of sides) expect(await act(side, 'identityReveal')).toEqual([]);
}

test('before both are revealed it is refused, whatever the peer did, and nothing is told', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  const refusals = async (): Promise<string> => {
    const client = acme.firm.socket();
    const heard = await client.iterate({ query: 'subscription ($id: ID!) { peerTyping(conversationId: $id) { typing } }', variables: { id: acme.conversationId } }).next().then(() => 'heard', (error: unknown) => JSON.stringify(error).replace(/"requestId":"[^"]+"/g, ''));
    await client.dispose();
    return `${JSON.stringify(await type(acme, true))} ${heard}`;
  };
  const before = await refusals();
  expect(before).toContain(JSON.stringify(NOT_ALLOWED));
  expect(before).toContain('FORBIDDEN');
  await reveal(rival);
  expect(await refusals()).toBe(before);
  expect(await type(rival, true)).toEqual(NOT_ALLOWED);
});

test('once both are revealed each sees when the other types and stops; its own typing it does not', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  await reveal(acme, rival);
  const [mine, theirs] = [await listen(acme), await listen(rival)];
  expect(await type(acme, true)).toEqual([]);
  expect((await theirs.next()).value!.data.peerTyping.typing).toBe(true);
  expect(await type(acme, false)).toEqual([]);
  expect((await theirs.next()).value!.data.peerTyping.typing).toBe(false);
  await type(rival, true);
  // The first that it hears is the peer's.
  expect((await mine.next()).value!.data.peerTyping.typing).toBe(true);
  await Promise.all([mine.leave(), theirs.leave()]);
});

test('typing ends by itself, and after hints were lost nobody types', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  await reveal(acme, rival);
  const theirs = await listen(rival);
  await type(acme, true);
  expect((await theirs.next()).value!.data.peerTyping.typing).toBe(true);
  const from = performance.now();
  expect((await theirs.next()).value!.data.peerTyping.typing).toBe(false);
  expect(performance.now() - from).toBeGreaterThan(4500);
  expect(performance.now() - from).toBeLessThan(9000);
  // As after a time in which hints may have been lost: every listener is told, in the order in which they came.
  expect(theirs.listeners).toHaveLength(2);
  for (const listener of theirs.listeners) listener();
  await type(acme, true);
  // Nothing was said in between.
  expect((await theirs.next()).value!.data.peerTyping.typing).toBe(true);
  await theirs.leave();
}, 20_000);

test('it goes from one process to another', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  await reveal(acme, rival);
  const theirs = await listen(rival);
  const other = await openHouse(readSettings({ PORT: '0', HOST: '127.0.0.1', DATABASE_URL: house.databaseUrl, ARDOISE_DATA_DIR: house.dataDir, ARDOISE_DEMO: '0', ARDOISE_SANDBOX: '1', ARDOISE_LOG_LEVEL: 'fatal' }));
  try {
    const elsewhere = new Visitor({ url: other.url } as TestHouse, acme.firm.token);
    await elsewhere.get('mutation ($input: TypingSetInput!) { typingSet(input: $input) { userErrors { code } } }', { input: { conversationId: acme.conversationId, typing: true } });
    expect((await theirs.next()).value!.data.peerTyping.typing).toBe(true);
  } finally {
    await theirs.leave();
    await other.stop();
  }
}, 20_000);

test('however often it is said, it is one hint a second', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  await reveal(acme, rival);
  const { hints } = house.running.rooms.community.room;
  const publish = hints.publish.bind(hints);
  const told: string[] = [];
  hints.publish = (topic) => {
    if (topic.startsWith('typing')) told.push(topic);
    publish(topic);
  };
  const from = performance.now();
  for (let round = 0; round < 3; round += 1) await Promise.all(Array.from({ length: 10 }, () => type(acme, true)));
  const seconds = (performance.now() - from) / 1000;
  Reflect.deleteProperty(hints, 'publish');
  expect(told.length).toBeGreaterThanOrEqual(1);
  expect(told.length).toBeLessThanOrEqual(1 + Math.floor(seconds));
});

test.each([
  ['closed', (acme: Side) => act(acme, 'conversationClose')],
  ['blocked', (acme: Side) => block(acme.firm, { peerId: acme.peerId })],
  ['left', (acme: Side) => acme.firm.get('mutation { communityLeave { userErrors { code } } }')],
])('it ends within five seconds when the conversation is %s, not at a message, and can be told no more', async (_, end) => {
  const [acme, rival] = await openTalk(await twoFirms());
  await reveal(acme, rival);
  const theirs = await listen(rival);
  await say(acme, 'Bonjour');
  await type(acme, true);
  expect((await theirs.next()).value!.data.peerTyping.typing).toBe(true);
  const from = performance.now();
  await end(acme);
  let step = await theirs.next();
  while (!step.done) step = await theirs.next();
  expect(performance.now() - from).toBeLessThan(5000);
  await theirs.leave();
  for (const side of [acme, rival]) expect(await type(side, true)).toEqual(NOT_ALLOWED);
}, 15_000);

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readPageClient } from '../faults/page-client.js';
import { openConversation, type Side } from './conversation.js';
import type { PageNews, PageOrder } from './page-client-process.js';
import { endProcess, startSplitHouse, type SplitHouse } from './split-house.js';

/** How long the client of the page is tried beyond one fault of each kind. */
const MINUTES = Number(process.env['CHAT_PAGE_MINUTES'] ?? 0);

let house: SplitHouse;
beforeAll(async () => {
  house = await startSplitHouse({}, { proxied: ['doors', 'community'] });
}, 90_000);
afterAll(() => house[Symbol.asyncDispose](), 30_000);

test('the client of the page has forty lines', async () => {
  expect((await readPageClient()).trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});

interface Text {
  readonly seq: number;
  readonly body: string;
}

/** The page's client in a process of its own, and what it says. */
class Talker {
  readonly told: Text[] = [];
  readonly sent: Text[] = [];
  quiet = false;
  closed = false;
  readonly exit: Promise<readonly unknown[]>;
  readonly #child: ChildProcess;
  #said = '';

  constructor({ firm, conversationId }: Side, readonly name: string) {
    const order: PageOrder = { url: `${firm.house.url}/graphql`, token: firm.token!, conversationId, name };
    this.#child = fork(join(import.meta.dirname, 'page-client-process.js'), [JSON.stringify(order)], { execArgv: ['--no-warnings'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr!.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    this.#child.on('message', (news: PageNews) => {
      if ('told' in news) this.told.push(news.told);
      else if ('sent' in news) this.sent.push(news.sent);
      else if ('quiet' in news) this.quiet = true;
      else this.closed = true;
    });
    this.exit = once(this.#child, 'exit');
  }

  /** Until it was told and has sent so many more. */
  async more(count: number): Promise<void> {
    const [told, sent] = [this.told.length + count, this.sent.length + count];
    for (const end = Date.now() + 60_000; this.told.length < told || this.sent.length < sent; await new Promise((resolve) => setTimeout(resolve, 20))) {
      if (Date.now() > end || this.#child.exitCode !== null) throw new Error(`${this.name} does not go on at ${this.told.length} told, ${this.sent.length} sent: ${this.#said}`);
    }
  }

  stopSending(): void {
    this.#child.send('enough');
  }

  end(): Promise<void> {
    return endProcess(this.#child);
  }
}

/** One fault after another, each while both talk. */
const FAULTS: readonly (readonly [string, (house: SplitHouse) => Promise<unknown>])[] = [
  ['the community process is killed', async ({ communities: [community] }) => (await community!.kill(), community!.revive())],
  ['the gateway is killed', async ({ gateways: [gateway] }) => (await gateway!.kill(), gateway!.revive())],
  ['all connections are reset', async ({ proxies }) => proxies.doors![0]!.cut('reset')],
  ['all connections are ended', async ({ proxies }) => proxies.doors![0]!.cut('end')],
  ['answers to clients are lost', ({ proxies }) => proxies.doors![0]!.loseAnswers(5)],
  ['answers to the gateway are lost after the commit', ({ proxies }) => proxies.community!.loseAnswers(5, (bytes) => bytes.includes('"messageSend"'))],
  ['all connections fall silent, and nobody is told', async ({ proxies }) => proxies.doors![0]!.strand()],
  ['the gateway stops in order', async ({ gateways: [gateway] }) => (await endProcess(gateway!.child), gateway!.revive())],
];

test('the client of the page loses nothing, doubles nothing and keeps the order, whatever is killed under it, and stops when the conversation is closed', async () => {
  const sides = await openConversation(await house.asOwner(), [await house.firm(), await house.firm()]);
  const talkers = sides.map((side, place) => new Talker(side, `side ${place}`));
  try {
    await Promise.all(talkers.map((talker) => talker.more(5)));
    for (const [, make] of FAULTS) {
      await make(house);
      await Promise.all(talkers.map((talker) => talker.more(5)));
    }
    // For longer, when it is asked for: whichever fault comes, again and again.
    let times = FAULTS.length;
    for (const end = Date.now() + 60_000 * MINUTES; Date.now() < end; times += 1) {
      await FAULTS[Math.floor(Math.random() * FAULTS.length)]![1](house);
      await Promise.all(talkers.map((talker) => talker.more(Math.floor(50 * Math.random()))));
    }
    for (const talker of talkers) talker.stopSending();
    while (!talkers.every(({ quiet }) => quiet)) await new Promise((resolve) => setTimeout(resolve, 20));
    await sides[0].firm.get('mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { conversation { state } userErrors { code } } }', { id: sides[0].conversationId });
    for (const talker of talkers) expect(await talker.exit).toEqual([0, null]);
    const count = talkers[0]!.sent.length + talkers[1]!.sent.length;
    for (const { told, closed } of talkers) {
      expect(closed).toBe(true);
      expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
      for (const { name, sent } of talkers) expect(told.filter(({ body }) => body.startsWith(`${name} `))).toEqual(sent);
    }
    if (MINUTES > 0) console.info(`${times} faults, ${count} messages: none lost, none doubled, all in order.`);
  } finally {
    for (const talker of talkers) await talker.end();
  }
}, 180_000 + 60_000 * MINUTES);

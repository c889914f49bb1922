import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { openConversation, persist, sendMessage, type Sent, type Side } from './conversation.js';
import { Follower } from './follower.js';
import { startHouse, type FirmVisitor } from './house.js';
import { endProcess, freePort, startSplitHouse, type SplitHouse } from './split-house.js';

const hasNats = spawnSync('nats-server', ['--version']).status === 0;
if (!hasNats) console.warn('nats-server is not on the PATH: what several processes tell one another over NATS is not tried.');

/** A NATS server that may go and come back. */
class Nats {
  #server: ChildProcess | undefined;
  private constructor(readonly port: number) {}

  static async start(): Promise<Nats> {
    const nats = new Nats(await freePort());
    await nats.start();
    return nats;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.#server = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(this.port)], { stdio: 'ignore' });
    for (;;) {
      const socket = connect(this.port, '127.0.0.1');
      const answers = await Promise.race([once(socket, 'connect').then(() => true, () => false), once(socket, 'error').then(() => false)]);
      socket.destroy();
      if (answers) return;
    }
  }

  async stop(): Promise<void> {
    if (this.#server) await endProcess(this.#server);
  }
}

describe.each([['PostgreSQL', false], ...(hasNats ? [['NATS', true]] as const : [])] as const)('two gateways and two community processes over %s', (_name, overNats) => {
  let nats: Nats | undefined;
  let house: SplitHouse;
  let owner: Client;
  let firms: readonly [FirmVisitor, FirmVisitor];
  beforeAll(async () => {
    nats = overNats ? await Nats.start() : undefined;
    house = await startSplitHouse({}, { gateways: 2, communities: 2, ...(nats && { nats: nats.url }) });
    owner = await house.asOwner();
    firms = [await house.doors[0]!.firm(), await house.doors[1]!.firm()];
  }, 90_000);
  afterAll(async () => {
    await house[Symbol.asyncDispose]();
    await nats?.stop();
  }, 30_000);

  /** The same side at the other gateway. */
  const elsewhere = ({ firm, conversationId }: Side): Side => ({ firm: firm.at(firm.house === house.doors[0] ? house.doors[1]! : house.doors[0]!), conversationId });

  /** Sends messages one after another until it is enough, each for as long as it takes. */
  async function sendUntil(enough: (sent: number) => boolean, side: Side, name: string): Promise<readonly Sent[]> {
    const sent: Sent[] = [];
    for (let index = 0; !enough(index); index += 1) {
      const clientId = randomUUID();
      // A retry may go to any gateway; a process that lives has to give the message that a dead one wrote.
      let attempt = 0;
      sent.push(await persist(() => sendMessage((attempt += 1) % 2 ? side : elsewhere(side), `${name} ${index}`, clientId)));
    }
    return sent;
  }

  /** Until all of them were told the message of this number. */
  async function reach(followers: readonly Follower[], seq: number): Promise<void> {
    await Promise.all(followers.map((follower) => follower.upTo(seq)));
  }

  test('what is sent at once by both in several conversations reaches every reader once and in one order', async () => {
    const conversations = [await openConversation(owner, firms), await openConversation(owner, firms), await openConversation(owner, firms)];
    const each = 12;
    // Each side reads twice, once by each gateway: its streams come from both community processes.
    const followers = conversations.map((sides) => sides.flatMap((side) => [new Follower(side), new Follower(elsewhere(side))]));
    const sent = await Promise.all(conversations.map((sides) => Promise.all(sides.map((side, place) => sendUntil((count) => count === each, side, `side ${place}`)))));
    for (const [index, those] of followers.entries()) {
      await reach(those, 2 * each);
      const [first, ...others] = those;
      expect(first!.told.map(({ seq }) => seq)).toEqual(Array.from({ length: 2 * each }, (_, seq) => seq + 1));
      for (const other of others) expect(other.told).toEqual(first!.told);
      for (const [place, those] of sent[index]!.entries()) {
        expect(first!.told.filter(({ body }) => body.startsWith(`side ${place} `))).toEqual(those.map(({ seq }, message) => ({ seq, body: `side ${place} ${message}` })));
      }
      for (const follower of those) await follower[Symbol.asyncDispose]();
    }
  }, 60_000);

  test('a hint crosses processes: a message comes long before anybody would look again', async () => {
    const sides = await openConversation(owner, firms);
    const followers = sides.flatMap((side) => [side, elsewhere(side), side, elsewhere(side)]).map((side) => new Follower(side));
    await sendMessage(sides[0], 'warm');
    await reach(followers, 1);
    const waits: number[] = [];
    for (let seq = 2; seq < 12; seq += 1) {
      const from = performance.now();
      await sendMessage(sides[seq % 2]!, `message ${seq}`);
      await reach(followers, seq);
      waits.push(performance.now() - from);
    }
    // Without hints the streams of the other process look every two seconds: then no median of ten is below one.
    expect(waits.toSorted((a, b) => a - b)[5]!).toBeLessThan(500);
    for (const follower of followers) await follower[Symbol.asyncDispose]();
  }, 60_000);

  test('a community process and a gateway are killed in between, and nobody misses or doubles anything', async () => {
    const conversations = [await openConversation(owner, firms), await openConversation(owner, firms)];
    let over = false;
    const followers = conversations.map((sides) => sides.flatMap((side) => [new Follower(side), new Follower(elsewhere(side))]));
    const sending = Promise.all(conversations.map((sides) => Promise.all(sides.map((side, place) => sendUntil(() => over, side, `side ${place}`)))));
    for (const victim of [house.communities[1]!, house.gateways[0]!]) {
      // In the middle of it: every conversation goes on before the next one dies.
      await Promise.all(followers.map(([first]) => first!.upTo(first!.told.length + 5)));
      await victim.kill();
      await victim.revive();
    }
    over = true;
    const sent = await sending;
    for (const [index, those] of followers.entries()) {
      const count = sent[index]!.flat().length;
      await reach(those, count);
      for (const { told } of those) {
        expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, seq) => seq + 1));
        for (const [place, acknowledged] of sent[index]!.entries()) {
          expect(told.filter(({ body }) => body.startsWith(`side ${place} `))).toEqual(acknowledged.map(({ seq }, message) => ({ seq, body: `side ${place} ${message}` })));
        }
      }
      // Whom the kills did not reach, they have not tried.
      expect(those.reduce((sum, { resumptions }) => sum + resumptions, 0)).toBeGreaterThan(0);
      for (const follower of those) await follower[Symbol.asyncDispose]();
    }
  }, 120_000);

  test('inboxChanged tells of a message that another process wrote', async () => {
    const sides = await openConversation(owner, firms);
    const clients = [sides[1], elsewhere(sides[1]), sides[1], elsewhere(sides[1])].map(({ firm }) => firm.socket());
    const inboxes = clients.map((client) => client.iterate<{ inboxChanged: { id: string; lastSeq: number } }>({ query: 'subscription { inboxChanged { id lastSeq } }' }));
    const heard = inboxes.map(async (inbox) => {
      for await (const { data } of inbox) if (data?.inboxChanged.id === sides[1].conversationId) return data.inboxChanged;
      return undefined;
    });
    // When a subscription begins nobody is told: it is written until all have heard.
    const telling = setInterval(() => void sendMessage(sides[0], 'hello'), 200);
    const changes = await Promise.all(heard);
    clearInterval(telling);
    for (const change of changes) expect(change).toEqual({ id: sides[1].conversationId, lastSeq: expect.any(Number) });
    for (const client of clients) await client.dispose();
  }, 30_000);

  test('lost hints are made up for by looking again', async () => {
    const sides = await openConversation(owner, firms);
    const followers = sides.flatMap((side) => [side, elsewhere(side)]).map((side) => new Follower(side));
    await sendMessage(sides[0], 'warm');
    await reach(followers, 1);
    if (nats) await nats.stop();
    else await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ardoise hints' and datname = current_database()`);
    for (let seq = 2; seq < 8; seq += 1) await sendMessage(sides[seq % 2]!, `message ${seq}`);
    await reach(followers, 7);
    for (const { told, resumptions } of followers) {
      expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(resumptions).toBe(0);
    }
    await nats?.start();
    for (const follower of followers) await follower[Symbol.asyncDispose]();
  }, 60_000);
});

describe('a notification', () => {
  /** Who told hints over PostgreSQL while `work` ran: for each, what its connection is for and what it ran last. */
  async function notifiersOf(owner: Client, work: () => Promise<void>): Promise<readonly { readonly application_name: string; readonly query: string }[]> {
    const pids = new Set<number>();
    owner.on('notification', ({ processId }) => pids.add(processId));
    await owner.query('listen ardoise_hint');
    await work();
    for (const end = Date.now() + 10_000; pids.size === 0 && Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) await owner.query('select 1');
    await owner.query('unlisten *');
    const { rows } = await owner.query<{ application_name: string; query: string }>('select application_name, query from pg_stat_activity where pid = any($1)', [[...pids]]);
    return rows;
  }

  test('comes from a connection that does nothing else: no message is written in the transaction that notifies', async () => {
    await using house = await startHouse();
    const owner = await house.asOwner();
    const sides = await openConversation(owner, [await house.firm(), await house.firm()]);
    const chat = async (): Promise<void> => void (await Promise.all(Array.from({ length: 10 }, (_, index) => sendMessage(sides[index % 2]!, `message ${index}`))));
    const notifiers = await notifiersOf(owner, chat);
    expect(notifiers).toEqual([{ application_name: 'ardoise hints', query: 'select pg_notify($1, $2)' }]);
    // No trigger of the database notifies either.
    expect((await owner.query(`select proname from pg_proc where prosrc ~* '\\mnotify\\M|pg_notify' and pronamespace <> 'pg_catalog'::regnamespace`)).rows).toEqual([]);
    // The same with a notification planted into the message's transaction: it is seen.
    await owner.query(`create function community.planted() returns trigger language plpgsql security definer as $$ begin perform pg_notify('ardoise_hint', 'planted'); return new; end $$`);
    await owner.query('create trigger planted after insert on community.message for each row execute function community.planted()');
    expect((await notifiersOf(owner, chat)).some(({ application_name }) => application_name !== 'ardoise hints')).toBe(true);
    expect((await owner.query(`select proname from pg_proc where prosrc ~* '\\mnotify\\M|pg_notify' and pronamespace <> 'pg_catalog'::regnamespace`)).rows).toEqual([{ proname: 'planted' }]);
  });
});

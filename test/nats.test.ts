import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Client } from 'pg';
import { carry, EventReader } from '../src/events/carry-events.js';
import { connectNats } from '../src/events/connect-nats.js';
import { MemoryHints } from '../src/events/hints.js';
import { openHints, type Wires } from '../src/events/open-hints.js';
import { openLog } from '../src/log.js';
import { readSettings } from '../src/settings.js';
import { ruleOf } from './alert-watcher.js';
import { customerOf } from './bookkeeper.js';
import { CommunityRoom } from './community-room.js';
import { randomSiren, type FirmVisitor } from './house.js';
import { endProcess, freePort, startSplitHouse } from './split-house.js';

const hasNats = spawnSync('nats-server', ['--version']).status === 0;
if (!hasNats) console.warn('nats-server is not on the PATH: the tests of the form that uses NATS are skipped.');

const log = openLog('fatal');

/** Resolves when `topic` is hinted at `hints` after `tell`, which is repeated: hints may be lost, and say so here as a time-out. */
async function hears(hints: { subscribe(topic: string, listener: () => void): () => void }, topic: string, tell: () => void): Promise<void> {
  const heard = Promise.withResolvers<void>();
  const leave = hints.subscribe(topic, heard.resolve);
  const telling = setInterval(tell, 50);
  tell();
  await heard.promise;
  clearInterval(telling);
  leave();
}

async function tryHints(first: Wires, second: Wires): Promise<void> {
  const topic = 'conversation:0190f0a0-0000-7000-8000-000000000000';
  await hears(second.hints, topic, () => first.hints.publish(topic));
  await hears(first.hints, topic, () => second.hints.publish(topic));
  // A process tells its own listeners itself, at once and once.
  let count = 0;
  first.hints.subscribe('own', () => (count += 1));
  first.hints.publish('own');
  expect(count).toBe(1);
  await hears(second.hints, 'after', () => first.hints.publish('after'));
  expect(count).toBe(1);
}

describe('hints over PostgreSQL', () => {
  const url = process.env['ARDOISE_TEST_DATABASE_URL']!;
  const elsewhere = new URL(url);
  elsewhere.pathname = '/postgres';
  const open = (): Promise<Wires> => openHints(readSettings({}), elsewhere.href, log);

  test('reach the other process, and go on by themselves after their connections were cut', async () => {
    const [first, second] = [await open(), await open()];
    try {
      await tryHints(first, second);
      const client = new Client({ connectionString: elsewhere.href });
      await client.connect();
      await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ardoise hints' and datname = current_database()`);
      await client.end();
      await hears(second.hints, 'again', () => first.hints.publish('again'));
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });

  test('of one process need no connection', async () => {
    const hints = new MemoryHints();
    await hears(hints, 'here', () => hints.publish('here'));
  });
});

(hasNats ? describe : describe.skip)('with NATS', () => {
  let port: number;
  let server: ChildProcess;
  let nats: string;
  async function startNats(): Promise<void> {
    server = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    for (;;) {
      const socket = connect(port, '127.0.0.1');
      const connected = await Promise.race([once(socket, 'connect').then(() => true, () => false), once(socket, 'error').then(() => false)]);
      socket.destroy();
      if (connected) return;
    }
  }
  beforeAll(async () => {
    port = await freePort();
    nats = `nats://127.0.0.1:${port}`;
    await startNats();
  });
  afterAll(() => endProcess(server));

  test('hints reach the other process, and go on by themselves after NATS was gone', async () => {
    const open = (): Promise<Wires> => openHints(readSettings({ NATS_URL: nats }), 'postgres://nowhere', log);
    const [first, second] = [await open(), await open()];
    try {
      await tryHints(first, second);
      await endProcess(server);
      await startNats();
      await hears(second.hints, 'again', () => first.hints.publish('again'));
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });

  test.each([['a database of their own', true], ['one database', false]])('rooms with %s tell one another what happened, once each, and follow one clock', async (_name, separateDatabases) => {
    const house = await startSplitHouse({}, { nats, separateDatabases });
    await using _closing = house;
    const acme = await house.firm();
    await house.moveClock('2020-03-01');
    const customer = await settleInvoices(acme);
    // One that was added this moment may still be on its way: scoring asks the room that tells of it.
    await ruleOf(acme, { metric: 'DSO', delta: 1, customerId: await customerOf(acme, 'C-2') });
    await house.moveClock('2021-01-10');
    // Scoring has its own database: only events can have told it of these invoices, and only the clock that they are a year old.
    expect(await acme.get('query ($id: ID!) { customer(id: $id) { paymentBehaviour { invoiceCount averageDaysBeyondTerms } } }', { id: customer })).toEqual({
      customer: { paymentBehaviour: { invoiceCount: 3, averageDaysBeyondTerms: 10 } },
    });
  }, 120_000);

  test('what is told while a reader is down reaches it when it is back', async () => {
    const house = await startSplitHouse({}, { nats, separateDatabases: true });
    await using _closing = house;
    const acme = await house.firm();
    await house.moveClock('2020-03-01');
    house.processes['scoring']!.kill('SIGSTOP');
    const customer = await settleInvoices(acme);
    house.processes['scoring']!.kill('SIGCONT');
    await house.moveClock('2021-01-10');
    expect(await acme.get('query ($id: ID!) { customer(id: $id) { paymentBehaviour { invoiceCount } } }', { id: customer })).toEqual({ customer: { paymentBehaviour: { invoiceCount: 3 } } });
  }, 120_000);

  test('handed more events at once than it has connections, a room takes some and is handed the others again', async () => {
    await using community = await CommunityRoom.open();
    const connection = await connectNats(nats, log);
    const reader = new EventReader(community.room, connection, async () => {
      await community.room.db.asSystem().transaction((em) => sql`select pg_sleep(0.05)`.execute(em.getKysely<unknown>()));
      return 'done';
    });
    try {
      let waiting = Array.from({ length: 60 }, () => ({ id: randomUUID(), name: 'keys.retired' as const, firm_id: null, data: { exchange: 1 } }));
      for (const end = Date.now() + 15_000; waiting.length > 0 && Date.now() < end; ) {
        const handed = await Promise.all(waiting.map((delivery) => carry(connection, 'community', delivery)));
        waiting = waiting.filter((_, index) => handed[index] !== 'done');
      }
      expect(waiting).toEqual([]);
    } finally {
      await reader.stop();
      await connection.close();
    }
  }, 60_000);

  test('the matching key is exchanged between two databases, though community is away when it begins', async () => {
    const house = await startSplitHouse({}, { nats, separateDatabases: true });
    await using _closing = house;
    const siren = randomSiren();
    const firms = [await house.firm(), await house.firm()];
    for (const firm of firms) {
      await firm.get('mutation { communityJoin(input: { metrics: [DSO], acceptCharter: true }) { userErrors { code } } }');
      await firm.get('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { userErrors { code } } }', { input: { reference: 'C-1', name: 'Garage', registration: { scheme: 'SIREN', value: siren } } });
    }
    const [portfolios, community] = [new Client({ connectionString: house.databaseUrls['portfolios'] }), new Client({ connectionString: house.databaseUrls['community'] })];
    await Promise.all([portfolios.connect(), community.connect()]);
    try {
      const known = async () => (await community.query<{ blind_key: string; subject: string }>('select distinct blind_key, subject from community.subject_key join community.customer_key using (subject)')).rows;
      await until(async () => (await community.query('select from community.customer_key where subject is not null')).rowCount === 2);
      const [before] = await known();
      for (const room of ['community', 'portfolios'] as const) {
        house.processes[room]!.kill('SIGKILL');
        await once(house.processes[room]!, 'exit');
      }
      await portfolios.query(`update portfolios.first_matching_key set in_use_since = '2020-01-01T12:00:00Z'`);
      await house.revive('portfolios');
      const exchange = async () => (await portfolios.query<{ paired: boolean; retired: boolean }>('select paired_at is not null as paired, retired_at is not null as retired from portfolios.matching_key')).rows[0];
      await until(async () => (await exchange())?.paired === true);
      // Nobody hears the pairs, so nothing is retired, and community is as it was.
      expect((await portfolios.query(`select from events.delivery where name = 'keys.paired'`)).rowCount).toBe(2);
      expect([await exchange(), await known()]).toEqual([{ paired: true, retired: false }, [before]]);
      await house.revive('community');
      await until(async () => (await exchange())?.retired === true && (await portfolios.query(`select from events.delivery where name like 'keys.%'`)).rowCount === 0);
      const after = await known();
      expect(after).toEqual([{ blind_key: expect.stringMatching(/^[0-9a-f]{64}$/), subject: before!.subject }]);
      expect(after[0]!.blind_key).not.toBe(before!.blind_key);
    } finally {
      await Promise.all([portfolios.end(), community.end()]);
    }
  }, 120_000);
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await holds()); await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (Date.now() > end) throw new Error('it does not come');
  }
}

/** Three invoices to one customer, each settled ten days late. */
async function settleInvoices(firm: FirmVisitor): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }', {
    input: { reference: 'C-1', name: 'Client', country: 'FR', registration: { scheme: 'SIREN', value: randomSiren() } },
  });
  const { id } = customerUpsert.customer;
  for (const number of ['F-1', 'F-2', 'F-3']) {
    const { invoiceUpsert } = await firm.get<{ invoiceUpsert: { userErrors: unknown[] } }>('mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { userErrors { code message path } } }', {
      input: { customerId: id, number, amount: { amount: '100.00', currency: 'EUR' }, issueDate: '2020-01-01', dueDate: '2020-01-31' },
    });
    expect(invoiceUpsert.userErrors).toEqual([]);
  }
  const { paymentRecord } = await firm.get<{ paymentRecord: { userErrors: unknown[] } }>('mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code message path } } }', {
    input: { customerId: id, reference: 'P-1', receivedOn: '2020-02-10', amount: { amount: '300.00', currency: 'EUR' }, invoiceNumbers: ['F-1', 'F-2', 'F-3'] },
  });
  expect(paymentRecord.userErrors).toEqual([]);
  return id;
}

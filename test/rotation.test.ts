import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Room } from '../src/server/room.js';
import { rekeyCustomers, rotateMatchingKey } from '../subgraphs/portfolios/contributions/rotate-matching-key.js';
import { startDueExchange } from '../subgraphs/portfolios/contributions/start-due-exchange.js';
import { dumpCommunity } from './community-dump.js';
import { startHouse, type FirmVisitor } from './house.js';
import { Network, type Shared } from './network.js';

/** The matching key is exchanged: community's answers stay what they are, and nothing is left under the former key. */
let network: Network;
let cells: Shared[];
beforeAll(async () => {
  network = await Network.start(7);
  cells = [await network.share(network.members), await network.share(network.members.slice(0, 5)), await network.share(network.members.slice(0, 3))];
  for (const shared of cells) await network.tellAll(shared, ['2026-06', '2026-07'], (place, month) => ({ DSO: 30 + 5 * place + month, LATE_SHARE: 0.1 * place }));
  await network.closeOn('2026-08-31');
});
afterAll(() => network[Symbol.asyncDispose]());

const portfolios = () => network.house.running.rooms.portfolios.room;
const WORD = { by: 'Claire', why: 'once a year' };

/** Every answer about every shared customer, byte for byte. */
async function answers(): Promise<string[]> {
  const bytes: string[] = [];
  for (const { ids } of cells) for (const [firm, id] of ids) bytes.push(await network.bytesOf(firm, id), await network.bytesOf(firm, id, null, 'LATE_SHARE'));
  return bytes;
}

async function subjectOf(customerId: string): Promise<string | undefined> {
  return (await network.owner.query<{ subject: string }>('select subject from community.customer_key where customer_id = $1', [customerId])).rows[0]?.subject;
}

async function sirenOf({ ids }: Shared): Promise<string> {
  const { rows } = await network.owner.query<{ registration_value: string }>('select registration_value from portfolios.customer where id = $1', [[...ids.values()][0]]);
  return rows[0]!.registration_value;
}

async function blindKeys(): Promise<string[]> {
  return (await network.owner.query<{ blind_key: string }>('select blind_key from community.subject_key order by 1')).rows.map(({ blind_key }) => blind_key);
}

/** Moves the exchange on until nothing is found any more. */
async function moveOnUntilNone(found: string): Promise<void> {
  const end = Date.now() + 15_000;
  while (Date.now() < end) {
    await rekeyCustomers(portfolios());
    if ((await network.owner.query(found)).rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`still there: ${found}`);
}

/** Lets the exchange run until it has ended. */
const finish = (): Promise<void> => moveOnUntilNone(`select from portfolios.matching_key where retired_at is null union all select from events.delivery where name = 'keys.retired'`);

/** Has what is told from now on changed on its way; returns how to stop that. */
async function onTheWay(when: string, change: string): Promise<() => Promise<void>> {
  await network.owner.query(`
    create function public.on_the_way() returns trigger language plpgsql as $$ begin ${change}; return new; end $$;
    create trigger on_the_way before insert on events.delivery for each row when (${when}) execute function public.on_the_way();
  `);
  return async () => {
    await network.owner.query('drop trigger on_the_way on events.delivery; drop function public.on_the_way()');
  };
}

async function retiredAt(): Promise<string | null> {
  return (await network.owner.query<{ retired_at: string | null }>('select retired_at::text from portfolios.matching_key order by version desc limit 1')).rows[0]!.retired_at;
}

test('every answer stays the same, byte for byte, at every moment of an exchange; afterwards the former keys lead nowhere', async () => {
  const before = await answers();
  expect(before.filter((bytes) => bytes.includes('BenchmarkFigure')).length).toBeGreaterThan(0);
  const former = await blindKeys();
  const published = await network.owner.query('select * from community.cell order by subject, metric');
  expect(await rotateMatchingKey(portfolios(), WORD)).toBe(1);
  const seen: string[][] = [];
  const ended = new AbortController();
  const watching = (async () => {
    while (!ended.signal.aborted) seen.push(await answers());
  })();
  await finish().finally(() => ended.abort());
  await watching;
  for (const each of [...seen, await answers()]) expect(each).toEqual(before);
  const now = await blindKeys();
  expect(now).toHaveLength(former.length);
  expect(now.filter((key) => former.includes(key))).toEqual([]);
  const held = await dumpCommunity(network.owner);
  expect(former.filter((key) => held.includes(key))).toEqual([]);
  expect((await network.owner.query('select * from community.cell order by subject, metric')).rows).toEqual(published.rows);
  // The secret of the process alone does not make the new keys.
  const { rows: [salt] } = await network.owner.query<{ salt: Buffer }>('select salt from portfolios.matching_key');
  expect(salt!.salt).toHaveLength(32);
});

test('what is told during and after an exchange is about the same customers: epochs go on, and a second exchange works as well', async () => {
  const secret = portfolios().keys.matchingKey;
  await rotateMatchingKey(portfolios(), WORD);
  // A firm that adds the customer while both keys are in use finds the others.
  const [shared] = cells as [Shared];
  const siren = await sirenOf(shared);
  const id = await network.customerOf(await admitted(), siren);
  await network.settle();
  expect(await subjectOf(id)).toBe(shared.subject);
  await finish();
  expect((await network.owner.query('select version, salt is null as erased from portfolios.matching_key order by version')).rows).toEqual([{ version: 1, erased: true }, { version: 2, erased: false }]);
  const after = await network.customerOf(await admitted(), siren);
  await network.settle();
  expect(await subjectOf(after)).toBe(shared.subject);
  await network.tellAll(shared, ['2026-08'], (place) => ({ DSO: 30 + 5 * place, LATE_SHARE: 0.1 * place }));
  const epoch = await network.closeOn('2026-09-30');
  const [firm, own] = [...shared.ids][0]!;
  expect(await network.read(firm, own)).toMatchObject({ __typename: 'BenchmarkFigure', epoch: { id: epoch.id } });
  // Nothing that the secret alone makes is in community.
  const made = createHmac('sha256', secret).update(`SIREN:${siren}`).digest('hex');
  expect((await dumpCommunity(network.owner)).includes(made)).toBe(false);
});

async function admitted(): Promise<FirmVisitor> {
  const firm = await network.house.firm();
  await network.admit(firm);
  return firm;
}

test('of two exchanges begun at once one is refused; again while it runs as well', async () => {
  const begun = await Promise.allSettled([rotateMatchingKey(portfolios(), WORD), rotateMatchingKey(portfolios(), WORD)]);
  expect(begun.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(begun.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } });
  await expect(rotateMatchingKey(portfolios(), { by: 'Claire', why: ' ' })).rejects.toMatchObject({ code: 'REQUIRED' });
  await Promise.all([rekeyCustomers(portfolios()), rekeyCustomers(portfolios()), rekeyCustomers(portfolios())]);
  await finish();
  const { rows } = await network.owner.query<{ count: string }>('select count(*) from community.subject_key group by subject');
  expect(rows.every(({ count }) => count === '1')).toBe(true);
});

test('a retirement that is heard again, or late, forgets no key in use', async () => {
  const { community } = network.house.running.rooms;
  const before = await blindKeys();
  for (const exchange of [1, 3, 2]) await community.subgraph.reactions['keys.retired']!(community.room, { firmId: null, data: { exchange } });
  expect(await blindKeys()).toEqual(before);
});

test('a former key is not retired while something that names it alone is on its way: heard last of all, it still meets its customer', async () => {
  const [shared] = cells as [Shared];
  const late = await admitted();
  const stop = await onTheWay(`new.name = 'customer.keyed'`, `new.due_at := 'infinity'`);
  const id = await network.customerOf(late, await sirenOf(shared));
  await moveOnUntilNone(`select where not exists (select from events.delivery where due_at = 'infinity')`);
  await stop();
  await rotateMatchingKey(portfolios(), WORD);
  // Everything else is told and heard.
  await moveOnUntilNone(`select from portfolios.matching_key where paired_at is null union all select from events.delivery where consumer = 'community' and due_at < 'infinity'`);
  for (let run = 0; run < 5; run += 1) await rekeyCustomers(portfolios());
  await moveOnUntilNone(`select from events.delivery where consumer = 'community' and due_at < 'infinity'`);
  const early = await retiredAt();
  await network.owner.query(`update events.delivery set due_at = clock_timestamp() where due_at = 'infinity'`);
  await moveOnUntilNone(`select from events.delivery where name = 'customer.keyed'`);
  await finish();
  expect(await subjectOf(id)).toBe(shared.subject);
  expect(early).toBeNull();
});

test('pairs that community cannot take are not given up: the exchange waits for them, and no customer loses its subject', async () => {
  const subjects = async () => (await network.owner.query('select customer_id, subject from community.customer_key order by 1')).rows;
  const [before, former] = [await subjects(), await blindKeys()];
  // As if their reaction had failed time after time.
  const stop = await onTheWay(`new.name = 'keys.paired'`, 'new.set_aside := true; new.attempts := 12');
  await rotateMatchingKey(portfolios(), WORD);
  await moveOnUntilNone(`select from portfolios.matching_key where paired_at is null union all select from events.delivery where set_aside`);
  await stop();
  for (let run = 0; run < 5; run += 1) await rekeyCustomers(portfolios());
  expect(await retiredAt()).toBeNull();
  await network.owner.query(`update events.delivery set due_at = clock_timestamp() where name = 'keys.paired'`);
  await finish();
  expect(await subjects()).toEqual(before);
  expect((await blindKeys()).filter((key) => former.includes(key))).toEqual([]);
});

test("a key that is a year old is exchanged by itself, once, whoever begins; a younger one is not", async () => {
  const exchanges = async () => (await network.owner.query<{ operator: string; why: string }>('select operator, why from portfolios.matching_key order by version')).rows;
  const daysBeforeItIsDue = (days: number) =>
    network.owner.query(`update portfolios.matching_key set started_at = clock_timestamp() - interval '1 year' + make_interval(days => $1)`, [days]);
  const before = await exchanges();
  await daysBeforeItIsDue(2);
  await startDueExchange(portfolios());
  expect(await exchanges()).toEqual(before);
  await daysBeforeItIsDue(-1);
  const begun = [...before, { operator: 'Ardoise', why: 'the key was a year old' }];
  await Promise.all(Array.from({ length: 5 }, () => startDueExchange(portfolios())));
  expect(await exchanges()).toEqual(begun);
  // Still under way, or done: there is no second one.
  await startDueExchange(portfolios());
  await finish();
  await startDueExchange(portfolios());
  expect(await exchanges()).toEqual(begun);
});

test('where the operator exchanges keys by hand, nothing begins by itself, and the log says that it is time', async () => {
  await using house = await startHouse({ ARDOISE_MATCHING_KEY_BY_HAND: '1' });
  const { room } = house.running.rooms.portfolios;
  const said: string[] = [];
  const listened: Room = { ...room, log: pino({ level: 'warn' }, { write: (line) => void said.push(line) }) };
  const owner = await house.asOwner();
  await startDueExchange(listened);
  expect(said).toEqual([]);
  await owner.query(`update portfolios.first_matching_key set in_use_since = '2020-02-29T12:00:00Z'`);
  await startDueExchange(listened);
  expect(said.map((line) => (JSON.parse(line) as { dueOn: string; msg: string }))).toMatchObject([{ dueOn: '2021-02-28', msg: 'the matching key is to be exchanged: ardoise operator matching-key rotate' }]);
  expect((await owner.query('select from portfolios.matching_key')).rowCount).toBe(0);
  // By hand it begins, and then the key is young again.
  expect(await rotateMatchingKey(room, WORD)).toBe(1);
  await startDueExchange(listened);
  expect(said).toHaveLength(1);
});

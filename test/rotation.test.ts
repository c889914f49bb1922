import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rekeyCustomers, rotateMatchingKey } from '../subgraphs/portfolios/contributions/rotate-matching-key.js';
import { type FirmVisitor } from './house.js';
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

/** Everything that community's tables hold, as one text. */
async function dump(): Promise<string> {
  const { rows: tables } = await network.owner.query<{ name: string }>(`select c.oid::regclass::text as name from pg_class c where c.relnamespace = 'community'::regnamespace and c.relkind = 'r'`);
  const parts: string[] = [];
  for (const { name } of tables) parts.push((await network.owner.query<{ text: string | null }>(`select string_agg(t::text, E'\\n') as text from ${name} t`)).rows[0]!.text ?? '');
  return parts.join('\n');
}

async function blindKeys(): Promise<string[]> {
  return (await network.owner.query<{ blind_key: string }>('select blind_key from community.subject_key order by 1')).rows.map(({ blind_key }) => blind_key);
}

/** Lets the exchange run until it has ended. */
async function finish(): Promise<void> {
  const end = Date.now() + 15_000;
  while (Date.now() < end) {
    await rekeyCustomers(portfolios());
    const { rows } = await network.owner.query(`select from portfolios.matching_key where retired_at is null union all select from events.delivery where name = 'keys.retired'`);
    if (rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the exchange did not end');
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
  const held = await dump();
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
  const { rows: [row] } = await network.owner.query<{ registration_value: string }>('select registration_value from portfolios.customer where id = $1', [[...shared.ids.values()][0]]);
  const late = await network.house.firm();
  await network.admit(late);
  const id = await network.customerOf(late, row!.registration_value);
  await network.settle();
  const subjectOf = async (customerId: string) => (await network.owner.query<{ subject: string }>('select subject from community.customer_key where customer_id = $1', [customerId])).rows[0]!.subject;
  expect(await subjectOf(id)).toBe(shared.subject);
  await finish();
  expect((await network.owner.query('select version, salt is null as erased from portfolios.matching_key order by version')).rows).toEqual([{ version: 1, erased: true }, { version: 2, erased: false }]);
  const after = await network.customerOf(await admitted(), row!.registration_value);
  await network.settle();
  expect(await subjectOf(after)).toBe(shared.subject);
  await network.tellAll(shared, ['2026-08'], (place) => ({ DSO: 30 + 5 * place, LATE_SHARE: 0.1 * place }));
  const epoch = await network.closeOn('2026-09-30');
  const [firm, own] = [...shared.ids][0]!;
  expect(await network.read(firm, own)).toMatchObject({ __typename: 'BenchmarkFigure', epoch: { id: epoch.id } });
  // Nothing that the secret alone makes is in community.
  const made = createHmac('sha256', secret).update(`SIREN:${row!.registration_value}`).digest('hex');
  expect((await dump()).includes(made)).toBe(false);
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

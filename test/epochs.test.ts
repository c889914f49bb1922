import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FirmVisitor } from './house.js';
import { Network, UNAVAILABLE, type Epoch, type Figures, type Shared } from './network.js';

const SPRING = ['2026-03', '2026-04', '2026-05', '2026-06'] as const;
const SAME_BYTES = JSON.stringify({ data: { _entities: [{ benchmark: { __typename: 'BenchmarkUnavailable', metric: 'DSO' } }] } });

// One year of one network: every test goes on where the one before it ended.
let network: Network;
let members: readonly FirmVisitor[];
let acme: FirmVisitor;
let leaver: FirmVisitor;
let silent: FirmVisitor;
let unverified: FirmVisitor;
/** Seven firms, one of which will leave. */
let leaving: Shared;
/** Five firms, to which others come later. */
let joining: Shared;
/** Six firms, one of which corrects its past. */
let correcting: Shared;
/** Three verified firms and one that is not. */
let doubtful: Shared;
let june: Epoch;

async function tellMonths(firms: readonly FirmVisitor[], { subject }: Shared, months: readonly string[], figures: Figures, more: { evidenced?: boolean; revision?: number } = {}): Promise<void> {
  for (const month of months) for (const firm of firms) await network.tell(firm, subject, month, figures, more);
}

beforeAll(async () => {
  network = await Network.start(9);
  ({ members } = network);
  [acme, leaver, silent] = [members[0]!, members[6]!, members[8]!];
  unverified = await network.house.firm();
  await network.join(unverified);
  leaving = await network.share([...members.slice(0, 7), silent]);
  joining = await network.share(members);
  correcting = await network.share(members.slice(0, 6));
  doubtful = await network.share([...members.slice(0, 3), unverified]);
  await tellMonths(members.slice(0, 7), leaving, SPRING, { DSO: 40 });
  await tellMonths([silent], leaving, SPRING, { DSO: 40 }, { evidenced: false });
  await tellMonths(members.slice(0, 5), joining, SPRING, { DSO: 20 });
  await tellMonths(members.slice(0, 6), correcting, SPRING, { DSO: 60 });
  await tellMonths([...members.slice(0, 3), unverified], doubtful, SPRING, { DSO: 30 });
}, 120_000);
afterAll(() => network[Symbol.asyncDispose]());

const at = (shared: Shared, firm: FirmVisitor): string => shared.ids.get(firm)!;

/** Waits until so many subscriptions listen for a hint: what happens before is not theirs to hear. */
function listeners(topic: string, count: number): Promise<void> {
  const { hints } = network.house.running.rooms.community.room;
  const subscribe = hints.subscribe.bind(hints);
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  hints.subscribe = (to, listener) => {
    if (to === topic && (left -= 1) === 0) resolve();
    return subscribe(to, listener);
  };
  return promise.finally(() => {
    hints.subscribe = subscribe;
  });
}

test('no epoch is published before there is one due, and a group of newcomers is held', async () => {
  expect(await network.close()).toBeNull();
  expect(await network.house.nobody.get('mutation { sandboxEpochsClose { id } }')).toEqual({ sandboxEpochsClose: null });
  // 171 days after all of them joined.
  const may = await network.closeOn('2026-06-30');
  expect(may).toMatchObject({ periodStart: '2026-03-01', periodEnd: '2026-05-31', publishedOn: '2026-06-30' });
  expect(await network.bytesOf(acme, at(leaving, acme))).toBe(SAME_BYTES);
});

test('an epoch that many close at once is closed once, and everybody hears of it at that instant under an id of its own', async () => {
  await network.setClock('2026-07-31T12:00:00Z');
  const listening = listeners('epochs', 2);
  const watched = await Promise.all([acme, leaver].map(async (firm) => {
    const socket = firm.socket();
    const epochs = socket.iterate<{ benchmarksPublished: Epoch }>({ query: 'subscription { benchmarksPublished { id periodStart periodEnd publishedOn metrics } }' });
    const first = epochs.next();
    return { socket, epochs, first };
  }));
  const before = await network.owner.query('select from community.epoch');
  await listening;
  const closed = await Promise.all([network.close(), network.close(), network.close(acme), network.close(acme)]);
  june = closed[0]!;
  expect(june).toMatchObject({ periodStart: '2026-04-01', periodEnd: '2026-06-30', publishedOn: '2026-07-30' });
  for (const each of closed) expect(each).toEqual(june);
  expect((await network.owner.query('select from community.epoch')).rowCount).toBe(before.rowCount! + 1);
  const [mine, theirs] = await Promise.all(watched.map(async ({ first }) => (await first).value!.data!.benchmarksPublished));
  const metrics = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE'];
  expect(mine).toEqual({ ...june, metrics });
  expect(theirs).toEqual({ ...june, metrics, id: expect.any(String) });
  expect(theirs!.id).not.toBe(june.id);
  for (const { epochs, socket } of watched) {
    await epochs.return?.();
    await socket.dispose();
  }
  expect(await network.read(acme, at(leaving, acme))).toMatchObject({ __typename: 'BenchmarkFigure', value: 40, own: 40, position: 'SIMILAR' });
});

test('who is not verified counts for nobody and reads nothing', async () => {
  for (const firm of [acme, unverified]) expect(await network.bytesOf(firm, at(doubtful, firm))).toBe(SAME_BYTES);
});

test('a firm that does not contribute, or without three invoices, reads nothing', async () => {
  expect(await network.bytesOf(silent, at(joining, silent))).toBe(SAME_BYTES);
  expect(await network.bytesOf(silent, at(leaving, silent))).toBe(SAME_BYTES);
  expect(await network.read(acme, at(joining, acme))).toMatchObject({ __typename: 'BenchmarkBand', from: 0, to: 30 });
});

test('a correction changes no published cell, and the next epoch only by the movement allowed; late, repeated and disordered events change nothing', async () => {
  const bytes = await network.bytesOf(acme, at(correcting, acme), june.id);
  expect(bytes).toContain('"value":60');
  for (const revision of [3, 2, 3, 1]) await network.tell(acme, correcting.subject, '2026-06', { DSO: revision === 3 ? 0 : 150 }, { revision });
  for (const revision of [3, 2, 3, 1]) await network.tell(acme, correcting.subject, '2026-07', { DSO: revision === 3 ? 0 : 150 }, { revision });
  await network.close();
  expect(await network.bytesOf(acme, at(correcting, acme), june.id)).toBe(bytes);
  await tellMonths(members.slice(1, 6), correcting, ['2026-07'], { DSO: 60 });
});

test('who leaves reads nothing at once, and old epochs stay what they were for the others', async () => {
  const others = members.slice(0, 6);
  const before = await Promise.all(others.map((firm) => network.bytesOf(firm, at(leaving, firm))));
  await network.leave(leaver);
  expect(await network.bytesOf(leaver, at(leaving, leaver))).toBe(SAME_BYTES);
  expect(await Promise.all(others.map((firm) => network.bytesOf(firm, at(leaving, firm))))).toEqual(before);
  // What it had told is forgotten, and what was still under way is not kept.
  await network.tell(leaver, leaving.subject, '2026-06', { DSO: 40 }, { revision: 9 });
  expect((await network.owner.query('select from community.contribution where firm_id = $1', [leaver.firmId])).rowCount).toBe(0);
  // Coming back does not bring back what tenure gave.
  await network.join(leaver);
  await network.settle();
  expect(await network.bytesOf(leaver, at(leaving, leaver))).toBe(SAME_BYTES);
});

test('a lone joiner waits, a cell that somebody left is silent, and a firm verified meanwhile counts from its first day', async () => {
  await network.verify(unverified);
  await tellMonths(members.slice(0, 6), leaving, ['2026-07'], { DSO: 40 });
  await tellMonths(members.slice(0, 5), joining, ['2026-07'], { DSO: 20 });
  await tellMonths([members[5]!], joining, ['2026-07'], { DSO: 150 });
  await tellMonths([...members.slice(0, 3), unverified], doubtful, ['2026-07'], { DSO: 30 });
  const july = await network.closeOn('2026-08-31');
  expect(july.periodEnd).toBe('2026-07-31');
  expect(await network.bytesOf(acme, at(leaving, acme))).toBe(SAME_BYTES);
  // (5 × 20 + 150) ÷ 6 would be 42.
  expect(await network.read(acme, at(joining, acme))).toMatchObject({ __typename: 'BenchmarkBand', from: 0, to: 30, own: 20 });
  expect(await network.read(members[5]!, at(joining, members[5]!))).toMatchObject({ __typename: 'BenchmarkBand', from: 0, to: 30, own: 150, position: 'ABOVE' });
  expect(await network.read(unverified, at(doubtful, unverified))).toMatchObject({ __typename: 'BenchmarkBand', from: 30, to: 60 });
  const { rows } = await network.owner.query<{ figure: number; input: number }>(
    `select figures[place] as figure, inputs[place] as input from community.intake join community.epoch on epoch.id = epoch_id cross join array_position(firm_ids, $1) as place
      where $1 = any(firm_ids) and subject = $2 order by period_end desc limit 1`, [acme.firmId, correcting.subject]);
  expect(rows).toEqual([{ figure: 0, input: 50 }]);
});

test('the next quarter speaks again, and two who come together are taken in', async () => {
  const autumn = ['2026-08', '2026-09', '2026-10'];
  await tellMonths(members.slice(0, 6), leaving, autumn, { DSO: 40 });
  await tellMonths(members.slice(0, 5), joining, autumn, { DSO: 20 });
  await tellMonths([members[5]!, members[7]!], joining, autumn, { DSO: 150 });
  const september = await network.closeOn('2026-10-31');
  expect(september.periodEnd).toBe('2026-09-30');
  expect(await network.bytesOf(acme, at(leaving, acme))).toBe(SAME_BYTES);
  expect(await network.read(acme, at(joining, acme))).toMatchObject({ __typename: 'BenchmarkBand', from: 0, to: 30 });
  const october = await network.closeOn('2026-11-30');
  expect(october.periodEnd).toBe('2026-10-31');
  expect(await network.read(acme, at(leaving, acme))).toMatchObject({ __typename: 'BenchmarkFigure', value: 40 });
  // (5 × 20 + 2 × 150) ÷ 7 = 57.
  expect(await network.read(acme, at(joining, acme))).toMatchObject({ __typename: 'BenchmarkFigure', value: 60, direction: 'STABLE' });
});

test('a customer kept out is neither read nor counted, until it is taken back in', async () => {
  const set = async (firm: FirmVisitor, customerId: string, shared: boolean): Promise<unknown> => (await firm.get<{ customerSharingSet: unknown }>(
    'mutation ($input: CustomerSharingInput!) { customerSharingSet(input: $input) { customer { id } userErrors { code path } } }', { input: { customerId, shared } })).customerSharingSet;
  const id = at(leaving, acme);
  const before = await network.bytesOf(acme, id);
  for (let again = 0; again < 2; again += 1) expect(await set(acme, id, false)).toEqual({ customer: { id }, userErrors: [] });
  expect(await network.bytesOf(acme, id)).toBe(SAME_BYTES);
  expect(await set(acme, id, true)).toEqual({ customer: { id }, userErrors: [] });
  expect(await network.bytesOf(acme, id)).toBe(before);
  for (const foreign of [at(leaving, members[1]!), 'x', '00000000-0000-4000-8000-000000000000']) {
    expect(await set(acme, foreign, false)).toEqual({ customer: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'customerId'] }] });
  }
  await set(members[1]!, at(leaving, members[1]!), false);
  await tellMonths(members.slice(0, 6), leaving, ['2026-11'], { DSO: 40 });
  await network.closeOn('2026-12-31');
  expect(await network.bytesOf(acme, id)).toBe(SAME_BYTES);
});

test('a leave that is not answered yet when the epoch begins to close, and is before it ends, is not in it', async () => {
  await tellMonths(members.slice(0, 6), correcting, ['2026-08', '2026-09', '2026-10', '2026-11', '2026-12'], { DSO: 60 });
  await network.setClock('2027-01-31T12:00:00Z');
  const goes = members[3]!;
  await network.owner.query('begin');
  await network.owner.query('update community.membership set joined_at = null where firm_id = $1', [goes.firmId]);
  const closing = network.close();
  // The epoch waits for the row that the leave holds.
  const watcher = await network.house.asOwner();
  for (let waits = false, until = Date.now() + 10_000; !waits; ) {
    if (Date.now() > until) throw new Error('the epoch does not wait for the leave');
    const { rows } = await watcher.query<{ waits: boolean }>(`select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%for share%') as waits`);
    waits = rows[0]!.waits;
  }
  await watcher.end();
  await network.owner.query('commit');
  expect(await closing).toMatchObject({ periodEnd: '2026-12-31' });
  const { rows } = await network.owner.query<{ firm_id: string }>(
    `select unnest(firm_ids) as firm_id from community.intake join community.epoch on epoch.id = epoch_id where subject = $1 and metric = 'DSO' and period_end = '2026-12-31'`, [correcting.subject]);
  expect(rows.map(({ firm_id }) => firm_id).toSorted()).toEqual(members.slice(0, 6).filter((firm) => firm !== goes).map(({ firmId }) => firmId).toSorted());
});

test('nobody can change what was published, the owner of the database included', async () => {
  for (const table of ['cell', 'epoch', 'intake', 'release']) {
    await expect(network.owner.query(`update community.${table} set ${table === 'epoch' ? 'published_on = published_on' : 'epoch_id = epoch_id'}`)).rejects.toThrow('what was published is not changed');
    await expect(network.owner.query(`delete from community.${table}`)).rejects.toThrow('what was published is not changed');
    await expect(network.owner.query(`truncate community.${table} cascade`)).rejects.toThrow('what was published is not changed');
  }
});

test('business time that goes back hides what was published later', async () => {
  await network.setClock('2026-08-01T12:00:00Z');
  expect(await network.close()).toEqual(june);
  expect(await network.read(acme, at(joining, acme))).toMatchObject({ __typename: 'BenchmarkBand', epoch: june });
  expect(await network.read(acme, at(doubtful, acme))).toEqual(UNAVAILABLE);
});

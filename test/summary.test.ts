import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Metric } from '../src/values/metric.js';
import type { FirmVisitor } from './house.js';
import { BENCHMARK, Network, type Epoch } from './network.js';

const MONTHS = ['2026-03', '2026-04', '2026-05', '2026-06', '2026-07', '2026-08'] as const;

let network: Network;
let members: readonly FirmVisitor[];
beforeAll(async () => {
  network = await Network.start(6);
  ({ members } = network);
}, 120_000);
afterAll(() => network[Symbol.asyncDispose]());

interface Gap {
  readonly customer: { readonly id: string; readonly name: string };
  readonly gap: number;
  readonly result: Record<string, unknown>;
}
interface Summary {
  readonly customerCount: number;
  readonly paidLater: number;
  readonly paidSimilar: number;
  readonly paidSooner: number;
  readonly hiddenSlowPayerCount: number;
  readonly epoch: Epoch | null;
  readonly largestGaps: readonly Gap[];
  readonly hiddenSlowPayers: readonly Gap[];
}

async function summaryOf(firm: FirmVisitor, metric: Metric = 'DAYS_BEYOND_TERMS', first = 10): Promise<Summary> {
  const gap = `{ customer { id name } gap result { ${BENCHMARK} } }`;
  const { benchmarkSummary } = await firm.get<{ benchmarkSummary: Summary }>(
    `query ($metric: BenchmarkMetric!, $first: Int!) { benchmarkSummary(metric: $metric) {
      customerCount paidLater paidSimilar paidSooner hiddenSlowPayerCount epoch { id periodStart periodEnd publishedOn } largestGaps(first: $first) ${gap} hiddenSlowPayers(first: $first) ${gap}
    } }`, { metric, first });
  return benchmarkSummary;
}

interface Point {
  readonly epoch: Epoch;
  readonly result: Record<string, unknown>;
}

async function historyOf(firm: FirmVisitor, id: string, metric: Metric = 'DSO', epochs = 12): Promise<readonly Point[]> {
  const { customer } = await firm.get<{ customer: { benchmarkHistory: Point[] } }>(
    `query ($id: ID!, $metric: BenchmarkMetric!, $epochs: Int!) { customer(id: $id) { benchmarkHistory(metric: $metric, epochs: $epochs) { epoch { id periodStart periodEnd publishedOn } result { ${BENCHMARK} } } } }`,
    { id, metric, epochs },
  );
  return customer.benchmarkHistory;
}

const NONE = { customerCount: 0, paidLater: 0, paidSimilar: 0, paidSooner: 0, hiddenSlowPayerCount: 0, largestGaps: [], hiddenSlowPayers: [] };

test('a portfolio is summed up from its published cells alone: later, alike, sooner, the largest gaps first, and who is slow with the others', async () => {
  const acme = members[0]!;
  const outsider = await network.house.firm();
  expect(await summaryOf(acme)).toEqual({ ...NONE, epoch: null });
  await network.setClock(Network.JOINED);
  // What acme has, and what everybody else has: 20 and 30 days are shown within ten.
  const figures = { later: [60, 20], alike: [20, 20], sooner: [10, 40], hidden: [0, 30], most: [2, 70] } as const;
  const groups = new Map<string, Awaited<ReturnType<Network['share']>>>();
  for (const [name, [mine, theirs]] of Object.entries(figures)) {
    const group = await network.share(members);
    groups.set(name, group);
    await network.tellAll(group, ['2026-06'], (place) => ({ DAYS_BEYOND_TERMS: place === 0 ? mine : theirs, LATE_SHARE: place === 0 ? 0 : 1 }));
  }
  // Shared with two only, and told by nobody else: in no count.
  const few = await network.share(members.slice(0, 3));
  await network.tellAll(few, ['2026-06'], () => ({ DAYS_BEYOND_TERMS: 90 }));
  const epoch = await network.closeOn('2026-07-31');

  const found = await summaryOf(acme);
  const named = (gaps: readonly Gap[]): [string | undefined, number][] => gaps.map(({ customer, gap }) => [[...groups].find(([, { ids }]) => ids.get(acme) === customer.id)?.[0], gap]);
  expect({ ...found, largestGaps: named(found.largestGaps), hiddenSlowPayers: named(found.hiddenSlowPayers) }).toEqual({
    customerCount: 5, paidLater: 1, paidSimilar: 1, paidSooner: 3, hiddenSlowPayerCount: 2, epoch,
    // 60 + 5 · 20 over six: 27, shown as 30.
    largestGaps: [['most', -58], ['later', 30], ['hidden', -30], ['sooner', -30]].toSorted((one, other) => {
      const order = (entry: (string | number)[]): string => groups.get(entry[0] as string)!.ids.get(acme)!;
      return Math.abs(other[1] as number) - Math.abs(one[1] as number) || (order(one) < order(other) ? -1 : 1);
    }),
    hiddenSlowPayers: [['most', -58], ['hidden', -30]],
  });
  // Each is what the customer itself says: the summary gives nothing that the cells do not give.
  for (const { customer, gap, result } of found.largestGaps) {
    const benchmark = await network.read(acme, customer.id, 'DAYS_BEYOND_TERMS');
    expect(result).toEqual(benchmark);
    expect(gap).toBe((benchmark['own'] as number) - (benchmark['value'] as number));
    expect(customer.name).toBe('Garage Dupont');
  }
  expect((await summaryOf(acme, 'DAYS_BEYOND_TERMS', 1)).largestGaps).toHaveLength(1);
  expect(await summaryOf(acme, 'LATE_SHARE')).toMatchObject({ customerCount: 5, paidSooner: 5, hiddenSlowPayerCount: 5 });
  expect(await summaryOf(acme, 'PAYMENT_TERMS')).toMatchObject({ ...NONE });
  // Nobody else's portfolio: the outsider has no cell, and a member without a customer counts none.
  expect(await summaryOf(outsider)).toEqual({ ...NONE, epoch: { ...epoch, id: expect.any(String) } });

  // Two accounts of one legal unit are one customer.
  const { rows: [key] } = await network.owner.query<{ subject: string }>('select subject from community.customer_key where customer_id = $1', [groups.get('later')!.ids.get(acme)]);
  await network.owner.query(`insert into community.customer_key (firm_id, customer_id, subject, revision) values ($1, 'ffffffff-0000-4000-8000-000000000000', $2, 1)`, [acme.firmId, key!.subject]);
  expect(await summaryOf(acme)).toMatchObject({ customerCount: 5, paidLater: 1 });
  // Kept out, it is in no count any more, at once.
  await acme.get('mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: false }) { userErrors { code } } }', { id: groups.get('most')!.ids.get(acme)! });
  expect(await summaryOf(acme)).toMatchObject({ customerCount: 4, hiddenSlowPayerCount: 1 });
  await network.join(acme, ['DSO']);
  expect(await summaryOf(acme)).toMatchObject({ ...NONE, epoch });
  await network.join(acme);
}, 60_000);

test('a history is the cells of the latest epochs, the earliest first, each as benchmark says of it; epochs from before a firm joined are not in it', async () => {
  await network.closeOn('2026-07-31');
  const [acme, , , , , late] = members as readonly [FirmVisitor, FirmVisitor, FirmVisitor, FirmVisitor, FirmVisitor, FirmVisitor];
  const group = await network.share(members);
  const id = group.ids.get(acme)!;
  await network.tellAll(group, MONTHS, (place, month) => ({ DSO: 20 + place * 10 + month * 5, PAYMENT_TERMS: 30 }));
  await network.closeOn('2026-08-30');
  await network.closeOn('2026-09-30');
  // June's epoch was closed before anybody had told of this customer: there is no point for it.
  const points = await historyOf(acme, id);
  expect(points.map(({ epoch, result }) => [epoch.periodEnd, result['value'], result['own']])).toEqual([['2026-07-31', 70, 40], ['2026-08-31', 80, 45]]);
  for (const { epoch, result } of points) {
    expect(result).toEqual(await network.read(acme, id, 'DSO', epoch.id));
    expect(result['epoch']).toEqual(epoch);
  }
  expect((await historyOf(acme, id, 'DSO', 1)).map(({ epoch }) => epoch.periodEnd)).toEqual(['2026-08-31']);
  expect(await historyOf(acme, id, 'DAYS_BEYOND_TERMS')).toEqual([]);
  // Nothing to read is one empty list, whatever the cause.
  const other = await network.customerOf(acme, '732829320');
  expect(await historyOf(acme, other)).toEqual([]);
  for (const epochs of [0, -1, 37]) {
    const { errors } = await acme.ask('query ($id: ID!, $epochs: Int!) { customer(id: $id) { benchmarkHistory(metric: DSO, epochs: $epochs) { epoch { id } } } }', { id, epochs });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }

  // Who leaves and comes back reads from its return on, however long it waits, and no epoch by its id either.
  const theirs = group.ids.get(late)!;
  const [earlier] = await historyOf(late, theirs);
  expect((await historyOf(late, theirs)).length).toBe(2);
  await network.leave(late);
  expect(await historyOf(late, theirs)).toEqual([]);
  await network.join(late);
  await network.settle();
  for (const month of ['2026-09', '2026-10', '2026-11']) for (const firm of members) await network.tell(firm, group.subject, month, { DSO: 50 }, { revision: 2 });
  await network.closeOn('2026-11-01');
  await network.closeOn('2026-12-31');
  // The cell was silent for the rest of the quarter in which somebody left.
  expect((await historyOf(acme, id)).map(({ epoch }) => epoch.periodEnd)).toEqual(['2026-07-31', '2026-08-31', '2026-10-31', '2026-11-30']);
  expect((await historyOf(late, theirs)).map(({ epoch }) => epoch.periodEnd)).toEqual(['2026-10-31', '2026-11-30']);
  expect(await network.read(late, theirs, 'DSO', earlier!.epoch.id)).toEqual({ __typename: 'BenchmarkUnavailable', metric: 'DSO' });
}, 60_000);

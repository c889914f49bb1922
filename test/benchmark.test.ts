import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomSiren, type FirmVisitor } from './house.js';
import { Network, UNAVAILABLE, type Epoch } from './network.js';

const MONTHS = ['2026-03', '2026-04', '2026-05', '2026-06', '2026-07'] as const;

let network: Network;
let members: readonly FirmVisitor[];

beforeAll(async () => {
  network = await Network.start(11);
  ({ members } = network);
}, 120_000);
afterAll(() => network[Symbol.asyncDispose]());

test('two others are unavailable, three are a band, five a figure, ten have quartiles; everybody sees the same but the own figure', async () => {
  await network.setClock(Network.JOINED);
  const groups = [await network.share(members.slice(0, 3)), await network.share(members.slice(0, 4)), await network.share(members.slice(0, 6)), await network.share(members)] as const;
  for (const group of groups) {
    // Days beyond terms rise by five a month; a third of the firms has a late share of 1, the others of 0.
    await network.tellAll(group, MONTHS.slice(0, 4), (place, month) => ({ DSO: 20 + place * 10, DAYS_BEYOND_TERMS: 5 + month * 5, LATE_SHARE: place % 3 === 0 ? 1 : 0, PAYMENT_TERMS: place < 4 ? 30 : 45 }));
  }
  const epoch = await network.closeOn('2026-07-31');
  expect(epoch).toEqual({ id: expect.any(String), periodStart: '2026-04-01', periodEnd: '2026-06-30', publishedOn: '2026-07-30' });
  const [two, three, five, ten] = groups.map(({ ids }) => ids.get(members[0]!)!) as [string, string, string, string];
  const acme = members[0]!;

  expect(await network.read(acme, two)).toEqual(UNAVAILABLE);
  // 20, 30, 40, 50: their mean 35 lies in the second band of 30 days, the viewer's 20 in the first.
  expect(await network.read(acme, three)).toEqual({ __typename: 'BenchmarkBand', metric: 'DSO', contributors: 'THREE_TO_FOUR', from: 30, to: 60, direction: 'STABLE', own: 20, position: 'BELOW', epoch });
  expect(await network.read(acme, three, 'LATE_SHARE')).toMatchObject({ __typename: 'BenchmarkBand', from: 0.25, to: 1, own: 1, position: 'SIMILAR' });
  // 20 to 70: 45, and a half goes up.
  expect(await network.read(acme, five)).toEqual({ __typename: 'BenchmarkFigure', metric: 'DSO', contributors: 'FIVE_TO_NINE', value: 50, roundedTo: 10, direction: 'STABLE', lowerQuartile: null, upperQuartile: null, own: 20, position: 'BELOW', epoch });
  expect(await network.read(acme, five, 'DAYS_BEYOND_TERMS')).toMatchObject({ value: 20, direction: 'WORSENING', own: 20, position: 'SIMILAR' });
  expect(await network.read(acme, five, 'LATE_SHARE')).toMatchObject({ value: 0.375, roundedTo: 0.25, own: 1, position: 'ABOVE' });
  // 20 to 120.
  expect(await network.read(acme, ten)).toEqual({ __typename: 'BenchmarkFigure', metric: 'DSO', contributors: 'TEN_OR_MORE', value: 70, roundedTo: 5, direction: 'STABLE', lowerQuartile: 50, upperQuartile: 100, own: 20, position: 'BELOW', epoch });
  // Terms of the quarter are out 90 days after it.
  expect(await network.read(acme, ten, 'PAYMENT_TERMS')).toEqual({ ...UNAVAILABLE, metric: 'PAYMENT_TERMS' });

  const answers = await Promise.all(members.map(async (firm) => network.read(firm, groups[3].ids.get(firm)!)));
  const common = answers.map(({ own: _own, position: _position, epoch: theirs, ...rest }) => ({ ...rest, publishedOn: (theirs as Epoch).publishedOn }));
  for (const each of common) expect(each).toEqual(common[0]);
  // No two firms know the epoch by one id.
  expect(new Set(answers.map((answer) => (answer['epoch'] as Epoch).id)).size).toBe(members.length);
  expect(answers.map((answer) => answer['position'])).toEqual(['BELOW', 'BELOW', 'BELOW', 'BELOW', 'BELOW', 'SIMILAR', 'ABOVE', 'ABOVE', 'ABOVE', 'ABOVE', 'ABOVE']);
});

test('every cause of unavailable gives the same bytes', async () => {
  await network.setClock('2026-07-31T12:00:00Z');
  const acme = members[0]!;
  const group = await network.share(members.slice(0, 6));
  const id = group.ids.get(acme)!;
  await network.setClock('2026-08-15T12:00:00Z');
  await network.tellAll(group, MONTHS.slice(0, 5), () => ({ DSO: 40 }));
  const outsider = await network.house.firm();
  const same = JSON.stringify({ data: { _entities: [{ benchmark: { __typename: 'BenchmarkUnavailable', metric: 'DSO' } }] } });
  // June's epoch was closed before anybody had told of this customer.
  const older = (await network.close())!.id;
  expect(await network.bytesOf(acme, id)).toBe(same);
  await network.setClock('2026-08-31T12:00:00Z');
  const epoch = (await network.close())!.id;
  expect(JSON.parse(await network.bytesOf(acme, id))).toMatchObject({ data: { _entities: [{ benchmark: { __typename: 'BenchmarkFigure', value: 40 } }] } });
  const silent = await network.customerOf(acme, randomSiren());
  const causes: Record<string, Promise<string>> = {
    'an epoch in which nothing was published of it': network.bytesOf(acme, id, older),
    'another firm’s customer': network.bytesOf(acme, group.ids.get(members[1]!)!),
    'an unknown customer': network.bytesOf(acme, randomUUID()),
    'a malformed customer': network.bytesOf(acme, 'x'),
    'a customer nobody shares': network.bytesOf(acme, silent),
    'an epoch that does not exist': network.bytesOf(acme, id, 'AAAAAAAAAAAAAAAAAAAAAA'),
    'a malformed epoch': network.bytesOf(acme, id, 'x'),
    'another firm’s id of the epoch': network.bytesOf(members[1]!, group.ids.get(members[1]!)!, epoch),
    'no member': network.bytesOf(outsider, await network.customerOf(outsider, randomSiren())),
    'no member, another firm’s customer': network.bytesOf(outsider, id, epoch),
  };
  for (const [cause, bytes] of Object.entries(causes)) expect([cause, await bytes]).toEqual([cause, same]);
});

test('real invoices become a benchmark: the terms of six firms, from their ledgers to the cell', async () => {
  const terms = [20, 30, 30, 30, 45, 60] as const;
  const siren = randomSiren();
  const ids = new Map<FirmVisitor, string>();
  for (const [place, days] of terms.entries()) {
    const firm = members[place]!;
    const customerId = await network.customerOf(firm, siren);
    ids.set(firm, customerId);
    for (const issueDate of ['2026-07-05', '2026-08-05', '2026-09-05', '2026-10-05', '2026-11-05']) {
      const dueDate = Temporal.PlainDate.from(issueDate).add({ days }).toString();
      const { invoiceUpsert } = await firm.get<{ invoiceUpsert: { userErrors: unknown[] } }>(
        'mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { userErrors { code path } } }',
        { input: { customerId, number: randomUUID(), issueDate, dueDate, amount: { amount: '100.00', currency: 'EUR' } } });
      expect(invoiceUpsert.userErrors).toEqual([]);
    }
  }
  // The third quarter is out 90 days after it.
  const latest = await network.closeOn('2026-12-29');
  expect(latest).toMatchObject({ periodEnd: '2026-10-31' });
  const acme = members[0]!;
  expect(await network.read(acme, ids.get(acme)!, 'PAYMENT_TERMS')).toEqual({
    __typename: 'BenchmarkFigure', metric: 'PAYMENT_TERMS', contributors: 'FIVE_TO_NINE', value: 30, roundedTo: 30, direction: null, lowerQuartile: null, upperQuartile: null, own: 20, position: 'SIMILAR',
    epoch: { id: expect.any(String), periodStart: '2026-07-01', periodEnd: '2026-09-30', publishedOn: '2026-12-29' },
  });
  // No two of these firms know the customer by one id, and none can ask by another's.
  expect(await network.bytesOf(acme, ids.get(members[1]!)!, null, 'PAYMENT_TERMS')).toContain('BenchmarkUnavailable');
});

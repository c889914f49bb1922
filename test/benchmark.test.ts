import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { Client } from 'pg';
import type { Metric } from '../src/events/catalogue.js';
import { SCOPES } from '../src/server/asker.js';
import { executeInRoom } from '../src/server/execute.js';
import { randomSiren, startHouse, type FirmVisitor, type TestHouse } from './house.js';

const BENCHMARK = `__typename
  ... on BenchmarkBand { metric contributors from to direction own position epoch { id periodStart periodEnd publishedOn } }
  ... on BenchmarkFigure { metric contributors value roundedTo direction lowerQuartile upperQuartile own position epoch { id periodStart periodEnd publishedOn } }
  ... on BenchmarkUnavailable { metric }`;
const METRICS = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE', 'PAYMENT_TERMS'] as const;
/** Eleven members since January, so that half a year later nobody is a newcomer. */
const JOINED = '2026-01-10T12:00:00.000Z';
const MONTHS = ['2026-03', '2026-04', '2026-05', '2026-06', '2026-07', '2026-08'] as const;

let house: TestHouse;
/** The owner of the database: sees what no room shows. */
let owner: Client;
let members: FirmVisitor[];

beforeAll(async () => {
  house = await startHouse();
  owner = new Client({ connectionString: house.databaseUrl });
  await owner.connect();
  members = await Promise.all(Array.from({ length: 11 }, () => house.firm()));
  await setClock(JOINED);
  await Promise.all(members.map((firm) => admit(firm)));
  await setClock(JOINED);
}, 120_000);
afterAll(async () => {
  await owner.end();
  await house[Symbol.asyncDispose]();
});

async function setClock(at: string): Promise<void> {
  await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at });
}

async function admit(firm: FirmVisitor, { verify = true, metrics = METRICS as readonly Metric[] } = {}): Promise<void> {
  if (verify) await house.nobody.get('mutation ($id: ID!) { sandboxFirmVerify(firmId: $id) { verified } }', { id: firm.firmId });
  const { communityJoin } = await firm.get<{ communityJoin: { userErrors: unknown[] } }>(
    'mutation ($input: CommunityJoinInput!) { communityJoin(input: $input) { userErrors { code } } }', { input: { metrics, acceptCharter: true } });
  expect(communityJoin.userErrors).toEqual([]);
}

interface Epoch { id: string; periodStart: string; periodEnd: string; publishedOn: string }

async function close(firm: FirmVisitor = members[0]!): Promise<Epoch | null> {
  return (await firm.get<{ sandboxEpochsClose: Epoch | null }>('mutation { sandboxEpochsClose { id periodStart periodEnd publishedOn } }')).sandboxEpochsClose;
}

/** A customer that each of the firms has: its id by firm, and the blind key that community knows. */
interface Shared { readonly ids: Map<FirmVisitor, string>; readonly subject: string }

async function share(firms: readonly FirmVisitor[]): Promise<Shared> {
  const siren = randomSiren();
  const ids = new Map<FirmVisitor, string>();
  for (const firm of firms) ids.set(firm, await customerOf(firm, siren));
  await settle();
  const { rows } = await owner.query<{ subject: string }>('select distinct subject from community.customer_key where customer_id = any($1)', [[...ids.values()]]);
  expect(rows).toHaveLength(1);
  return { ids, subject: rows[0]!.subject };
}

async function customerOf(firm: FirmVisitor, siren: string): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } userErrors { code path } } }',
    { input: { reference: randomUUID(), name: 'Garage Dupont', registration: { scheme: 'SIREN', value: siren } } });
  return customerUpsert.customer.id;
}

/** Has portfolios tell what is due, and waits until everybody has heard it; nothing becomes due at an unmoved clock. */
async function settle(): Promise<void> {
  const { portfolios } = house.running.rooms;
  await portfolios.subgraph.reactions['sandbox.settle-requested']!(portfolios.room, { firmId: null, data: {} });
  await setClock(house.running.rooms.community.room.clock.now().toString());
}

type Figures = Partial<Record<Metric, number>>;

async function tell(firm: FirmVisitor, subject: string, month: string, figures: Figures, { evidenced = true, revision = 1 } = {}): Promise<void> {
  const { community } = house.running.rooms;
  await community.subgraph.reactions['contribution.closed']!(community.room, { firmId: firm.firmId, data: { month, contributions: [{ subject, evidenced, figures, revision }] } });
}

/** Every firm tells the same figures in each month, its own place in the list deciding which. */
async function tellAll({ ids, subject }: Shared, figures: (place: number, month: number) => Figures, months: readonly string[] = MONTHS): Promise<void> {
  for (const [month, name] of months.entries()) {
    for (const [place, firm] of [...ids.keys()].entries()) await tell(firm, subject, name, figures(place, month));
  }
}

async function read(firm: FirmVisitor, customerId: string, metric: Metric = 'DSO', epoch: string | null = null): Promise<Record<string, unknown>> {
  const { customer } = await firm.get<{ customer: { benchmark: Record<string, unknown> } }>(
    `query ($id: ID!, $metric: BenchmarkMetric!, $epoch: ID) { customer(id: $id) { benchmark(metric: $metric, epoch: $epoch) { ${BENCHMARK} } } }`, { id: customerId, metric, epoch });
  return customer.benchmark;
}

/** The exact bytes of community's answer, whatever portfolios thinks of the id. */
async function bytesOf(firm: FirmVisitor, customerId: string, epoch: string | null = null, metric: Metric = 'DSO'): Promise<string> {
  const document = parse(`query ($r: [_Any!]!, $metric: BenchmarkMetric!, $epoch: ID) { _entities(representations: $r) { ... on Customer { benchmark(metric: $metric, epoch: $epoch) { ${BENCHMARK} } } } }`);
  const asker = { firmId: firm.firmId, userId: randomUUID(), role: 'OWNER' as const, scopes: SCOPES };
  return JSON.stringify(await executeInRoom(house.running.rooms.community,
    { document, variables: { r: [{ __typename: 'Customer', id: customerId }], metric, epoch }, operationName: undefined },
    { asker, requestId: 'r', origin: house.url }));
}

const UNAVAILABLE = { __typename: 'BenchmarkUnavailable', metric: 'DSO' };

test('two others are unavailable, three are a band, five a figure, ten have quartiles; everybody sees the same but the own figure', async () => {
  await setClock(JOINED);
  const groups = [await share(members.slice(0, 3)), await share(members.slice(0, 4)), await share(members.slice(0, 6)), await share(members)] as const;
  for (const group of groups) {
    // Days beyond terms rise by five a month; a third of the firms has a late share of 1, the others of 0.
    await tellAll(group, (place, month) => ({ DSO: 20 + place * 10, DAYS_BEYOND_TERMS: 5 + month * 5, LATE_SHARE: place % 3 === 0 ? 1 : 0, PAYMENT_TERMS: place < 4 ? 30 : 45 }), MONTHS.slice(0, 4));
  }
  await setClock('2026-07-31T12:00:00Z');
  const epoch = await close();
  expect(epoch).toEqual({ id: expect.any(String), periodStart: '2026-04-01', periodEnd: '2026-06-30', publishedOn: '2026-07-30' });
  const [two, three, five, ten] = groups.map(({ ids }) => ids.get(members[0]!)!) as [string, string, string, string];
  const acme = members[0]!;

  expect(await read(acme, two)).toEqual(UNAVAILABLE);
  // 20, 30, 40, 50: their mean 35 lies in the second band of 30 days, the viewer's 20 in the first.
  expect(await read(acme, three)).toEqual({ __typename: 'BenchmarkBand', metric: 'DSO', contributors: 'THREE_TO_FOUR', from: 30, to: 60, direction: 'STABLE', own: 20, position: 'BELOW', epoch });
  expect(await read(acme, three, 'LATE_SHARE')).toMatchObject({ __typename: 'BenchmarkBand', from: 0.25, to: 1, own: 1, position: 'SIMILAR' });
  // 20 to 70: 45, and a half goes up.
  expect(await read(acme, five)).toEqual({ __typename: 'BenchmarkFigure', metric: 'DSO', contributors: 'FIVE_TO_NINE', value: 50, roundedTo: 10, direction: 'STABLE', lowerQuartile: null, upperQuartile: null, own: 20, position: 'BELOW', epoch });
  expect(await read(acme, five, 'DAYS_BEYOND_TERMS')).toMatchObject({ value: 20, direction: 'WORSENING', own: 20, position: 'SIMILAR' });
  expect(await read(acme, five, 'LATE_SHARE')).toMatchObject({ value: 0.375, roundedTo: 0.25, own: 1, position: 'ABOVE' });
  // 20 to 120.
  expect(await read(acme, ten)).toEqual({ __typename: 'BenchmarkFigure', metric: 'DSO', contributors: 'TEN_OR_MORE', value: 70, roundedTo: 5, direction: 'STABLE', lowerQuartile: 50, upperQuartile: 100, own: 20, position: 'BELOW', epoch });
  // Terms of the quarter are out 90 days after it.
  expect(await read(acme, ten, 'PAYMENT_TERMS')).toEqual({ ...UNAVAILABLE, metric: 'PAYMENT_TERMS' });

  const answers = await Promise.all(members.map(async (firm) => read(firm, groups[3].ids.get(firm)!)));
  const common = answers.map(({ own: _own, position: _position, epoch: theirs, ...rest }) => ({ ...rest, publishedOn: (theirs as Epoch).publishedOn }));
  for (const each of common) expect(each).toEqual(common[0]);
  // No two firms know the epoch by one id.
  expect(new Set(answers.map((answer) => (answer['epoch'] as Epoch).id)).size).toBe(members.length);
  expect(answers.map((answer) => answer['position'])).toEqual(['BELOW', 'BELOW', 'BELOW', 'BELOW', 'BELOW', 'SIMILAR', 'ABOVE', 'ABOVE', 'ABOVE', 'ABOVE', 'ABOVE']);
});

test('every cause of unavailable gives the same bytes', async () => {
  await setClock('2026-07-31T12:00:00Z');
  const acme = members[0]!;
  const group = await share(members.slice(0, 6));
  const id = group.ids.get(acme)!;
  await setClock('2026-08-15T12:00:00Z');
  await tellAll(group, () => ({ DSO: 40 }), MONTHS.slice(0, 5));
  const outsider = await house.firm();
  const same = JSON.stringify({ data: { _entities: [{ benchmark: { __typename: 'BenchmarkUnavailable', metric: 'DSO' } }] } });
  const older = (await close())!.id;
  // Its panel told only from March on, so no cell of the group came out before July's epoch.
  expect(await bytesOf(acme, id)).toBe(same);
  await setClock('2026-08-31T12:00:00Z');
  const epoch = (await close())!.id;
  expect(JSON.parse(await bytesOf(acme, id))).toMatchObject({ data: { _entities: [{ benchmark: { __typename: 'BenchmarkFigure', value: 40 } }] } });
  const silent = await customerOf(acme, randomSiren());
  const causes: Record<string, Promise<string>> = {
    'an epoch in which nothing was published of it': bytesOf(acme, id, older),
    'another firm’s customer': bytesOf(acme, group.ids.get(members[1]!)!),
    'an unknown customer': bytesOf(acme, randomUUID()),
    'a malformed customer': bytesOf(acme, 'x'),
    'a customer nobody shares': bytesOf(acme, silent),
    'an epoch that does not exist': bytesOf(acme, id, 'AAAAAAAAAAAAAAAAAAAAAA'),
    'a malformed epoch': bytesOf(acme, id, 'x'),
    'another firm’s id of the epoch': bytesOf(members[1]!, group.ids.get(members[1]!)!, epoch),
    'no member': bytesOf(outsider, await customerOf(outsider, randomSiren())),
    'no member, another firm’s customer': bytesOf(outsider, id, epoch),
  };
  for (const [cause, bytes] of Object.entries(causes)) expect([cause, await bytes]).toEqual([cause, same]);
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { EventData } from '../src/events/catalogue.js';
import { METRICS } from '../src/values/metric.js';
import { readIntegratedSignals } from '../subgraphs/scoring/signals/read-integrated-signals.js';
import { readShownBenchmarks } from '../subgraphs/scoring/signals/read-shown-benchmarks.js';
import { gapOf } from '../subgraphs/scoring/signals/shown.js';
import { randomSiren, Visitor, type FirmVisitor } from './house.js';
import { Network, type Shared } from './network.js';
import { keepTold, toldOf } from './told-events.js';

/** From published benchmarks to signals that count in a score. */

const SIGNAL = `id customer { id } metric periodStart periodEnd direction before { from to value roundedTo direction own position } after { from to value roundedTo direction own position }
  decision weight note decidedAt decidedBy`;

interface Signal {
  readonly id: string;
  readonly customer: { readonly id: string };
  readonly metric: string;
  readonly periodEnd: string;
  readonly direction: string;
  readonly before: Record<string, unknown>;
  readonly after: Record<string, unknown>;
  readonly decision: string | null;
  readonly decidedAt: string | null;
}

interface Page {
  readonly nodes: readonly Signal[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Figures so far apart that the mean, 70 and what is added, may be shown: acme, the first, is paid soonest. */
function spread(place: number, added = 0): { readonly DAYS_BEYOND_TERMS: number } {
  return { DAYS_BEYOND_TERMS: 20 + place * 10 + added };
}

let network: Network;
let members: readonly FirmVisitor[];
/** What all members have, and how each of them is paid later since July. */
let slower: Shared;
/** The same for a second one, of which nothing moves. */
let steady: Shared;
/** Every event that scoring was told of benchmarks, by firm. */
const events = (firm: FirmVisitor): Promise<readonly EventData<'benchmarks.published'>[]> => toldOf(network.owner, firm.firmId, 'benchmarks.published');

beforeAll(async () => {
  network = await Network.start(11);
  ({ members } = network);
  await keepTold(network.owner, `new.name = 'benchmarks.published'`);
  await network.setClock(Network.JOINED);
  slower = await network.share(members);
  steady = await network.share(members);
  for (const group of [slower, steady]) await network.tellAll(group, ['2026-03', '2026-04', '2026-05', '2026-06'], (place) => spread(place));
}, 120_000);
afterAll(() => network[Symbol.asyncDispose]());

async function signals(firm: Visitor, args: { first?: number; after?: string | null; decided?: boolean } = {}): Promise<Page> {
  const { peerSignals } = await firm.get<{ peerSignals: Page }>(
    `query ($first: Int, $after: String, $decided: Boolean) { peerSignals(first: $first, after: $after, decided: $decided) { totalCount pageInfo { hasNextPage endCursor } nodes { ${SIGNAL} } } }`, args);
  return peerSignals;
}

interface Decided {
  readonly signal: (Signal & { readonly weight: number | null; readonly note: string | null; readonly decidedBy: string | null }) | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

async function decide(firm: Visitor, input: Record<string, unknown>): Promise<Decided> {
  const { peerSignalDecide } = await firm.get<{ peerSignalDecide: Decided }>(`mutation ($input: PeerSignalDecideInput!) { peerSignalDecide(input: $input) { signal { ${SIGNAL} } userErrors { code path } } }`, { input });
  return peerSignalDecide;
}

/** As `Customer.benchmark` shows it, without what a signal does not repeat. */
async function shown(firm: FirmVisitor, customerId: string, epoch: string | null = null): Promise<Record<string, unknown>> {
  const { from = null, to = null, value = null, roundedTo = null, direction, own, position } = await network.read(firm, customerId, 'DAYS_BEYOND_TERMS', epoch);
  return { from, to, value, roundedTo, direction, own, position };
}

function asFirm<Found>(firm: FirmVisitor, read: (em: Parameters<typeof readShownBenchmarks>[0]) => Promise<Found>): Promise<Found> {
  return network.house.running.rooms.scoring.room.db.forFirm(firm.firmId).transaction((em) => read(em));
}

/** By how many days members are paid later than the firm, of the customers of whom it is shown something. */
async function gapsOf(firm: FirmVisitor, customerIds: readonly string[]): Promise<ReadonlyMap<string, number | null>> {
  return new Map([...(await asFirm(firm, (em) => readShownBenchmarks(em, customerIds)))].map(([id, shownNow]) => [id, gapOf(shownNow)]));
}

interface Score {
  readonly value: number;
  readonly base: number;
  readonly factors: readonly { readonly code: string; readonly contribution: number; readonly observed: string | null }[];
}

async function scoreOf(firm: FirmVisitor, id: string): Promise<Score> {
  return (await firm.get<{ customer: { riskScore: Score } }>('query ($id: ID!) { customer(id: $id) { riskScore { value base factors { code contribution observed } } } }', { id })).customer.riskScore;
}

test('what moved beyond its rounding becomes a signal of exactly what the firm is shown, and what did not move none', async () => {
  const acme = members[0]!;
  const [moving, still] = [slower.ids.get(acme)!, steady.ids.get(acme)!];
  const june = await network.closeOn('2026-07-31');
  expect(await shown(acme, moving)).toMatchObject({ value: 70, roundedTo: 5, own: 20, position: 'BELOW' });
  // The first figure of a customer is no move.
  expect(await signals(acme)).toEqual({ nodes: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } });
  await network.tellAll(slower, ['2026-07'], (place) => spread(place, 10));
  await network.tellAll(steady, ['2026-07'], (place) => spread(place));
  const july = await network.closeOn('2026-08-30');
  expect([june.periodEnd, july.periodEnd]).toEqual(['2026-06-30', '2026-07-31']);
  const { nodes, totalCount } = await signals(acme);
  expect(nodes).toEqual([{
    id: expect.any(String), customer: { id: moving }, metric: 'DAYS_BEYOND_TERMS', periodStart: '2026-05-01', periodEnd: '2026-07-31', direction: 'WORSENING',
    before: await shown(acme, moving, june.id), after: await shown(acme, moving, july.id), decision: null, weight: null, note: null, decidedAt: null, decidedBy: null,
  }]);
  expect(nodes[0]!.after).toMatchObject({ value: 80, own: 30, position: 'BELOW' });
  expect(totalCount).toBe(1);
  // Another firm's customer has no gap here, nor has an unknown one.
  expect(await gapsOf(acme, [moving, still, slower.ids.get(members[1]!)!, randomUUID()])).toEqual(new Map([[moving, 50], [still, 50]]));
  // Every member has its own, under its own customer and with its own figure.
  const slowest = members[10]!;
  const [theirs] = (await signals(slowest)).nodes;
  expect(theirs).toMatchObject({ customer: { id: slower.ids.get(slowest)! }, after: { value: 80, own: 130, position: 'ABOVE' } });
  expect(theirs!.id).not.toBe(nodes[0]!.id);
});

test('an event says what the API shows that firm, and its presence nothing: whoever has nothing to read is told as often', async () => {
  const outsider = await network.house.firm();
  await network.admit(outsider);
  const mine = await network.customerOf(outsider, randomSiren());
  await network.settle();
  const counts = new Map<FirmVisitor, number>();
  for (const firm of [...members, outsider]) counts.set(firm, (await events(firm)).length);
  await network.tellAll(slower, ['2026-08'], (place) => spread(place, 20));
  const august = await network.closeOn('2026-09-30');
  for (const firm of [...members, outsider]) {
    const told = (await events(firm)).slice(counts.get(firm));
    // One for each metric of what came out: the terms of a quarter, and the payments of three months.
    expect(told.map(({ metric, periodEnd, revision }) => ({ metric, periodEnd, revision }))).toEqual([
      { metric: 'PAYMENT_TERMS', periodEnd: '2026-06-30', revision: 1 },
      ...METRICS.filter((metric) => metric !== 'PAYMENT_TERMS').map((metric) => ({ metric, periodEnd: august.periodEnd, revision: 1 })),
    ]);
    const days = told.find(({ metric }) => metric === 'DAYS_BEYOND_TERMS')!.customers;
    if (firm === outsider) expect(told.flatMap(({ customers }) => customers)).toEqual([]);
    else expect(days.find(({ customerId }) => customerId === slower.ids.get(firm))!.now).toEqual(await shown(firm, slower.ids.get(firm)!));
    // Of the steady one nothing was told for August: it still shows, from older months, or is null like the API's answer.
    const still = firm === outsider ? null : days.find(({ customerId }) => customerId === steady.ids.get(firm))?.now ?? null;
    if (firm !== outsider) expect(still === null).toBe((await network.read(firm, steady.ids.get(firm)!, 'DAYS_BEYOND_TERMS'))['__typename'] === 'BenchmarkUnavailable');
  }
  expect(await signals(outsider)).toMatchObject({ totalCount: 0 });
  expect(await gapsOf(outsider, [mine, slower.ids.get(members[0]!)!])).toEqual(new Map());
});

test('others that are busy with the customer between two epochs tell scoring nothing', async () => {
  const acme = members[0]!;
  const before = (await events(acme)).length;
  const { totalCount } = await signals(acme);
  for (const firm of members.slice(1, 4)) {
    const id = slower.ids.get(firm)!;
    for (const shared of [false, true]) await firm.get('mutation ($id: ID!, $shared: Boolean!) { customerSharingSet(input: { customerId: $id, shared: $shared }) { userErrors { code } } }', { id, shared });
    await firm.get('mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { userErrors { code } } }', { id });
  }
  await network.settle();
  await network.close();
  expect((await events(acme)).length).toBe(before);
  expect((await signals(acme)).totalCount).toBe(totalCount);
});

test('the same parts twice, late and in any order leave the same signals, decisions and gaps', async () => {
  const acme = members[0]!;
  const { scoring } = network.house.running.rooms;
  const id = slower.ids.get(acme)!;
  const before = { signals: await signals(acme), gaps: await gapsOf(acme, [id]) };
  const all = await events(acme);
  await Promise.all([...all, ...all].toReversed().map((data) => scoring.subgraph.reactions['benchmarks.published']!(scoring.room, { firmId: acme.firmId, data })));
  expect({ signals: await signals(acme), gaps: await gapsOf(acme, [id]) }).toEqual(before);
});

test('a decision is checked, may change, is one when it comes twice or ten times at once, and is its firm’s alone', async () => {
  const [acme, rival] = members as [FirmVisitor, FirmVisitor];
  const signal = (await signals(acme)).nodes.find(({ periodEnd }) => periodEnd === '2026-07-31')!;
  const { id } = signal;
  const refused = async (input: Record<string, unknown>, who: Visitor = acme): Promise<unknown> => {
    const { signal: none, userErrors } = await decide(who, { id, decision: 'INTEGRATED', note: 'Seen', ...input });
    expect(none).toBeNull();
    return userErrors;
  };
  for (const note of ['', '  ', 'x'.repeat(501), 'a\u0000b']) expect(await refused({ note })).toEqual([{ code: 'INVALID', path: ['input', 'note'] }]);
  for (const weight of [-0.1, 1.1, 1e300]) expect(await refused({ weight })).toEqual([{ code: 'INVALID', path: ['input', 'weight'] }]);
  expect(await refused({ decision: 'IGNORED', weight: 0.5 })).toEqual([{ code: 'INVALID', path: ['input', 'weight'] }]);
  for (const [who, other] of [[rival, id], [acme, randomUUID()], [acme, 'x'], [acme, '']] as const) expect(await refused({ id: other }, who)).toEqual([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
  expect(await refused({ seen: '2026-01-01T00:00:00Z' })).toEqual([{ code: 'CONFLICT', path: ['input', 'seen'] }]);
  expect((await signals(acme, { decided: true })).totalCount).toBe(0);

  const { signal: integrated } = await decide(acme, { id, decision: 'INTEGRATED', weight: 0.5, note: ' Pays others late. ', seen: null });
  expect(integrated).toEqual({ ...signal, decision: 'INTEGRATED', weight: 0.5, note: 'Pays others late.', decidedAt: expect.any(String), decidedBy: expect.any(String) });
  await network.setClock('2026-10-02T12:00:00Z');
  const again = await Promise.all(Array.from({ length: 10 }, () => decide(acme, { id, decision: 'INTEGRATED', weight: 0.5, note: 'Pays others late.', seen: null })));
  for (const each of again) expect(each).toEqual({ signal: integrated, userErrors: [] });
  // Who saw nothing decided would overwrite what somebody else has.
  expect(await refused({ decision: 'IGNORED', seen: null })).toEqual([{ code: 'CONFLICT', path: ['input', 'seen'] }]);
  const { signal: ignored } = await decide(acme, { id, decision: 'IGNORED', note: 'One order only.', seen: integrated!.decidedAt });
  expect(ignored).toMatchObject({ decision: 'IGNORED', weight: null, note: 'One order only.' });
  const both = await Promise.all([decide(acme, { id, decision: 'INTEGRATED', note: 'One', seen: ignored!.decidedAt }), decide(acme, { id, decision: 'INTEGRATED', note: 'Two', seen: ignored!.decidedAt })]);
  expect(both.flatMap(({ userErrors }) => userErrors)).toEqual([{ code: 'CONFLICT', path: ['input', 'seen'] }]);
  expect((await signals(acme, { decided: true })).nodes.map((node) => node.id)).toEqual([id]);
  expect((await signals(acme, { decided: false })).nodes.map((node) => node.id)).not.toContain(id);
  expect((await signals(rival, { decided: true })).totalCount).toBe(0);
});

test('what is integrated counts by its direction and weight, the newest of a metric, for a year', async () => {
  const acme = members[0]!;
  const customerId = slower.ids.get(acme)!;
  const { nodes: [signal] } = await signals(acme, { decided: true });
  const factors = (day: string, firm = acme): Promise<unknown> => asFirm(firm, (em) => readIntegratedSignals(em, [customerId], Temporal.PlainDate.from(day)));
  await decide(acme, { id: signal!.id, decision: 'IGNORED', note: 'Not yet' });
  const before = await scoreOf(acme, customerId);
  // The gap to what is shown counts by itself; the score is what its factors say.
  expect(before.factors.find(({ observed }) => observed === '50')).toBeDefined();
  await decide(acme, { id: signal!.id, decision: 'INTEGRATED', weight: 0.25, note: 'Seen' });
  const after = await scoreOf(acme, customerId);
  expect(after.factors.filter(({ code }) => code.startsWith('PEER_SIGNAL'))).toEqual([{ code: 'PEER_SIGNAL_DAYS_BEYOND_TERMS', contribution: -10, observed: '70 → 80' }]);
  expect(after.value).toBe(before.value - 10);
  expect(after.factors.reduce((sum, { contribution }) => sum + contribution, after.base)).toBe(after.value);
  const factor = { code: 'PEER_SIGNAL_DAYS_BEYOND_TERMS', label: { en: expect.any(String), fr: expect.any(String) }, contribution: -10, observed: '70 → 80' };
  expect(await factors('2026-10-02')).toEqual(new Map([[customerId, [factor]]]));
  expect(await factors('2027-07-30')).toEqual(new Map([[customerId, [factor]]]));
  expect(await factors('2027-07-31')).toEqual(new Map());
  // Business time of a sandbox may lie before it.
  expect(await factors('2026-07-30')).toEqual(new Map());
  expect(await factors('2026-10-02', members[1])).toEqual(new Map());
  await decide(acme, { id: signal!.id, decision: 'IGNORED', note: 'Not ours' });
  expect(await scoreOf(acme, customerId)).toEqual(before);
  expect(await factors('2026-10-02')).toEqual(new Map());
});

test('pages follow one another, and a cursor or a size of another list is refused', async () => {
  const acme = members[0]!;
  const all = await signals(acme);
  expect(all.totalCount).toBeGreaterThan(1);
  const ids: string[] = [];
  for (let after: string | null = null; ;) {
    const { nodes, pageInfo }: Page = await signals(acme, { first: 1, after });
    ids.push(...nodes.map(({ id }) => id));
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  expect(ids).toEqual(all.nodes.map(({ id }) => id));
  for (const args of ['first: 0', 'first: 101', 'after: "x"', 'after: "WyJ4Il0"']) {
    const { errors } = await acme.ask(`{ peerSignals(${args}) { totalCount } }`);
    expect(errors!.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  }
});

test('reading needs both scopes, deciding may not be done by who only reads', async () => {
  const acme = members[0]!;
  const key = async (scopes: readonly string[]): Promise<Visitor> => {
    const { apiKeyCreate } = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation ($scopes: [String!]!) { apiKeyCreate(input: { name: "k", scopes: $scopes }) { secret } }', { scopes });
    return new Visitor(network.house, apiKeyCreate.secret);
  };
  const codes = async (who: Visitor, document: string): Promise<unknown> => (await who.ask(document)).errors?.map(({ extensions }) => extensions.code) ?? [];
  const read = '{ peerSignals { totalCount } }';
  const write = 'mutation { peerSignalDecide(input: { id: "x", decision: IGNORED, note: "x" }) { userErrors { code } } }';
  expect(await codes(await key(['ledger:read']), read)).toEqual(['FORBIDDEN']);
  expect(await codes(await key(['community:read']), read)).toEqual(['FORBIDDEN']);
  const reader = await key(['ledger:read', 'community:read']);
  expect(await codes(reader, read)).toEqual([]);
  expect(await codes(reader, write)).toEqual(['FORBIDDEN']);
  expect(await codes(await key(['credit:write', 'community:read']), write)).toEqual([]);
  expect(await codes(network.house.nobody, read)).toEqual(['UNAUTHENTICATED']);
});

test('a firm that keeps the customer out, or leaves, is told anew and nothing of it counts any more; what it decided stays', async () => {
  const [, one, other] = members as [FirmVisitor, FirmVisitor, FirmVisitor];
  const gaps = (firm: FirmVisitor): Promise<ReadonlyMap<string, unknown>> => gapsOf(firm, [slower.ids.get(firm)!]);
  expect([(await gaps(one)).size, (await gaps(other)).size]).toEqual([1, 1]);
  const raised = (await signals(one)).totalCount;
  await one.get('mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: false }) { userErrors { code } } }', { id: slower.ids.get(one)! });
  await network.leave(other);
  await network.close();
  expect([(await gaps(one)).size, (await gaps(other)).size]).toEqual([0, 0]);
  await one.get('mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: true }) { userErrors { code } } }', { id: slower.ids.get(one)! });
  await network.close();
  expect((await gaps(one)).size).toBe(1);
  expect((await signals(one)).totalCount).toBe(raised);
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { invoice } from './bookkeeper.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  owner = await house.asOwner();
});
beforeEach(() => house.moveClock('2026-10-05'));
afterAll(() => house[Symbol.asyncDispose]());

async function customerOf(firm: FirmVisitor, facts: { readonly country?: string; readonly sector?: string } = {}): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }',
    { input: { reference: randomUUID(), name: 'Brasserie Lenoir', ...facts } },
  );
  await house.moveClock(house.running.rooms.scoring.room.clock.today().toString());
  return customerUpsert.customer.id;
}

interface Score {
  readonly value: number;
  readonly band: string;
  readonly base: number;
  readonly probabilityOfDefault: number;
  readonly factors: readonly { readonly code: string; readonly contribution: number; readonly observed: string | null }[];
  readonly appliedContextEvents: readonly { readonly event: { readonly id: string; readonly name: string }; readonly contribution: number }[];
}

/** Who is due is scored in the background: waits until nobody is, so that a score is the one that is kept. */
async function rescored(): Promise<void> {
  for (const until = Date.now() + 10_000; (await owner.query('select from scoring.rescore_due')).rowCount !== 0; ) expect(Date.now()).toBeLessThan(until);
}

/** The score of a customer; its base and contributions must be its value. */
async function scoreOf(firm: FirmVisitor, customerId: string): Promise<Score> {
  await rescored();
  const { customer } = await firm.get<{ customer: { riskScore: Score } }>(
    'query ($id: ID!) { customer(id: $id) { riskScore { value band base probabilityOfDefault factors { code contribution observed } appliedContextEvents { event { id name } contribution } } } }',
    { id: customerId },
  );
  const { riskScore } = customer;
  expect(riskScore.factors.reduce((sum, { contribution }) => sum + contribution, riskScore.base)).toBe(riskScore.value);
  return riskScore;
}

async function create(firm: FirmVisitor, change: Record<string, unknown> = {}): Promise<string> {
  const { contextEventCreate } = await firm.get<{ contextEventCreate: { event: { id: string } } }>(
    'mutation ($input: ContextEventCreateInput!) { contextEventCreate(input: $input) { event { id } } }',
    { input: { name: randomUUID(), kind: 'SECTOR_SHOCK', from: '2026-10-01', shift: -80, ...change } },
  );
  return contextEventCreate.event.id;
}

async function end(firm: FirmVisitor, id: string): Promise<void> {
  await firm.get('mutation ($id: ID!) { contextEventEnd(input: { id: $id }) { event { id } } }', { id });
}

interface Simulation {
  readonly nodes: readonly { readonly customer: { readonly id: string; readonly reference?: string }; readonly before: { value: number; band: string }; readonly after: { value: number; band: string } }[];
  readonly bands: readonly { readonly band: string; readonly before: number; readonly after: number }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

const SIMULATION = 'query ($input: ScoreSimulationInput!, $first: Int, $after: String) { scoreSimulation(input: $input, first: $first, after: $after) { nodes { customer { id reference } before { value band probabilityOfDefault } after { value band probabilityOfDefault } } bands { band before after } pageInfo { hasNextPage endCursor } } }';

async function simulate(firm: FirmVisitor, input: Record<string, unknown>, page: { readonly first?: number; readonly after?: string } = {}): Promise<Simulation> {
  return (await firm.get<{ scoreSimulation: Simulation }>(SIMULATION, { input, ...page })).scoreSimulation;
}

test('an event moves the scores of the customers whom it concerns by its points, says so, and its end restores them', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const [inn, forge] = [await customerOf(acme, { country: 'FR', sector: '55.1' }), await customerOf(acme, { country: 'FR', sector: '25.5' })];
  const theirs = await customerOf(rival, { country: 'FR', sector: '55.1' });
  const before = [await scoreOf(acme, inn), await scoreOf(acme, forge), await scoreOf(rival, theirs)];
  expect(before[0]!.appliedContextEvents).toEqual([]);
  const id = await create(acme, { name: 'Hotels closed', sectors: ['55'], countries: ['FR'] });
  const during = await scoreOf(acme, inn);
  expect(during).toMatchObject({ value: before[0]!.value - 80, appliedContextEvents: [{ event: { id, name: 'Hotels closed' }, contribution: -80 }] });
  expect(during.probabilityOfDefault).toBeGreaterThan(before[0]!.probabilityOfDefault);
  expect([await scoreOf(acme, forge), await scoreOf(rival, theirs)]).toEqual(before.slice(1));
  await end(acme, id);
  expect(await scoreOf(acme, inn)).toEqual(before[0]);
});

test('an event that begins and ends by its date alone moves scores on those days, both included', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const id = await create(acme, { from: '2026-10-06', to: '2026-10-07' });
  /** By how much the score of the day is moved: against the same day without the event. */
  const moved = async (): Promise<number> => {
    const { nodes } = await simulate(acme, { customerIds: [customerId], without: [id] });
    expect((await scoreOf(acme, customerId)).value).toBe(nodes[0]!.before.value);
    return nodes[0]!.before.value - nodes[0]!.after.value;
  };
  const byDay: Record<string, number> = {};
  for (const day of ['2026-10-05', '2026-10-06', '2026-10-07', '2026-10-08', '2026-10-06']) {
    await house.moveClock(day);
    byDay[day] = await moved();
  }
  expect(byDay).toEqual({ '2026-10-05': 0, '2026-10-06': -80, '2026-10-07': -80, '2026-10-08': 0 });
});

test('an event for everybody concerns a customer too of whom its invoices are all that was told', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  await rescored();
  await owner.query('delete from scoring.customer_fact where customer_id = $1', [customerId]);
  await invoice(acme, customerId, 'F1', '100.00', { issueDate: '2026-09-01', dueDate: '2026-12-01' });
  await house.moveClock('2026-10-05');
  const keptOf = async (): Promise<number> => {
    await rescored();
    return (await owner.query<{ value: number }>('select value from scoring.standing where customer_id = $1', [customerId])).rows[0]!.value;
  };
  const before = await keptOf();
  const id = await create(acme, { from: '2026-10-01' });
  expect(await keptOf()).toBe(before - 80);
  await end(acme, id);
  expect(await keptOf()).toBe(before);
});

test('several events add up, and a score that ends at 0 still explains itself', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const { value } = await scoreOf(acme, customerId);
  const ids = [await create(acme, { shift: -300, from: '2026-10-01' }), await create(acme, { shift: -300, from: '2026-10-02' }), await create(acme, { shift: -300, from: '2026-10-03' }), await create(acme, { shift: 20, from: '2026-10-04' })];
  const score = await scoreOf(acme, customerId);
  expect(score.appliedContextEvents.map(({ event }) => event.id)).toEqual(ids);
  const contributions = score.appliedContextEvents.map(({ contribution }) => contribution);
  expect(contributions).toEqual([-300, Math.max(-300, 300 - value), Math.max(-300, Math.min(0, 600 - value)), 20]);
  expect(score.value).toBe(20);
});

test('a customer that moves into the sector is concerned at once', async () => {
  const acme = await house.firm();
  const reference = randomUUID();
  const sectorIs = async (sector: string): Promise<string> => {
    const { customerUpsert } = await acme.get<{ customerUpsert: { customer: { id: string } } }>('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }', { input: { reference, name: 'Lenoir', sector } });
    await house.moveClock('2026-10-05');
    return customerUpsert.customer.id;
  };
  const customerId = await sectorIs('47.1');
  await create(acme, { sectors: ['55'] });
  const { value } = await scoreOf(acme, customerId);
  await sectorIs('55.1');
  expect((await scoreOf(acme, customerId)).value).toBe(value - 80);
});

test('a simulation shows before and after by customer and band, and writes nothing', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const [inn, forge] = [await customerOf(acme, { sector: '55.1' }), await customerOf(acme, { sector: '25.5' })];
  const theirs = await customerOf(rival, { sector: '55.1' });
  const standing = await create(acme, { shift: -30 });
  const [innScore, forgeScore] = [await scoreOf(acme, inn), await scoreOf(acme, forge)];
  const tables = (await owner.query<{ name: string }>(`select relname as name from pg_class where relnamespace = 'scoring'::regnamespace and relkind = 'r' and relname <> 'migration' order by 1`)).rows.map(({ name }) => name);
  await rescored();
  const rowsOf = async (): Promise<unknown[]> => Promise.all(tables.map(async (name) => (await owner.query(`select xmin::text, ctid::text from scoring.${name} order by 1, 2`)).rows));
  const rowsBefore = await rowsOf();
  const simulated = await simulate(acme, { contextEvents: [{ name: 'Hotels closed', sectors: ['I'], shift: -100 }, { name: 'Recovery', shift: 5 }], without: [standing, theirs, 'x'] });
  const byId = Object.fromEntries(simulated.nodes.map(({ customer, before, after }) => [customer.id, [before.value, after.value]]));
  expect(byId).toEqual({ [inn]: [innScore.value, innScore.value + 30 - 100 + 5], [forge]: [forgeScore.value, forgeScore.value + 30 + 5] });
  expect(simulated.nodes.every(({ customer }) => customer.reference)).toBe(true);
  for (const when of ['before', 'after'] as const) {
    expect(simulated.bands.map(({ band, [when]: count }) => [band, count])).toEqual(['A', 'B', 'C', 'D', 'E'].map((band) => [band, simulated.nodes.filter((node) => node[when].band === band).length]));
  }
  expect(await rowsOf()).toEqual(rowsBefore);
  expect([await scoreOf(acme, inn), await scoreOf(acme, forge)]).toEqual([innScore, forgeScore]);
});

test('a simulation goes by page or by name, within its bounds, and knows only the customers of its firm', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const mine = [await customerOf(acme), await customerOf(acme), await customerOf(acme)];
  const theirs = await customerOf(rival);
  const idsOf = ({ nodes }: Simulation): string[] => nodes.map(({ customer }) => customer.id);
  const first = await simulate(acme, {}, { first: 2 });
  expect(first.pageInfo.hasNextPage).toBe(true);
  const second = await simulate(acme, {}, { first: 2, after: first.pageInfo.endCursor });
  expect(second.pageInfo.hasNextPage).toBe(false);
  expect([...idsOf(first), ...idsOf(second)].toSorted()).toEqual(mine.toSorted());
  expect(idsOf(await simulate(acme, { customerIds: [mine[2]!, theirs, 'x', randomUUID(), mine[0]!, mine[2]!] }))).toEqual([mine[2]!, mine[0]!]);
  expect(idsOf(await simulate(acme, { customerIds: [] }))).toEqual([]);
  const assumed = { name: 'x', shift: 1 };
  for (const variables of [
    { input: { customerIds: Array.from({ length: 101 }, () => randomUUID()) } },
    { input: { contextEvents: Array.from({ length: 21 }, () => assumed) } },
    { input: { without: Array.from({ length: 101 }, () => randomUUID()) } },
    { input: { contextEvents: [{ ...assumed, shift: 0 }] } },
    { input: { contextEvents: [{ ...assumed, shift: 301 }] } },
    { input: { contextEvents: [{ ...assumed, name: '' }] } },
    { input: { contextEvents: [{ ...assumed, sectors: ['00'] }] } },
    { input: { contextEvents: [{ ...assumed, countries: ['ZZ'] }] } },
    { input: {}, first: 101 },
    { input: {}, after: 'x' },
  ]) {
    expect((await acme.ask(SIMULATION, variables)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
});

test('an insolvency notice weighs on the score until it is withdrawn', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const before = await scoreOf(acme, customerId);
  const { insolvencyNoticeRecord } = await acme.get<{ insolvencyNoticeRecord: { notice: { id: string } } }>(
    'mutation ($id: ID!) { insolvencyNoticeRecord(input: { customerId: $id, kind: LIQUIDATION, openedOn: "2026-10-01", source: "BODACC" }) { notice { id } } }',
    { id: customerId },
  );
  const during = await scoreOf(acme, customerId);
  expect(during.value).toBeLessThan(before.value);
  expect(during.band).toBe('E');
  expect(during.factors.find(({ code }) => code === 'INSOLVENCY_NOTICE')).toMatchObject({ contribution: during.value - before.value });
  await acme.get('mutation ($id: ID!) { insolvencyNoticeWithdraw(input: { id: $id, reason: "Another firm" }) { userErrors { code } } }', { id: insolvencyNoticeRecord.notice.id });
  expect(await scoreOf(acme, customerId)).toEqual(before);
});

test('an insolvency notice weighs for ten years from the opening', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  await acme.get('mutation ($id: ID!) { insolvencyNoticeRecord(input: { customerId: $id, kind: REORGANISATION, openedOn: "2026-10-05", source: "BODACC" }) { userErrors { code } } }', { id: customerId });
  const observed: Record<string, unknown> = {};
  for (const day of ['2026-10-05', '2036-10-04', '2036-10-05']) {
    await house.moveClock(day);
    observed[day] = (await scoreOf(acme, customerId)).factors.find(({ code }) => code === 'INSOLVENCY_NOTICE')!.observed;
  }
  expect(observed).toEqual({ '2026-10-05': 'yes', '2036-10-04': 'yes', '2036-10-05': 'no' });
});

test('a score looks at the newest statement that is at most 24 months old, as it was last given, and at the year before', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const upsert = (change: Record<string, unknown>): Promise<unknown> => acme.get(
    'mutation ($input: FinancialStatementUpsertInput!) { financialStatementUpsert(input: $input) { statement { id } userErrors { code path } } }',
    { input: { customerId, currency: 'EUR', periodEnd: '2024-12-31', totalAssets: '1000', currentAssets: '500', totalLiabilities: '600', currentLiabilities: '300', equity: '400', retainedEarnings: '150', sales: '2000', ebit: '120', netIncome: '80', ...change } },
  );
  /** The ratios that the kept score was computed from; nothing without a statement. */
  const ratios = async (): Promise<Record<string, number | null> | null> => {
    const today = house.running.rooms.scoring.room.clock.today().toString();
    await rescored();
    // Everybody is scored again on another day, soon after it began.
    for (const until = Date.now() + 15_000; ; ) {
      const { rows } = await owner.query<{ statement: Record<string, number | null> | null }>("select features -> 'statement' as statement from scoring.standing where customer_id = $1 and as_of = $2", [customerId, today]);
      if (rows[0]) return rows[0].statement;
      expect(Date.now()).toBeLessThan(until);
    }
  };
  expect(await ratios()).toBeNull();
  await upsert({ periodEnd: '2024-10-04' });
  expect(await ratios()).toBeNull();
  await upsert({ periodEnd: '2024-12-31', sales: '1600' });
  expect(await ratios()).toMatchObject({ retainedEarningsToAssets: 0.15, salesGrowth: null });
  await upsert({ periodEnd: '2025-12-31' });
  expect(await ratios()).toMatchObject({ salesToAssets: 2, salesGrowth: 1.25 });
  await upsert({ periodEnd: '2025-12-31', sales: '800' });
  expect(await ratios()).toMatchObject({ salesToAssets: 0.8, salesGrowth: 0.5 });
  await house.moveClock('2028-01-01');
  expect(await ratios()).toBeNull();
}, 60_000);

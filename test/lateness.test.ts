import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'graphql';
import type { EventData } from '../src/events/catalogue.js';
import { SCOPES, type Scope } from '../src/server/asker.js';
import { executeInRoom } from '../src/server/execute.js';
import { latenessHabits, type LedgerInvoice } from '../subgraphs/scoring/score/lateness-habits.js';
import { latenessOutlook } from '../subgraphs/scoring/score/lateness-outlook.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const TODAY = Temporal.PlainDate.from('2026-10-05');
const daysAgo = (days: number): string => TODAY.subtract({ days }).toString();

interface Outlook {
  readonly chance: number;
  readonly value: number;
  readonly base: number;
  readonly factors: readonly { readonly code: string; readonly contribution: number; readonly observed: string | null }[];
  readonly modelVersion: string;
}

/** What scoring answers about customers, asked as the gateway asks it. */
async function askScoring(firmId: string, ids: readonly string[], scopes: readonly Scope[] = SCOPES): Promise<readonly { lateness: Outlook | null }[] | string> {
  const { data, errors } = await executeInRoom(
    house.running.rooms.scoring,
    {
      document: parse('query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { lateness { chance value base factors { code contribution observed } modelVersion } } } }'),
      variables: { of: ids.map((id) => ({ __typename: 'Customer', id })) }, operationName: undefined,
    },
    { asker: { firmId, userId: randomUUID(), role: 'OWNER', scopes }, requestId: 'test', origin: '' },
  );
  const code = errors?.[0]?.extensions['code'];
  return typeof code === 'string' ? code : (JSON.parse(JSON.stringify(data)) as { _entities: { lateness: Outlook | null }[] })._entities;
}

// Days around every edge: late or not, the month, the quarter, the two years; today counts as to come.
const edges = [0, 1, 7, 8, 37, 38, 98, 99, 730, 731].flatMap((day) => [day - 1, day, day + 1]);
const someDay = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...edges) }, { weight: 3, arbitrary: fc.integer({ min: 0, max: 60 }) }, fc.integer({ min: -100, max: 900 }));
const invoiceOf = fc.record({
  currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'JPY', 'USD'), amount: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_000_000_000 }), fc.constant(10_000)),
  issuedAgo: fc.oneof(fc.integer({ min: -1, max: 1 }), fc.integer({ min: 20, max: 900 })), dueAgo: someDay, settledAgo: fc.option(someDay, { nil: null, freq: 4 }),
  isOnTheDay: fc.boolean(),
}).map(({ isOnTheDay, ...invoice }) => (isOnTheDay ? { ...invoice, settledAgo: invoice.dueAgo } : invoice));

test('the outlook of whatever ledger is that of its single invoices', async () => {
  const firmId = randomUUID();
  await house.moveClock(TODAY.toString());
  const ledgers = fc.sample(fc.oneof(fc.array(invoiceOf, { maxLength: 6 }), fc.array(invoiceOf, { minLength: 6, maxLength: 60 })), { numRuns: 450, seed: 6 });
  const customerIds = ledgers.map(() => randomUUID());
  const rows = ledgers.flatMap((invoices, place) => invoices.map((invoice) => ({ ...invoice, customerId: customerIds[place]! })));
  const told: EventData<'invoices.changed'> = {
    invoiceIds: rows.map(() => randomUUID()), customerIds: rows.map(({ customerId }) => customerId), currencies: rows.map(({ currency }) => currency), amountsMinor: rows.map(({ amount }) => String(amount)),
    issueDates: rows.map(({ issuedAgo }) => daysAgo(issuedAgo)), dueDates: rows.map(({ dueAgo }) => daysAgo(dueAgo)), settledOn: rows.map(({ settledAgo }) => (settledAgo === null ? null : daysAgo(settledAgo))), revisions: rows.map(() => 1),
  };
  const { scoring } = house.running.rooms;
  await scoring.subgraph.reactions['invoices.changed']!(scoring.room, { firmId, data: told });

  const expected = ledgers.map((invoices) => {
    const single = invoices.filter(({ amount }) => amount > 0).map(({ currency, amount, issuedAgo, dueAgo, settledAgo }): LedgerInvoice => ({ currency, amount, issued: -issuedAgo, due: -dueAgo, settled: settledAgo === null ? null : -settledAgo }));
    return { lateness: latenessOutlook(latenessHabits(single, 0)) };
  });
  expect(await askScoring(firmId, customerIds)).toEqual(expected);
  // Computed when it was asked for, and as it is kept.
  await house.moveClock(TODAY.toString());
  expect(await askScoring(firmId, customerIds)).toEqual(expected);
  // The test is of something: hundreds of ledgers that tell enough, and of many values.
  const values = expected.flatMap(({ lateness }) => (lateness ? [lateness.value] : []));
  expect([values.length > 150, new Set(values).size > 80, values.length < ledgers.length]).toEqual([true, true, true]);
});

async function customerOf(firm: FirmVisitor): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }', { input: { reference: randomUUID(), name: 'Brasserie Lenoir' } });
  return customerUpsert.customer.id;
}

const EUROS = { amount: '100', currency: 'EUR' };

/** An invoice of 100 on thirty days, due so many days ago. Returns its number. */
async function invoice(firm: FirmVisitor, customerId: string, dueAgo: number): Promise<string> {
  const number = randomUUID();
  const { invoiceUpsert } = await firm.get<{ invoiceUpsert: object }>(
    'mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { userErrors { code path } } }', { input: { customerId, number, issueDate: daysAgo(dueAgo + 30), dueDate: daysAgo(dueAgo), amount: EUROS } });
  expect(invoiceUpsert).toEqual({ userErrors: [] });
  return number;
}

async function pay(firm: FirmVisitor, customerId: string, number: string, receivedAgo: number): Promise<void> {
  const { paymentRecord } = await firm.get<{ paymentRecord: object }>(
    'mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code path } } }', { input: { customerId, reference: number, receivedOn: daysAgo(receivedAgo), amount: EUROS, invoiceNumbers: [number] } });
  expect(paymentRecord).toEqual({ userErrors: [] });
}

interface Named extends Outlook {
  readonly factors: readonly { readonly code: string; readonly en: string; readonly fr: string; readonly contribution: number; readonly observed: string | null }[];
}

const LATENESS = 'lateness { chance value base modelVersion factors { code en: label fr: label(locale: "fr-FR") contribution observed } }';

async function outlookOf(firm: FirmVisitor, id: string): Promise<Named | null> {
  const { customer } = await firm.get<{ customer: { lateness: Named | null } | null }>(`query ($id: ID!) { customer(id: $id) { ${LATENESS} } }`, { id });
  return customer?.lateness ?? null;
}

test('who pays on the due date is less likely late than who pays thirty days after it, each says why in two languages, a page of them is one answer, and another firm sees none of it', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  await house.moveClock(TODAY.toString());
  const [prompt, slow, newcomer] = [await customerOf(acme), await customerOf(acme), await customerOf(acme)];
  for (const dueAgo of [60, 70, 80, 90, 100, 110]) {
    await pay(acme, prompt, await invoice(acme, prompt, dueAgo), dueAgo);
    await pay(acme, slow, await invoice(acme, slow, dueAgo), dueAgo - 30);
  }
  for (const dueAgo of [60, 70]) await pay(acme, newcomer, await invoice(acme, newcomer, dueAgo), dueAgo);
  await house.moveClock(TODAY.toString());

  const { customers } = await acme.get<{ customers: { nodes: readonly { id: string; lateness: Named | null; riskScore: Outlook }[] } }>(`{ customers { nodes { id ${LATENESS} riskScore { value base factors { code contribution observed } } } } }`);
  const byId = new Map(customers.nodes.map((node) => [node.id, node]));
  expect(byId.get(newcomer)!.lateness).toBeNull();
  const early = byId.get(prompt)!.lateness!;
  const late = byId.get(slow)!.lateness!;
  // Four were due in the quarter: none late of them and four more, 0.4 ÷ 8; and all of them, 4.4 ÷ 8. None was due in the month.
  expect(early.factors.map(({ code, contribution, observed }) => [code, contribution, observed])).toEqual([['index', 29, '80'], ['recentLateShare', 24, '0.05'], ['monthLateShare', 0, null], ['recentDays', 20, '0'], ['usualDays', 24, '0']]);
  expect(late.factors.map(({ code, contribution, observed }) => [code, contribution, observed])).toEqual([['index', -59, '50'], ['recentLateShare', -43, '0.55'], ['monthLateShare', 0, null], ['recentDays', -39, '30'], ['usualDays', -50, '30']]);
  expect([early.value, late.value]).toEqual([665, 377]);
  for (const { value, base, factors } of [early, late]) expect(factors.reduce((sum, { contribution }) => sum + contribution, base)).toBe(value);
  expect([early.chance, late.chance]).toEqual([expect.closeTo(0.0358, 4), expect.closeTo(0.6681, 4)]);
  expect(early.factors[0]).toMatchObject({ en: 'How it pays you, 0 to 100 (80 is on the due date)', fr: 'Comportement de paiement, de 0 à 100 (80 : à l’échéance)' });
  // It is no part of the score.
  const { riskScore } = byId.get(slow)!;
  const codes = new Set(late.factors.map(({ code }) => code));
  expect([riskScore.factors.length > 0, riskScore.factors.filter(({ code }) => codes.has(code))]).toEqual([true, []]);
  expect(riskScore.factors.reduce((sum, { contribution }) => sum + contribution, riskScore.base)).toBe(riskScore.value);

  expect(await outlookOf(rival, prompt)).toBeNull();
  expect(await askScoring(rival.firmId, [prompt, randomUUID(), "' or true --"])).toEqual([{ lateness: null }, { lateness: null }, { lateness: null }]);
  expect(await askScoring(acme.firmId, [prompt], ['community:read'])).toBe('FORBIDDEN');
});

test('a payment moves the outlook, and so does a day; going back makes it as it was', async () => {
  const acme = await house.firm();
  await house.moveClock(TODAY.toString());
  const customerId = await customerOf(acme);
  for (const dueAgo of [40, 50, 60]) await pay(acme, customerId, await invoice(acme, customerId, dueAgo), dueAgo);
  const open = await invoice(acme, customerId, 7);
  await house.moveClock(TODAY.toString());
  const before = await outlookOf(acme, customerId);
  expect(before!.factors.find(({ code }) => code === 'monthLateShare')!.observed).toBeNull();
  // Eight days past due it is late, paid or not.
  await house.moveClock(TODAY.add({ days: 1 }).toString());
  const after = await outlookOf(acme, customerId);
  expect(after!.factors.find(({ code }) => code === 'monthLateShare')!.observed).toBe('0.28');
  expect(after!.chance).toBeGreaterThan(before!.chance);
  await house.moveClock(TODAY.toString());
  expect(await outlookOf(acme, customerId)).toEqual(before);

  await pay(acme, customerId, open, 7);
  await house.moveClock(TODAY.add({ days: 1 }).toString());
  const paid = await outlookOf(acme, customerId);
  expect(paid!.factors.find(({ code }) => code === 'monthLateShare')!.observed).toBe('0.08');
  expect(paid!.chance).toBeLessThan(after!.chance);
});

test('whoever has the card and the observed values has the outlook', async () => {
  const acme = await house.firm();
  await house.moveClock(TODAY.toString());
  const customerId = await customerOf(acme);
  for (const dueAgo of [12, 20, 45, 300]) await invoice(acme, customerId, dueAgo);
  await house.moveClock(TODAY.toString());
  const outlook = (await outlookOf(acme, customerId))!;
  const { latenessModel } = await acme.get<{ latenessModel: { base: number; even: number; scale: number; characteristics: { code: string; fr: string; unknown: number; bins: { below: number | null; points: number }[] }[] } }>(
    'query ($version: String) { latenessModel(version: $version) { base even scale characteristics { code fr: label(locale: "fr") unknown bins { below points } } } }', { version: outlook.modelVersion });
  const points = latenessModel.characteristics.map(({ code, fr, unknown, bins }) => {
    const factor = outlook.factors.find((each) => each.code === code)!;
    expect(factor.fr).toBe(fr);
    return factor.observed === null ? unknown : bins.find(({ below }) => below === null || Number(factor.observed) < below)!.points;
  });
  const value = points.reduce((sum, each) => sum + each, latenessModel.base);
  expect(outlook).toMatchObject({ value, base: latenessModel.base, chance: expect.closeTo(1 / (1 + Math.exp((value - latenessModel.even) / latenessModel.scale)), 12) });
  expect(await acme.get('{ latenessModel(version: "lateness-2019-01") { version } }')).toEqual({ latenessModel: null });
});

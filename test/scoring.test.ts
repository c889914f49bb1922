import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { sql } from 'kysely';
import type { EventData } from '../src/events/catalogue.js';
import { executeInRoom } from '../src/server/execute.js';
import { SCOPES, type Scope } from '../src/server/asker.js';
import { comesTrue } from '../faults/patience.js';
import { markRescoreDue } from '../subgraphs/scoring/score/mark-rescore-due.js';
import { rescoreCustomers } from '../subgraphs/scoring/score/rescore-customers.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

/** One invoice as `invoices.changed` tells it. */
interface Invoice {
  readonly invoiceId: string;
  readonly customerId: string;
  readonly currency: string;
  readonly amountMinor: string;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly settledOn: string | null;
  readonly revision: number;
}

/** The event lists each column by itself. */
function eventOf(invoices: readonly Invoice[]): EventData<'invoices.changed'> {
  return {
    invoiceIds: invoices.map(({ invoiceId }) => invoiceId), customerIds: invoices.map(({ customerId }) => customerId), currencies: invoices.map(({ currency }) => currency),
    amountsMinor: invoices.map(({ amountMinor }) => amountMinor), issueDates: invoices.map(({ issueDate }) => issueDate), dueDates: invoices.map(({ dueDate }) => dueDate),
    settledOn: invoices.map(({ settledOn }) => settledOn), revisions: invoices.map(({ revision }) => revision),
  };
}

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** Moves the clock to where it is: it answers once no event is on its way any more. */
async function settled(): Promise<void> {
  await house.moveClock(house.running.rooms.scoring.room.clock.today().toString());
}

async function customerOf(firm: FirmVisitor): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }',
    { input: { reference: randomUUID(), name: 'Brasserie Lenoir' } },
  );
  return customerUpsert.customer.id;
}

/** An invoice of 100, due on a day and paid on another, unless it is open. Returns its id. */
async function invoice(firm: FirmVisitor, customerId: string, dueDate: string, paidOn?: string, amount = { amount: '100', currency: 'EUR' }): Promise<string> {
  const number = randomUUID();
  const issueDate = Temporal.PlainDate.from(dueDate).subtract({ days: 30 }).toString();
  const { invoiceUpsert } = await firm.get<{ invoiceUpsert: { invoice: { id: string }; userErrors: readonly unknown[] } }>(
    'mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { invoice { id } userErrors { code path } } }',
    { input: { customerId, number, issueDate, dueDate, amount } },
  );
  expect(invoiceUpsert.userErrors).toEqual([]);
  if (paidOn !== undefined) {
    const { paymentRecord } = await firm.get<{ paymentRecord: { userErrors: readonly unknown[] } }>(
      'mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code path } } }',
      { input: { customerId, reference: number, receivedOn: paidOn, amount, invoiceNumbers: [number] } },
    );
    expect(paymentRecord.userErrors).toEqual([]);
  }
  return invoiceUpsert.invoice.id;
}

const BEHAVIOUR = 'query ($id: ID!) { customer(id: $id) { reference paymentBehaviour { index averageDaysBeyondTerms onTimeShare trend invoiceCount } } }';

async function behaviour(firm: FirmVisitor, customerId: string): Promise<unknown> {
  return (await firm.get<{ customer: { paymentBehaviour: unknown } }>(BEHAVIOUR, { id: customerId })).customer.paymentBehaviour;
}

test('three invoices on the due date and one 30 days late give 72.5, rounded to even, and only their firm sees it', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  await house.moveClock('2026-10-05');
  const customerId = await customerOf(acme);
  await invoice(acme, customerId, '2026-03-01', '2026-03-01');
  await invoice(acme, customerId, '2026-03-02', '2026-03-02');
  await settled();
  expect(await behaviour(acme, customerId)).toBeNull();
  await invoice(acme, customerId, '2026-03-03', '2026-03-03');
  await invoice(acme, customerId, '2026-03-04', '2026-04-03');
  await settled();
  expect(await behaviour(acme, customerId)).toEqual({ index: 72, averageDaysBeyondTerms: 7.5, onTimeShare: 0.75, trend: 'STABLE', invoiceCount: 4 });
  expect(await rival.get(BEHAVIOUR, { id: customerId })).toEqual({ customer: null });
});

test('scoring asked directly about a foreign, unknown or malformed customer knows nothing, and demands the scope', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  await house.moveClock('2026-10-05');
  const customerId = await customerOf(acme);
  for (const day of ['2026-03-01', '2026-03-02', '2026-03-03']) await invoice(acme, customerId, day, day);
  await settled();
  const reference = async (firm: FirmVisitor, id: string, scopes: readonly Scope[] = SCOPES): Promise<unknown> => {
    const { data, errors } = await executeInRoom(
      house.running.rooms.scoring,
      { document: parse('query ($id: ID!) { _entities(representations: [{ __typename: "Customer", id: $id }]) { ... on Customer { paymentBehaviour { index } } } }'), variables: { id }, operationName: undefined },
      { asker: { firmId: firm.firmId, userId: randomUUID(), role: 'OWNER', scopes }, requestId: 'test', origin: '' },
    );
    return errors?.[0]?.extensions['code'] ?? JSON.parse(JSON.stringify(data));
  };
  const nothing = { _entities: [{ paymentBehaviour: null }] };
  expect(await reference(acme, customerId)).toEqual({ _entities: [{ paymentBehaviour: { index: 80 } }] });
  expect(await reference(rival, customerId)).toEqual(nothing);
  expect(await reference(acme, randomUUID())).toEqual(nothing);
  expect(await reference(acme, "' or true --")).toEqual(nothing);
  expect(await reference(acme, customerId, ['community:read'])).toBe('FORBIDDEN');
});

test('events that come twice and out of order leave the newest fact, and a cancelled invoice stops counting', async () => {
  const acme = await house.firm();
  await house.moveClock('2026-10-05');
  const customerId = await customerOf(acme);
  const ids: string[] = [];
  for (const day of ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04']) ids.push(await invoice(acme, customerId, day, day));
  await settled();
  const late: Invoice = { invoiceId: ids[3]!, customerId, currency: 'EUR', amountMinor: '10000', issueDate: '2026-02-02', dueDate: '2026-03-04', settledOn: '2026-04-03', revision: 20 };
  const cancelled = { ...late, amountMinor: '0', revision: 30 };
  const { scoring } = house.running.rooms;
  const tell = (...invoices: Invoice[]): Promise<void> => scoring.subgraph.reactions['invoices.changed']!(scoring.room, { firmId: acme.firmId, data: eventOf(invoices) });
  await tell(late);
  expect(await behaviour(acme, customerId)).toMatchObject({ index: 72, invoiceCount: 4 });
  // The newest comes before the one between, and one event names an invoice three times.
  await tell({ ...late, revision: 25 }, cancelled, { ...late, revision: 26 });
  await tell(late);
  await tell({ ...late, revision: 29 });
  expect(await behaviour(acme, customerId)).toEqual({ index: 80, averageDaysBeyondTerms: 0, onTimeShare: 1, trend: 'STABLE', invoiceCount: 3 });
});

test('customers that are told twice and out of order are as they were told last', async () => {
  const acme = await house.firm();
  await house.moveClock('2026-10-05');
  const customerId = await customerOf(acme);
  await invoice(acme, customerId, '2026-10-20');
  await settled();
  const { scoring } = house.running.rooms;
  /** Each limit with its revision, in one event. */
  const tell = (...limits: (readonly [limitMinor: string, revision: number])[]): Promise<void> => scoring.subgraph.reactions['customers.changed']!(scoring.room, { firmId: acme.firmId, data: {
    customerIds: limits.map(() => customerId), countries: limits.map(() => null), sectors: limits.map(() => null), limitCurrencies: limits.map(() => 'EUR'), limitsMinor: limits.map(([minor]) => minor),
    reservedMinor: limits.map(() => '0'), openDisputes: limits.map(() => 0), brokenOn: limits.map(() => []), revisions: limits.map(([, revision]) => revision),
  } });
  const utilisation = async (): Promise<unknown> => {
    const { customer } = await acme.get<{ customer: { riskScore: { factors: { code: string; observed: string | null }[] } } }>('query ($id: ID!) { customer(id: $id) { riskScore { factors { code observed } } } }', { id: customerId });
    return customer.riskScore.factors.find(({ code }) => code === 'CREDIT_UTILISATION')!.observed;
  };
  await tell(['40000', 20]);
  expect(await utilisation()).toBe('25 %');
  await tell(['10000', 25], ['20000', 30], ['30000', 26]);
  await tell(['40000', 20]);
  await tell(['30000', 29]);
  expect(await utilisation()).toBe('50 %');
});

test('a mark that somebody sets anew and has not committed is not taken: what they tell would be missed', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  await settled();
  const { room } = house.running.rooms.scoring;
  const [owner, watcher] = [await house.asOwner(), await house.asOwner()];
  const isMarked = async (): Promise<boolean> => (await watcher.query('select from scoring.rescore_due where firm_id = $1', [acme.firmId])).rowCount !== 0;
  expect(await comesTrue(async () => !(await isMarked()), 10_000)).toBe(true);
  await owner.query('begin');
  await owner.query('insert into scoring.rescore_due (firm_id, customer_id) values ($1, $2)', [acme.firmId, customerId]);
  const [marked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const telling = room.db.forFirm(acme.firmId).transaction(async (em) => {
    await markRescoreDue(em, sql`select ${customerId}::uuid`);
    marked.resolve();
    await release.promise;
  });
  // It waits for the mark, and holds it from the moment it is there.
  expect(await comesTrue(async () => (await watcher.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rowCount !== 0, 10_000)).toBe(true);
  await owner.query('commit');
  await marked.promise;
  expect(await rescoreCustomers(room, acme.firmId)).toBe(0);
  release.resolve();
  await telling;
  expect(await comesTrue(async () => !(await isMarked()), 10_000)).toBe(true);
});

test('what counts moves with business time: overdue ones count as settled today, and 24 months end on the day', async () => {
  const acme = await house.firm();
  await house.moveClock('2026-10-05');
  const customerId = await customerOf(acme);
  await invoice(acme, customerId, '2026-10-05');
  await invoice(acme, customerId, '2026-10-05');
  // Settled 24 months ago to the day is out; one day later is in, and tomorrow it is out.
  await invoice(acme, customerId, '2024-10-05', '2024-10-05');
  await invoice(acme, customerId, '2024-10-06', '2024-10-06');
  await invoice(acme, customerId, '2026-09-05', '2026-09-05');
  await settled();
  // Due today is not past due.
  expect(await behaviour(acme, customerId)).toBeNull();
  await house.moveClock('2026-11-04');
  expect(await behaviour(acme, customerId)).toEqual({ index: 60, averageDaysBeyondTerms: 20, onTimeShare: 0.333333, trend: 'STABLE', invoiceCount: 3 });
  await house.moveClock('2026-10-05');
  expect(await behaviour(acme, customerId)).toBeNull();
});

test('a customer that pays later than it used to is worsening, a page of customers is one answer, and currencies are combined by count', async () => {
  const acme = await house.firm();
  await house.moveClock('2026-10-05');
  const [worse, mixed] = [await customerOf(acme), await customerOf(acme)];
  for (const month of ['01', '02', '03']) await invoice(acme, worse, `2026-${month}-10`, `2026-${month}-10`);
  for (const day of ['06', '07', '08']) await invoice(acme, worse, `2026-08-${day}`, `2026-09-${day}`);
  for (const day of ['01', '02', '03']) await invoice(acme, mixed, `2026-05-${day}`, `2026-05-${day}`);
  await invoice(acme, mixed, '2026-05-04', '2026-06-03', { amount: '9999999', currency: 'JPY' });
  await settled();
  const { customers } = await acme.get<{ customers: { nodes: readonly { id: string; paymentBehaviour: unknown }[] } }>('{ customers { nodes { id paymentBehaviour { index trend averageDaysBeyondTerms invoiceCount } } } }');
  const byId = Object.fromEntries(customers.nodes.map(({ id, paymentBehaviour }) => [id, paymentBehaviour]));
  // 31 days late is 50 − 1/3 points; with three at 80 the index is 64.83, and the quarter is 15 points below it.
  expect(byId).toEqual({
    [worse]: { index: 65, trend: 'WORSENING', averageDaysBeyondTerms: 15.5, invoiceCount: 6 },
    [mixed]: { index: 72, trend: 'STABLE', averageDaysBeyondTerms: 7.5, invoiceCount: 4 },
  });
});

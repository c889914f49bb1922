import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { migrate } from '../src/database/migrate.js';
import type { EventData } from '../src/events/catalogue.js';
import { portfolios } from '../subgraphs/portfolios/subgraph.js';
import { importFile } from './import-file.js';
import { administer, startHouse, type FirmVisitor, type TestHouse } from './house.js';
import { keepTold, toldOf } from './told-events.js';

/** What portfolios tells scoring of customers and of open amounts. */

let house: TestHouse;
/** The owner of the database: sees what is told before scoring takes it. */
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  owner = await house.asOwner();
  await keepTold(owner, `new.consumer = 'scoring' and new.producer = 'portfolios'`);
  await house.moveClock('2026-10-05');
});
afterAll(() => house[Symbol.asyncDispose]());

/** Moves the clock to where it is: it answers once everything that is due was told. */
async function settled(): Promise<void> {
  await house.moveClock(house.running.rooms.portfolios.room.clock.today().toString());
}

function told<Name extends 'customers.changed' | 'invoices.changed'>(firm: FirmVisitor, name: Name): Promise<readonly EventData<Name>[]> {
  return toldOf(owner, firm.firmId, name);
}

/** A customer as it was told, once for each telling, by growing revision. */
async function tellings(firm: FirmVisitor, customerId: string): Promise<readonly Record<string, unknown>[]> {
  const all = (await told(firm, 'customers.changed')).flatMap((event) => event.customerIds.flatMap((id, place) => (id !== customerId ? [] : [{
    country: event.countries[place], sector: event.sectors[place], limitCurrency: event.limitCurrencies[place], limit: event.limitsMinor[place],
    reserved: event.reservedMinor[place], disputes: event.openDisputes[place], brokenOn: event.brokenOn[place], revision: event.revisions[place]!,
  }])));
  expect(new Set(all.map(({ revision }) => revision)).size).toBe(all.length);
  return all.toSorted((one, other) => one.revision - other.revision).map(({ revision: _revision, ...rest }) => rest);
}

/** What a reader that keeps the highest revision knows. */
async function standing(firm: FirmVisitor, customerId: string): Promise<Record<string, unknown> | undefined> {
  return (await tellings(firm, customerId)).at(-1);
}

const BLANK = { country: null, sector: null, limitCurrency: null, limit: null, reserved: '0', disputes: 0, brokenOn: [] };

async function done(firm: FirmVisitor, mutation: string, input: Record<string, unknown>): Promise<Record<string, { id: string } | null>> {
  const [name] = mutation.split('(');
  const document = `mutation ($input: ${name![0]!.toUpperCase()}${name!.slice(1)}Input!) { ${name}(input: $input) { ${mutation.slice(name!.length + 1, -1)} userErrors { code path } } }`;
  const { [name!]: payload } = await firm.get<Record<string, Record<string, { id: string } | null> & { userErrors: unknown }>>(document, { input });
  expect(payload!.userErrors).toEqual([]);
  return payload!;
}

async function customerOf(firm: FirmVisitor, input: Record<string, unknown> = {}): Promise<string> {
  return (await done(firm, 'customerUpsert(customer { id })', { reference: randomUUID(), name: 'Brasserie Lenoir', ...input }))['customer']!.id;
}

async function invoiceOf(firm: FirmVisitor, customerId: string, number: string = randomUUID(), more: Record<string, unknown> = {}): Promise<string> {
  return (await done(firm, 'invoiceUpsert(invoice { id })', { customerId, number, issueDate: '2026-09-01', dueDate: '2026-10-01', amount: { amount: '100', currency: 'EUR' }, ...more }))['invoice']!.id;
}

async function pay(firm: FirmVisitor, customerId: string, number: string, amount: string, receivedOn: string): Promise<void> {
  await done(firm, 'paymentRecord(invoices { id })', { customerId, reference: randomUUID(), receivedOn, amount: { amount, currency: 'EUR' }, invoiceNumbers: [number] });
}

test('a customer is told as a whole with whatever changes of it, and not when nothing does', async () => {
  const acme = await house.firm();
  const reference = randomUUID();
  const id = await customerOf(acme, { reference, country: 'FR', sector: '47.11' });
  const first = { ...BLANK, country: 'FR', sector: '47.11' };
  expect(await tellings(acme, id)).toEqual([first]);
  // The same again, and what scoring does not need.
  await customerOf(acme, { reference, country: 'FR', sector: '47.11' });
  await customerOf(acme, { reference, name: 'Lenoir et fils', registration: { scheme: 'SIREN', value: '732829320' }, terms: { days: 30 } });
  expect(await tellings(acme, id)).toEqual([first]);
  await customerOf(acme, { reference, country: null });
  const limited = { ...BLANK, sector: '47.11', limitCurrency: 'EUR', limit: '100000' };
  await done(acme, 'creditLimitSet(customer { id })', { customerId: id, limit: { amount: '1000', currency: 'EUR' } });
  await done(acme, 'creditLimitSet(customer { id })', { customerId: id, limit: { amount: '1000', currency: 'EUR' } });
  await done(acme, 'orderExposureSet(order { orderReference })', { customerId: id, orderReference: 'O1', amount: { amount: '250', currency: 'EUR' } });
  // It reserves nothing of a limit in another currency.
  await done(acme, 'orderExposureSet(order { orderReference })', { customerId: id, orderReference: 'O2', amount: { amount: '99', currency: 'USD' }, override: true });
  await done(acme, 'orderExposureSet(order { orderReference })', { customerId: id, orderReference: 'O1', amount: { amount: '300', currency: 'EUR' } });
  await done(acme, 'orderExposureRelease(order { orderReference })', { customerId: id, orderReference: 'O1' });
  await done(acme, 'orderExposureRelease(order { orderReference })', { customerId: id, orderReference: 'O1' });
  await done(acme, 'creditLimitSet(customer { id })', { customerId: id, limit: null });
  expect(await tellings(acme, id)).toEqual([first, { ...first, country: null }, limited, { ...limited, reserved: '25000' }, { ...limited, reserved: '30000' }, limited, { ...limited, limit: null, limitCurrency: null }]);
  const [one, other] = [await invoiceOf(acme, id), await invoiceOf(acme, id)];
  const dispute = await done(acme, 'disputeOpen(dispute { id })', { invoiceId: one, reason: 'PRICE', responsible: 'Sales' });
  await done(acme, 'disputeOpen(dispute { id })', { invoiceId: one, reason: 'PRICE', responsible: 'Sales' });
  await done(acme, 'disputeOpen(dispute { id })', { invoiceId: other, reason: 'QUALITY', responsible: 'Sales' });
  await done(acme, 'disputeResolve(dispute { id })', { id: dispute['dispute']!.id, outcome: 'REJECTED' });
  expect((await tellings(acme, id)).slice(7).map(({ disputes }) => disputes)).toEqual([1, 2, 1]);
});

test('a promise is broken from the day after it, without anybody doing anything, until a payment of its day comes in late', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  await house.moveClock('2026-10-05');
  const [id, theirs] = [await customerOf(acme), await customerOf(rival)];
  const [kept, late, partly] = ['A', 'B', 'C'] as const;
  const ids = new Map<string, string>();
  for (const number of [kept, late, partly]) ids.set(number, await invoiceOf(acme, id, number));
  for (const number of [kept, late, partly]) await done(acme, 'promiseRecord(promise { id })', { invoiceIds: [ids.get(number)], promisedOn: '2026-10-07' });
  // The third is promised anew before it breaks.
  await house.moveClock('2026-10-06');
  await done(acme, 'promiseRecord(promise { id })', { invoiceIds: [ids.get(partly)], promisedOn: '2026-10-20' });
  await pay(acme, id, kept, '100', '2026-10-06');
  await house.moveClock('2026-10-07');
  expect(await tellings(acme, id)).toEqual([BLANK]);
  await house.moveClock('2026-10-08');
  expect(await standing(acme, id)).toEqual({ ...BLANK, brokenOn: ['2026-10-08'] });
  // What comes on the day after does not mend it; what is recorded late with its day does.
  await pay(acme, id, late, '60', '2026-10-08');
  await settled();
  expect(await standing(acme, id)).toEqual({ ...BLANK, brokenOn: ['2026-10-08'] });
  await house.moveClock('2026-10-21');
  expect(await standing(acme, id)).toEqual({ ...BLANK, brokenOn: ['2026-10-21', '2026-10-08'] });
  await pay(acme, id, partly, '100', '2026-10-19');
  await settled();
  expect(await standing(acme, id)).toEqual({ ...BLANK, brokenOn: ['2026-10-08'] });
  // Two years on it is told no more.
  await house.moveClock('2028-10-08');
  await done(acme, 'creditLimitSet(customer { id })', { customerId: id, limit: { amount: '1', currency: 'EUR' } });
  expect(await standing(acme, id)).toMatchObject({ brokenOn: [] });
  expect(await tellings(rival, theirs)).toEqual([BLANK]);
  await house.moveClock('2026-10-05');
});

test('of changes of one customer at once the highest revision has all', async () => {
  const acme = await house.firm();
  for (let round = 0; round < 3; round += 1) {
    const id = await customerOf(acme);
    const invoices = await Promise.all(Array.from({ length: 4 }, () => invoiceOf(acme, id)));
    await Promise.all([
      ...invoices.map((invoiceId) => done(acme, 'disputeOpen(dispute { id })', { invoiceId, reason: 'PRICE', responsible: 'Sales' })),
      ...Array.from({ length: 4 }, (_, place) => done(acme, 'orderExposureSet(order { orderReference })', { customerId: id, orderReference: `O${place}`, amount: { amount: '10', currency: 'EUR' }, override: true })),
      done(acme, 'creditLimitSet(customer { id })', { customerId: id, limit: { amount: '1000', currency: 'EUR' } }),
    ]);
    expect(await standing(acme, id)).toEqual({ ...BLANK, limitCurrency: 'EUR', limit: '100000', reserved: '4000', disputes: 4 });
  }
});

test('what is refused tells nothing, and what another firm does with the id of a customer tells nothing', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const id = await customerOf(acme);
  const invoiceId = await invoiceOf(acme, id);
  const before = await tellings(acme, id);
  for (const [mutation, input] of [
    ['creditLimitSet', { customerId: id, limit: { amount: '1000', currency: 'EUR' } }],
    ['orderExposureSet', { customerId: id, orderReference: 'O', amount: { amount: '10', currency: 'EUR' } }],
    ['disputeOpen', { invoiceId, reason: 'PRICE', responsible: 'Sales' }],
    ['promiseRecord', { invoiceIds: [invoiceId], promisedOn: '2026-12-01' }],
  ] as const) {
    const answer = await rival.get<Record<string, { userErrors: readonly { code: string }[] }>>(
      `mutation ($input: ${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input: $input) { userErrors { code } } }`, { input });
    expect(answer[mutation]!.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
  }
  await settled();
  expect(await tellings(acme, id)).toEqual(before);
  expect(await told(rival, 'customers.changed')).toEqual([]);
});

test('an invoice is told with what is open of it, and a credit note with what it takes off', async () => {
  const acme = await house.firm();
  const id = await customerOf(acme);
  await invoiceOf(acme, id, 'F1');
  await pay(acme, id, 'F1', '30', '2026-10-01');
  await pay(acme, id, 'F1', '70', '2026-10-02');
  await invoiceOf(acme, id, 'AV', { kind: 'CREDIT_NOTE', dueDate: null });
  const facts = (await told(acme, 'invoices.changed')).flatMap(({ amountsMinor, openMinor, creditedMinor, revisions }) => amountsMinor.map((amount, place) => [amount, openMinor![place], creditedMinor![place], revisions[place]]));
  expect(facts).toEqual([['10000', '10000', '0', 1], ['10000', '7000', '0', 2], ['10000', '0', '0', 3], ['0', '0', '10000', 1]]);
});

test('an import tells of new and changed customers, five hundred an event, and the same file again of none', async () => {
  const acme = await house.firm();
  const file = (country: string): string => [
    'customer_reference,customer_name,country,invoice_number,issue_date,due_date,amount,currency,settled_on',
    ...Array.from({ length: 1_200 }, (_, place) => `C${place},Customer ${place},${place < 3 ? country : 'FR'},F${place},2026-09-01,2026-10-01,100.00,EUR,${place % 2 === 0 ? '2026-09-20' : ''}`),
  ].join('\n');
  const input = { format: 'CSV' };
  expect(await importFile(acme, input, file('FR'))).toMatchObject({ status: 'COMPLETED', rowsAccepted: 1_200 });
  const first = await told(acme, 'customers.changed');
  expect(first.map(({ customerIds }) => customerIds.length)).toEqual([500, 500, 200]);
  expect(new Set(first.flatMap(({ customerIds }) => customerIds)).size).toBe(1_200);
  expect(new Set(first.flatMap(({ countries }) => countries))).toEqual(new Set(['FR']));
  const invoices = await told(acme, 'invoices.changed');
  expect(invoices.flatMap(({ settledOn, openMinor }) => settledOn.map((day, place) => [day, openMinor![place]].join())).toSorted()).toEqual([...Array<string>(600).fill(',10000'), ...Array<string>(600).fill('2026-09-20,0')]);
  expect(await importFile(acme, input, file('FR'))).toMatchObject({ status: 'COMPLETED', rowsUnchanged: 1_200 });
  expect(await told(acme, 'customers.changed')).toHaveLength(3);
  await importFile(acme, input, file('BE'));
  const again = await told(acme, 'customers.changed');
  expect(again.slice(3).map(({ countries, revisions }) => ({ countries, revisions }))).toEqual([{ countries: ['BE', 'BE', 'BE'], revisions: [2, 2, 2] }]);
});

test('whoever was there before anything was told is told once, and so is what is open of an invoice and what a credit note takes off', async () => {
  const acme = await house.firm();
  const ids = await Promise.all(Array.from({ length: 3 }, () => customerOf(acme, { country: 'IT' })));
  for (const number of ['Open', 'Part', 'Paid']) await invoiceOf(acme, ids[0]!, number);
  await pay(acme, ids[0]!, 'Part', '30', '2026-10-01');
  await pay(acme, ids[0]!, 'Paid', '100', '2026-10-01');
  await invoiceOf(acme, ids[0]!, 'AV', { kind: 'CREDIT_NOTE', dueDate: null });
  await settled();
  const facts = async (): Promise<unknown[]> => (await owner.query<{ fact: unknown[] }>(
    `select json_build_array(i.number, f.open_minor, f.credited_minor) as fact from portfolios.invoice i join scoring.invoice_fact f on f.invoice_id = i.id where i.firm_id = $1`, [acme.firmId])).rows.map(({ fact }) => fact);
  await owner.query('update scoring.invoice_fact set open_minor = null, credited_minor = 0 where firm_id = $1', [acme.firmId]);
  await owner.query('delete from portfolios.customer_told where firm_id = $1', [acme.firmId]);
  await owner.query('delete from public.told where firm_id = $1', [acme.firmId]);
  // As the migration marks them.
  await owner.query('insert into portfolios.customer_due (firm_id, customer_id, with_invoices) select firm_id, id, true from portfolios.customer where firm_id = $1', [acme.firmId]);
  await settled();
  await settled();
  for (const id of ids) expect(await tellings(acme, id)).toEqual([{ ...BLANK, country: 'IT' }]);
  expect((await told(acme, 'invoices.changed')).flatMap(({ openMinor, revisions }) => openMinor!.map((open, place) => [open, revisions[place]])).toSorted()).toEqual([['0', 1], ['7000', 2]]);
  expect((await facts()).toSorted()).toEqual([['AV', 0, 10000], ['Open', null, 0], ['Paid', null, 0], ['Part', 7000, 0]]);
});

test('the migration marks everybody who is there', async () => {
  const template = process.env['ARDOISE_TEST_DATABASE_URL']!;
  const name = `told_${randomUUID().replaceAll('-', '')}`;
  await administer(template, `create database ${name}`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  await migrate(url.href, 'portfolios', portfolios.migrations.filter(({ name: migration }) => migration < '016'));
  const before = new Client({ connectionString: url.href });
  await before.connect();
  await before.query(`insert into portfolios.customer (id, firm_id, reference, name) select gen_random_uuid(), gen_random_uuid(), 'C', 'C' from generate_series(1, 3)`);
  await migrate(url.href, 'portfolios', portfolios.migrations);
  expect((await before.query('select from portfolios.customer c join portfolios.customer_due d on d.firm_id = c.firm_id and d.customer_id = c.id where d.with_invoices')).rowCount).toBe(3);
  await before.end();
  await administer(template, `drop database ${name} with (force)`);
});

test('a sector is checked, kept when it is left out, and taken away by null', async () => {
  const acme = await house.firm();
  const reference = randomUUID();
  const sector = async (input: Record<string, unknown>): Promise<unknown> => {
    const { customerUpsert } = await acme.get<{ customerUpsert: { customer: { sector: string | null } | null; userErrors: readonly unknown[] } }>(
      'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { sector } userErrors { code path } } }', { input: { reference, name: 'Garage', ...input } });
    return customerUpsert.userErrors[0] ?? customerUpsert.customer!.sector;
  };
  expect(await sector({})).toBeNull();
  expect(await sector({ sector: 'C' })).toBe('C');
  expect(await sector({ name: 'Garage Brun' })).toBe('C');
  expect(await sector({ sector: '47.11' })).toBe('47.11');
  for (const wrong of ['', '4711', '44', '47.1 ', 'X', '47.11A']) expect(await sector({ sector: wrong })).toEqual({ code: 'INVALID', path: ['input', 'sector'] });
  expect(await sector({ sector: null })).toBeNull();
});

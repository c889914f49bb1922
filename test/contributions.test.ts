import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { CATALOGUE, type EventData } from '../src/events/catalogue.js';
import { METRICS, type Metric } from '../src/values/metric.js';
import { randomSiren, startHouse, type FirmVisitor, type TestHouse } from './house.js';
import { keepTold, toldOf } from './told-events.js';

let house: TestHouse;
/** The owner of the database: sees what is told before and after community takes it. */
let owner: Client;

beforeAll(async () => {
  house = await startHouse();
  owner = await house.asOwner();
  await keepTold(owner, `new.consumer = 'community' and new.producer = 'portfolios'`);
  await house.moveClock('2026-10-05');
});
afterAll(() => house[Symbol.asyncDispose]());

function told<Name extends 'customer.keyed' | 'contribution.closed'>(firm: FirmVisitor, name: Name): Promise<readonly EventData<Name>[]> {
  return toldOf(owner, firm.firmId, name);
}

/** What a reader that keeps the highest revision knows of the firm's customers. */
async function keysOf(firm: FirmVisitor): Promise<Record<string, { subject: string | null; seekableUntil: string | null }>> {
  const all = (await told(firm, 'customer.keyed')).flatMap(({ customers }) => customers).toSorted((left, right) => left.revision - right.revision);
  return Object.fromEntries(all.map(({ customerId, subject, seekableUntil }) => [customerId, { subject, seekableUntil }]));
}

/** What a reader that keeps the highest revision knows of the firm's figures, by month. */
async function figuresOf(firm: FirmVisitor, subject: string): Promise<Record<string, { evidenced: boolean; figures: Partial<Record<Metric, number>> }>> {
  const all = (await told(firm, 'contribution.closed'))
    .flatMap(({ month, contributions }) => contributions.map((contribution) => ({ month, ...contribution })))
    .filter((contribution) => contribution.subject === subject)
    .toSorted((left, right) => left.revision - right.revision);
  return Object.fromEntries(all.map(({ month, evidenced, figures }) => [month, { evidenced, figures }]));
}

/** Has everything told that the ledgers made due: no event is on its way any more. */
async function settled(): Promise<void> {
  await house.moveClock(house.running.rooms.portfolios.room.clock.today().toString());
}

async function join(firm: FirmVisitor, metrics: readonly Metric[] = METRICS): Promise<void> {
  const { communityJoin } = await firm.get<{ communityJoin: Upserted }>('mutation ($input: CommunityJoinInput!) { communityJoin(input: $input) { userErrors { code path } } }', { input: { metrics, acceptCharter: true } });
  expect(communityJoin.userErrors).toEqual([]);
  await settled();
}

async function leave(firm: FirmVisitor): Promise<void> {
  await firm.get('mutation { communityLeave { userErrors { code } } }');
  await settled();
}

interface Upserted {
  readonly userErrors: readonly unknown[];
}

async function customer(firm: FirmVisitor, siren: string | null, reference: string = randomUUID()): Promise<string> {
  const registration = siren === null ? null : { scheme: 'SIREN', value: siren };
  const { customerUpsert } = await firm.get<{ customerUpsert: Upserted & { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } userErrors { code path } } }',
    { input: { reference, name: 'Garage Dupont', registration } },
  );
  expect(customerUpsert.userErrors).toEqual([]);
  return customerUpsert.customer.id;
}

/** Returns the invoice's number. */
async function invoice(firm: FirmVisitor, customerId: string, issueDate: string, dueDate: string, amount: string, more: Record<string, unknown> = {}, currency = 'EUR'): Promise<string> {
  const { invoiceUpsert } = await firm.get<{ invoiceUpsert: Upserted & { invoice: { number: string } } }>(
    'mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { invoice { number } userErrors { code path } } }',
    { input: { customerId, number: randomUUID(), issueDate, dueDate, amount: { amount, currency }, ...more } },
  );
  expect(invoiceUpsert.userErrors).toEqual([]);
  return invoiceUpsert.invoice.number;
}

async function pay(firm: FirmVisitor, customerId: string, invoiceNumber: string, receivedOn: string, amount: string): Promise<void> {
  const { paymentRecord } = await firm.get<{ paymentRecord: Upserted }>(
    'mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code path } } }',
    { input: { customerId, reference: randomUUID(), receivedOn, amount: { amount, currency: 'EUR' }, invoiceNumbers: [invoiceNumber] } },
  );
  expect(paymentRecord.userErrors).toEqual([]);
}

/** A customer of the registration with three months of invoices and payments. */
async function tradeOf(firm: FirmVisitor, siren: string): Promise<string> {
  const customerId = await customer(firm, siren);
  const july = await invoice(firm, customerId, '2026-07-10', '2026-08-09', '300.00');
  const august = await invoice(firm, customerId, '2026-08-10', '2026-09-09', '100.00');
  const september = await invoice(firm, customerId, '2026-09-10', '2026-11-09', '200.00');
  await pay(firm, customerId, july, '2026-08-19', '300.00');
  await pay(firm, customerId, august, '2026-09-09', '100.00');
  await pay(firm, customerId, september, '2026-09-20', '50.00');
  return customerId;
}
const TRADE = {
  // May to July: 300 issued and open, so 300 ÷ 300 × 92 days.
  '2026-07': { evidenced: false, figures: { DSO: 92, PAYMENT_TERMS: 30 } },
  // June to August: 100 of 400 open; 300 settled 10 days late.
  '2026-08': { evidenced: false, figures: { DSO: 23, PAYMENT_TERMS: 30, DAYS_BEYOND_TERMS: 10, LATE_SHARE: 1 } },
  // July to September: 150 of 600 open; 300 × 10 and 100 × 0 days late; (400 × 30 + 200 × 60) ÷ 600.
  '2026-09': { evidenced: true, figures: { DSO: 23, PAYMENT_TERMS: 40, DAYS_BEYOND_TERMS: 7.5, LATE_SHARE: 0.5 } },
};

test('a firm that consented tells the figures of each month that has ended, and the next when it ends', async () => {
  const acme = await house.firm();
  const customerId = await tradeOf(acme, randomSiren());
  await settled();
  expect(await keysOf(acme)).toEqual({});
  await join(acme);
  const keys = await keysOf(acme);
  expect(keys).toEqual({ [customerId]: { subject: expect.stringMatching(/^[0-9a-f]{64}$/), seekableUntil: '2027-07' } });
  const subject = keys[customerId]!.subject!;
  expect(await figuresOf(acme, subject)).toEqual(TRADE);
  const before = (await told(acme, 'contribution.closed')).length;
  await settled();
  expect(await told(acme, 'contribution.closed')).toHaveLength(before);
  await house.moveClock('2026-10-31');
  expect(await told(acme, 'contribution.closed')).toHaveLength(before);
  await house.moveClock('2026-11-01');
  // August to October: 150 of 300 open, nothing more settled.
  const october = { evidenced: false, figures: { DSO: 46, PAYMENT_TERMS: 50, DAYS_BEYOND_TERMS: 7.5, LATE_SHARE: 0.5 } };
  expect(await figuresOf(acme, subject)).toEqual({ ...TRADE, '2026-10': october });
  await house.moveClock('2026-10-05');
});

test('the same customer of two firms has one key, whichever registration names it', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const siren = randomSiren();
  const mine = await customer(acme, siren);
  const theirs = await rival.get<{ customerUpsert: { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }',
    { input: { reference: 'R', name: 'Another name', registration: { scheme: 'VAT', value: `FR${String((12 + 3 * (Number(siren) % 97)) % 97).padStart(2, '0')}${siren}` } } },
  );
  await join(acme);
  await join(rival);
  const key = (await keysOf(acme))[mine];
  expect(key).toEqual({ subject: expect.stringMatching(/^[0-9a-f]{64}$/), seekableUntil: null });
  expect((await keysOf(rival))[theirs.customerUpsert.customer.id]).toEqual(key);
});

test('a natural person and a customer without registration have no key, and nothing is told of them', async () => {
  const acme = await house.firm();
  const nobody = await customer(acme, null);
  const trader = await tradeOf(acme, randomSiren());
  await owner.query('update portfolios.customer set natural_person = true where id = $1', [trader]);
  await join(acme);
  expect(await keysOf(acme)).toEqual({ [nobody]: { subject: null, seekableUntil: null }, [trader]: { subject: null, seekableUntil: null } });
  expect(await told(acme, 'contribution.closed')).toEqual([]);
});

test('only metrics with consent are told, and leaving takes the keys back until the firm joins again', async () => {
  const acme = await house.firm();
  const customerId = await tradeOf(acme, randomSiren());
  await join(acme, ['LATE_SHARE']);
  const { subject } = (await keysOf(acme))[customerId]!;
  expect(await figuresOf(acme, subject!)).toEqual({ '2026-08': { evidenced: false, figures: { LATE_SHARE: 1 } }, '2026-09': { evidenced: true, figures: { LATE_SHARE: 0.5 } } });
  // An older consent that comes late changes nothing.
  const { portfolios } = house.running.rooms;
  await portfolios.subgraph.reactions['membership.changed']!(portfolios.room, { firmId: acme.firmId, data: { metrics: ['DSO'], revision: 1 } });
  expect((await figuresOf(acme, subject!))['2026-09']).toEqual({ evidenced: true, figures: { LATE_SHARE: 0.5 } });
  await join(acme);
  expect(await figuresOf(acme, subject!)).toEqual(TRADE);
  await leave(acme);
  expect(await keysOf(acme)).toEqual({ [customerId]: { subject: null, seekableUntil: null } });
  const before = await told(acme, 'contribution.closed');
  await invoice(acme, customerId, '2026-09-11', '2026-11-09', '200.00');
  await settled();
  await house.moveClock('2026-11-05');
  expect(await told(acme, 'contribution.closed')).toEqual(before);
  await house.moveClock('2026-10-05');
  expect(await told(acme, 'contribution.closed')).toEqual(before);
  await join(acme);
  expect((await keysOf(acme))[customerId]).toEqual({ subject, seekableUntil: '2027-08' });
  // All of it again, though only September changed: what community forgot meanwhile, portfolios does not know.
  const again = (await told(acme, 'contribution.closed')).slice(before.length);
  expect(again.map(({ month }) => month).toSorted()).toEqual(['2026-07', '2026-08', '2026-09']);
  expect((await figuresOf(acme, subject!))['2026-09']).toEqual({ evidenced: true, figures: { DSO: 40.25, PAYMENT_TERMS: 44.75, DAYS_BEYOND_TERMS: 7.5, LATE_SHARE: 0.5 } });
});

test('two accounts of one legal unit are one contribution, and credit notes are no invoices', async () => {
  const acme = await house.firm();
  const siren = randomSiren();
  await join(acme);
  const first = await customer(acme, siren);
  const second = await customer(acme, siren);
  await invoice(acme, first, '2026-09-01', '2026-10-01', '100.00');
  await invoice(acme, first, '2026-09-02', '2026-10-02', '100.00');
  await invoice(acme, first, '2026-09-03', '2026-10-03', '100.00', { kind: 'CREDIT_NOTE' });
  await settled();
  const { subject, seekableUntil } = (await keysOf(acme))[first]!;
  expect(seekableUntil).toBeNull();
  expect(await figuresOf(acme, subject!)).toEqual({ '2026-09': { evidenced: false, figures: { DSO: 92, PAYMENT_TERMS: 30 } } });
  await invoice(acme, second, '2026-09-04', '2026-11-03', '200.00');
  await settled();
  expect(await keysOf(acme)).toEqual({ [first]: { subject, seekableUntil: '2027-09' }, [second]: { subject, seekableUntil: '2027-09' } });
  expect(await figuresOf(acme, subject!)).toEqual({ '2026-09': { evidenced: true, figures: { DSO: 92, PAYMENT_TERMS: 45 } } });
});

test('currencies are weighted by amount for themselves and combined by their number of invoices', async () => {
  const acme = await house.firm();
  const customerId = await customer(acme, randomSiren());
  await invoice(acme, customerId, '2026-09-01', '2026-10-01', '100.00');
  await invoice(acme, customerId, '2026-09-02', '2026-11-01', '300.00');
  await invoice(acme, customerId, '2026-09-03', '2026-09-18', '9999999', {}, 'JPY');
  await join(acme);
  const { subject } = (await keysOf(acme))[customerId]!;
  // (100 × 30 + 300 × 60) ÷ 400 = 52.5 days for two invoices, 15 for one.
  expect(await figuresOf(acme, subject!)).toEqual({ '2026-09': { evidenced: true, figures: { DSO: 92, PAYMENT_TERMS: 40 } } });
});

test('a customer whose registration was corrected is told under its new key, and emptied under the old one', async () => {
  const acme = await house.firm();
  await join(acme);
  const customerId = await customer(acme, randomSiren(), 'C');
  await invoice(acme, customerId, '2026-09-01', '2026-10-01', '100.00');
  await settled();
  const old = (await keysOf(acme))[customerId]!.subject!;
  await customer(acme, randomSiren(), 'C');
  await settled();
  const now = (await keysOf(acme))[customerId]!.subject!;
  expect(now).not.toBe(old);
  expect(await figuresOf(acme, old)).toEqual({ '2026-09': { evidenced: false, figures: {} } });
  expect(await figuresOf(acme, now)).toEqual({ '2026-09': { evidenced: false, figures: { DSO: 92, PAYMENT_TERMS: 30 } } });
});

test('many runs at once tell a change once', async () => {
  const acme = await house.firm();
  await join(acme);
  await tradeOf(acme, randomSiren());
  await Promise.all(Array.from({ length: 8 }, settled));
  const revisions = (await told(acme, 'contribution.closed')).flatMap(({ month, contributions }) => contributions.map(({ subject, revision }) => `${month} ${subject} ${revision}`));
  expect(new Set(revisions).size).toBe(revisions.length);
  const after = revisions.length;
  await settled();
  expect(await told(acme, 'contribution.closed')).toHaveLength(after);
});

test('nothing that community is told names a customer or an invoice, or has a day', async () => {
  const { rows } = await owner.query<{ name: keyof typeof CATALOGUE; data: unknown }>('select name, data from public.told');
  expect(rows.length).toBeGreaterThan(10);
  const words = rows.map(({ name, data }) => {
    expect(CATALOGUE[name].data.safeParse(data).success).toBe(true);
    return JSON.stringify(data);
  });
  const { rows: secrets } = await owner.query<{ secret: string }>(`
    select id::text as secret from portfolios.invoice union select number from portfolios.invoice
    union select name from portfolios.customer union select reference from portfolios.customer where length(reference) > 9
    union select registration_value from portfolios.customer where registration_value is not null
  `);
  const text = words.join('\n');
  expect(secrets.length).toBeGreaterThan(10);
  for (const { secret } of secrets) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/\d{4}-\d{2}-\d{2}/);
});

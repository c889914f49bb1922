import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { minorDigits } from '../src/values/money.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  owner = await house.asOwner();
});
afterAll(() => house[Symbol.asyncDispose]());

interface Known { number: string; customer: string; kind: 'INVOICE' | 'CREDIT_NOTE'; issue: string; due: string; minor: number; currency: string; settled?: string }
interface PageInfo { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
interface Invoices { edges: { cursor: string; node: { number: string } }[]; nodes: { number: string }[]; totalCount: number; pageInfo: PageInfo }
const INVOICES = `query ($where: InvoiceFilter, $orderBy: InvoiceOrder, $first: Int, $after: String) {
  invoices(where: $where, orderBy: $orderBy, first: $first, after: $after) { edges { cursor node { number } } nodes { number } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
}`;

async function mutate(firm: FirmVisitor, name: string, type: string, input: Record<string, unknown>, fields = ''): Promise<Record<string, { id: string }>> {
  const answered = await firm.get<Record<string, { userErrors: unknown[] } & Record<string, { id: string }>>>(`mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} userErrors { code message path } } }`, { input });
  expect(answered[name]!.userErrors).toEqual([]);
  return answered[name]!;
}

async function today(firm: FirmVisitor): Promise<Temporal.PlainDate> {
  return Temporal.PlainDate.from((await firm.get<{ portfolio: { asOf: string } }>('{ portfolio { asOf } }')).portfolio.asOf);
}

/** A ledger of every kind of row: two customers, credit notes, what is paid, paid only later, not issued yet, in three currencies. */
async function keepLedger(firm: FirmVisitor): Promise<{ known: Known[]; ids: Record<string, string>; day: string }> {
  const now = await today(firm);
  const day = (offset: number): string => now.add({ days: offset }).toString();
  const ids: Record<string, string> = {};
  for (const reference of ['one', 'two']) ids[reference] = (await mutate(firm, 'customerUpsert', 'CustomerUpsertInput', { reference, name: reference }, 'customer { id }'))['customer']!.id;
  const row = (number: string, customer: string, issue: number, due: number, minor: number, currency: string, settled?: number, kind: Known['kind'] = 'INVOICE'): Known =>
    ({ number, customer, kind, issue: day(issue), due: day(due), minor, currency, ...(settled !== undefined && { settled: day(settled) }) });
  const known = [
    row('late', 'one', -90, -60, 10_000, 'EUR'),
    row('late yen', 'two', -90, -60, 10_000, 'JPY'),
    row('due today', 'one', -30, 0, 9_999, 'EUR'),
    row('due tomorrow', 'two', -30, 1, 10_001, 'TND'),
    row('paid', 'one', -80, -50, 500_000, 'EUR', -40),
    row('paid today', 'two', -80, -50, 70_000, 'EUR', 0),
    row('paid ahead', 'one', -80, -50, 60_000, 'EUR', 5),
    row('paid ahead, not due', 'two', -10, 20, 50_000, 'EUR', 5),
    row('to come', 'one', 2, 32, 40_000, 'EUR'),
    row('credit', 'two', -70, -70, 30_000, 'EUR', undefined, 'CREDIT_NOTE'),
  ];
  for (const { number, customer, kind, issue, due, minor, currency, settled } of known) {
    const amount = { amount: (minor / 10 ** minorDigits(currency)).toFixed(minorDigits(currency)), currency };
    await mutate(firm, 'invoiceUpsert', 'InvoiceUpsertInput', { customerId: ids[customer], number, kind, issueDate: issue, dueDate: due, amount });
    if (settled) await mutate(firm, 'paymentRecord', 'PaymentRecordInput', { customerId: ids[customer], reference: `P ${number}`, receivedOn: settled, amount, invoiceNumbers: [number] });
  }
  return { known, ids, day: now.toString() };
}

const isOpen = (row: Known, day: string): boolean => row.kind === 'INVOICE' && row.issue <= day && (row.settled === undefined || row.settled > day);

test('every filter with every other, in every order, a page after the other, is what the rows say', async () => {
  const [acme, rival] = await Promise.all([house.firm(), house.firm()]);
  const { known, ids, day } = await keepLedger(acme);
  await keepLedger(rival);
  const byOrder: Record<string, (one: Known, other: Known) => number> = {
    DUE_DATE_ASC: (one, other) => (one.due < other.due ? -1 : one.due > other.due ? 1 : 0),
    ISSUE_DATE_DESC: (one, other) => (one.issue > other.issue ? -1 : one.issue < other.issue ? 1 : 0),
    AMOUNT_DESC: (one, other) => other.minor / 10 ** minorDigits(other.currency) - one.minor / 10 ** minorDigits(one.currency),
  };
  const far = Temporal.PlainDate.from(day).add({ days: 1 }).toString();
  let tried = 0;
  for (const open of [undefined, true, false]) for (const overdue of [undefined, true, false]) for (const customerId of [undefined, ids['one']]) for (const [dueFrom, dueTo] of [[], [day, undefined], [undefined, day], [day, far], [far, day]]) {
    const expected = known.filter((row) => (open === undefined || isOpen(row, day) === open) && (overdue === undefined || (isOpen(row, day) && row.due < day) === overdue)
      && (customerId === undefined || row.customer === 'one') && (dueFrom === undefined || row.due >= dueFrom) && (dueTo === undefined || row.due <= dueTo));
    const orderBy = Object.keys(byOrder)[tried % 3]!;
    const where = { open, overdue, customerId, dueFrom, dueTo };
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const { invoices }: { invoices: Invoices } = await acme.get(INVOICES, { where, orderBy, first: 3, after });
      expect({ where, total: invoices.totalCount }).toEqual({ where, total: expected.length });
      expect(invoices.edges.map(({ node }) => node)).toEqual(invoices.nodes);
      expect([invoices.pageInfo.hasPreviousPage, invoices.pageInfo.startCursor, invoices.pageInfo.endCursor]).toEqual([after !== null, invoices.edges[0]?.cursor ?? null, invoices.edges.at(-1)?.cursor ?? null]);
      found.push(...invoices.nodes.map(({ number }) => number));
      after = invoices.pageInfo.endCursor;
      if (!invoices.pageInfo.hasNextPage) break;
    }
    expect({ where, found: found.toSorted() }).toEqual({ where, found: expected.map(({ number }) => number).toSorted() });
    const rows = found.map((number) => known.find((row) => row.number === number)!);
    for (const [place, row] of rows.slice(1).entries()) expect(byOrder[orderBy]!(rows[place]!, row)).toBeLessThanOrEqual(0);
    tried += 1;
  }
  expect(tried).toBe(90);
}, 120_000);

test('customers by what they owe today: what is paid only later is still owed, another currency does not count', async () => {
  const acme = await house.firm();
  const { ids } = await keepLedger(acme);
  await mutate(acme, 'customerUpsert', 'CustomerUpsertInput', { reference: 'three', name: 'three' });
  const list = async (args: string): Promise<unknown> => (await acme.get<{ customers: { totalCount: number; nodes: { reference: string }[] } }>(`{ customers(${args}) { totalCount nodes { reference } } }`)).customers;
  // one owes 100.00 + 99.99 + 600.00 EUR, of which 700.00 late; two owes 500.00 EUR, none of it late.
  expect(await list('orderBy: OUTSTANDING_DESC')).toEqual({ totalCount: 3, nodes: [{ reference: 'one' }, { reference: 'two' }, { reference: 'three' }] });
  expect(await list('orderBy: OVERDUE_DESC')).toEqual({ totalCount: 3, nodes: [{ reference: 'one' }, { reference: 'two' }, { reference: 'three' }] });
  expect(await list('where: { overdue: true }')).toEqual({ totalCount: 2, nodes: [{ reference: 'one' }, { reference: 'two' }] });
  expect(await list('where: { overdue: false }, orderBy: OUTSTANDING_DESC')).toEqual({ totalCount: 1, nodes: [{ reference: 'three' }] });
  await mutate(acme, 'paymentRecord', 'PaymentRecordInput', { customerId: ids['one'], reference: 'all', receivedOn: (await today(acme)).toString(), amount: { amount: '199.99', currency: 'EUR' }, invoiceNumbers: ['late', 'due today'] });
  // What is paid in five days is late until then: 600.00 of one, and the 10,000 JPY of two.
  expect(await list('where: { overdue: true, search: "one" }, orderBy: OVERDUE_DESC')).toEqual({ totalCount: 1, nodes: [{ reference: 'one' }] });
  await mutate(acme, 'paymentRecord', 'PaymentRecordInput', { customerId: ids['two'], reference: 'yen', receivedOn: (await today(acme)).toString(), amount: { amount: '10000', currency: 'JPY' }, invoiceNumbers: ['late yen'] });
  expect(await list('where: { overdue: true }')).toEqual({ totalCount: 1, nodes: [{ reference: 'one' }] });
});

test('amounts of several currencies stand in one order, by whole units', async () => {
  const acme = await house.firm();
  await keepLedger(acme);
  const { invoices } = await acme.get<{ invoices: Invoices }>(INVOICES, { orderBy: 'AMOUNT_DESC', first: 4 });
  // 10,000 JPY, 5,000 EUR, 700 EUR, 600 EUR; the 10.001 TND come last.
  expect(invoices.nodes.map(({ number }) => number)).toEqual(['late yen', 'paid', 'paid today', 'paid ahead']);
  const { rows } = await owner.query<{ number: string; key: string }>(`select number, amount_key::text as key from portfolios.invoice where number in ('late yen', 'due tomorrow', 'late') order by amount_key desc`);
  expect(rows.map(({ key }) => key)).toEqual(expect.arrayContaining(['10000000', '100000', '10001']));
});

test('the database and the API know the same digits of every currency', async () => {
  const currencies = [...Intl.supportedValuesOf('currency')];
  await owner.query('begin');
  try {
    await owner.query(`select set_config('app.firm_id', gen_random_uuid()::text, true)`);
    const { rows } = await owner.query<{ currency: string; key: string }>(
      `insert into portfolios.invoice (customer_id, number, issue_date, due_date, currency, amount_minor) select gen_random_uuid(), c, '2026-01-01', '2026-01-01', c, 1000000000000000 from unnest($1::text[]) c returning currency, amount_key::text as key`, [currencies]);
    for (const { currency, key } of rows) expect({ currency, key }).toEqual({ currency, key: (10n ** 18n / 10n ** BigInt(minorDigits(currency))).toString() });
    expect(rows).toHaveLength(currencies.length);
  } finally {
    await owner.query('rollback');
  }
});

test('rows that stay are neither doubled nor lost while others come, go and move between two pages', async () => {
  const acme = await house.firm();
  const now = await today(acme);
  const { customer } = (await mutate(acme, 'customerUpsert', 'CustomerUpsertInput', { reference: 'C', name: 'C' }, 'customer { id }'));
  const upsert = (number: string, due: number, amount: string): Promise<unknown> =>
    mutate(acme, 'invoiceUpsert', 'InvoiceUpsertInput', { customerId: customer!.id, number, issueDate: now.subtract({ days: 100 }).toString(), dueDate: now.add({ days: due - 50 }).toString(), amount: { amount, currency: 'EUR' } });
  for (let place = 0; place < 12; place += 1) await upsert(`N${place}`, place, `${100 - place}`);
  for (const orderBy of ['DUE_DATE_ASC', 'AMOUNT_DESC', 'ISSUE_DATE_DESC']) {
    const seen: string[] = [];
    let step = 0;
    for (let after: string | null = null; ; step += 1) {
      const { invoices }: { invoices: Invoices } = await acme.get(INVOICES, { orderBy, first: 2, after });
      seen.push(...invoices.nodes.map(({ number }) => number));
      after = invoices.pageInfo.endCursor;
      if (!invoices.pageInfo.hasNextPage || step > 40) break;
      // New ones before and behind; one that was seen moves behind, one to come moves to the front.
      await upsert(`${orderBy} front ${step}`, 0, '1000');
      if (step < 3) await upsert(`${orderBy} back ${step}`, 49, '1');
      if (step === 1) await upsert('N0', 48, '2');
      if (step === 2) await upsert('N11', 0, '999');
    }
    const stayed = seen.filter((number) => /^N([1-9]|10)$/.test(number));
    expect({ orderBy, stayed: stayed.toSorted() }).toEqual({ orderBy, stayed: Array.from({ length: 10 }, (_, place) => `N${place + 1}`).toSorted() });
    await upsert('N0', 0, '100');
    await upsert('N11', 11, '89');
  }
}, 60_000);

test('a total above 10,000 says 10,001, of invoices, of customers, of a customer’s own', async () => {
  const [acme, rival] = await Promise.all([house.firm(), house.firm()]);
  const firmOf = async (firm: FirmVisitor): Promise<string> => {
    const { customer } = await mutate(firm, 'customerUpsert', 'CustomerUpsertInput', { reference: 'first', name: 'first' }, 'customer { id }');
    return (await owner.query<{ firm_id: string }>('select firm_id from portfolios.customer where id = $1', [customer!.id])).rows[0]!.firm_id;
  };
  const firmId = await firmOf(acme);
  const fill = async (from: number, to: number): Promise<void> => {
    await owner.query(`insert into portfolios.customer (firm_id, reference, name) select $1, 'R' || i, 'Bulk ' || i from generate_series($2::int, $3::int) i`, [firmId, from, to]);
    await owner.query(`insert into portfolios.invoice (firm_id, customer_id, number, issue_date, due_date, currency, amount_minor)
      select $1, (select id from portfolios.customer where firm_id = $1 and reference = 'first'), 'N' || i, '2020-01-01', '2020-01-31', 'EUR', i from generate_series($2::int, $3::int) i`, [firmId, from, to]);
  };
  const totals = async (firm: FirmVisitor): Promise<unknown> => {
    const { invoices, late, customers, found, customerBy } = await firm.get<Record<string, { totalCount: number; invoices: { totalCount: number } }>>(
      '{ invoices { totalCount } late: invoices(where: { overdue: true }) { totalCount } customers { totalCount } found: customers(where: { search: "bulk" }) { totalCount } customerBy(ref: { reference: "first" }) { invoices { totalCount } } }');
    return [invoices!.totalCount, late!.totalCount, customers!.totalCount, found!.totalCount, customerBy!.invoices.totalCount];
  };
  await fill(1, 10_000);
  expect(await totals(acme)).toEqual([10_000, 10_000, 10_001, 10_000, 10_000]);
  await fill(10_001, 10_002);
  expect(await totals(acme)).toEqual([10_001, 10_001, 10_001, 10_001, 10_001]);
  await firmOf(rival);
  expect(await totals(rival)).toEqual([0, 0, 1, 0, 0]);
}, 120_000);

test.each([
  ['{ invoices(after: "x") { totalCount } }'],
  [`{ invoices(after: "${Buffer.from('["DUE_DATE_ASC","2026-01-01","no uuid"]').toString('base64url')}") { nodes { id } } }`],
  [`{ invoices(orderBy: AMOUNT_DESC, after: "${Buffer.from('["AMOUNT_DESC","99999999999999999999","00000000-0000-7000-8000-000000000000"]').toString('base64url')}") { nodes { id } } }`],
  [`{ invoices(orderBy: AMOUNT_DESC, after: "${Buffer.from('["DUE_DATE_ASC","2026-01-01","00000000-0000-7000-8000-000000000000"]').toString('base64url')}") { nodes { id } } }`],
  [`{ customers(after: "${Buffer.from('["NAME_ASC",null,"a\\u0000","00000000-0000-7000-8000-000000000000"]').toString('base64url')}") { nodes { id } } }`],
  [`{ customers(after: "${Buffer.from('["NAME_ASC",null,"\\ud800","00000000-0000-7000-8000-000000000000"]').toString('base64url')}") { nodes { id } } }`],
  [`{ customers(after: "${Buffer.from('["NAME_ASC","EVERYTHING","a","00000000-0000-7000-8000-000000000000"]').toString('base64url')}") { nodes { id } } }`],
  ['{ invoices(first: 0) { nodes { id } } }'],
  ['{ customers(first: 101) { nodes { id } } }'],
])('%s is refused', async (query) => {
  const acme = await house.firm();
  expect((await acme.ask(query)).errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
});

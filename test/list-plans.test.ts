import 'reflect-metadata';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type CompiledQuery } from 'kysely';
import type { Client } from 'pg';
import type { Request } from '../src/server/request.js';
import { listImports } from '../subgraphs/portfolios/imports/list-imports.js';
import { countCustomers, listCustomers, type CustomerListing } from '../subgraphs/portfolios/ledger/list-customers.js';
import { readInvoicePages, type InvoicePage } from '../subgraphs/portfolios/ledger/list-invoices.js';
import { readSearch } from '../subgraphs/portfolios/ledger/read-search.js';
import { startHouse, type TestHouse } from './house.js';

/** How PostgreSQL plans the lists for one firm among five, under its policy: through an index, whatever else there is. */

const FIRM = '00000000-0000-7000-8000-000000000001';
const DAY = '2026-06-30';
const PLANNED = { customer: 4_000, invoice: 40_000 };

let house: TestHouse;
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  owner = await house.asOwner();
  await owner.query(`
    insert into portfolios.customer (firm_id, reference, name)
    select ('00000000-0000-7000-8000-00000000000' || i % 5)::uuid, 'R' || i, 'Maison ' || substr(md5(i::text), 1, 8) || ' ' || chr(97 + i % 26) || 'son' from generate_series(1, ${PLANNED.customer * 5}) i;
    -- The figures are not looked at here, and their triggers would take most of the time.
    set session_replication_role = replica;
    insert into portfolios.invoice (firm_id, customer_id, number, issue_date, due_date, currency, amount_minor, applied_minor, settled_on)
    select firm_id, id, 'N' || k, day, day + 30, 'EUR', minor, case when settled then minor else 0 end, case when settled then day + 35 end
    from portfolios.customer, generate_series(1, ${PLANNED.invoice / PLANNED.customer}) k,
      lateral (select date '2024-01-01' + (hashtext(reference || k) & 1023) % 900 as day, 1 + (hashtext(k || reference) & 65535) as minor, k > 2 as settled) made;
    insert into portfolios.application (firm_id, customer_id, invoice_id, applied_on, amount_minor) select firm_id, customer_id, id, settled_on, amount_minor from portfolios.invoice where settled_on is not null;
    insert into portfolios.import_job (firm_id, format, mode, dry_run, currency, date_format) select case when i % 100 = 0 then '${FIRM}' else gen_random_uuid() end, 'CSV', 'DELTA', true, 'EUR', 'yyyy-MM-dd' from generate_series(1, 20000) i;
    set session_replication_role = default;
  `);
  for (const table of ['customer', 'customer_word', 'invoice', 'application', 'import_job']) await owner.query(`vacuum analyze portfolios.${table}`);
}, 120_000);
afterAll(() => house[Symbol.asyncDispose]());

/** The plans of the statements that `ask` would run as the firm; each is run too, for what comes after it may depend on its rows. */
async function plansOf(ask: (request: Request) => Promise<unknown>): Promise<string> {
  const plans: string[] = [];
  const run = async ({ sql, parameters }: CompiledQuery): Promise<{ rows: never[] }> => {
    await owner.query('begin');
    try {
      await owner.query(`select set_config('role', 'portfolios_app', true), set_config('app.firm_id', $1, true)`, [FIRM]);
      const { rows } = await owner.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [...parameters]);
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      return { rows: (await owner.query(sql, [...parameters])).rows as never[] };
    } finally {
      await owner.query('rollback');
    }
  };
  const connection = { executeQuery: run, streamQuery: () => { throw new Error('nothing is streamed here'); } };
  const nothing = async (): Promise<void> => undefined;
  const kysely = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createDriver: () => ({ init: nothing, destroy: nothing, acquireConnection: async () => connection as never, releaseConnection: nothing, beginTransaction: nothing, commitTransaction: nothing, rollbackTransaction: nothing }),
    },
  });
  await ask({ read: (work: (reader: unknown) => Promise<unknown>) => work({ getKysely: () => kysely }) } as unknown as Request);
  expect(plans.length).toBeGreaterThan(0);
  return plans.join('\n');
}

const INVOICES: InvoicePage = { customerId: null, open: null, overdue: null, dueFrom: null, dueTo: null, order: 'DUE_DATE_ASC', asOf: DAY, first: 50, after: null };
const CUSTOMERS: CustomerListing = { search: undefined, overdue: undefined, appliedLater: false, order: 'NAME_ASC', asOf: Temporal.PlainDate.from(DAY) };

test.each<[string, Partial<InvoicePage>]>([
  ['what is due first', {}],
  ['what is due first of what is open', { open: true }],
  ['what is due first of what is overdue', { overdue: true }],
  ['what is due within days', { dueFrom: '2026-05-01', dueTo: '2026-05-10' }],
  ['the newest', { order: 'ISSUE_DATE_DESC' }],
  ['the newest that are open', { order: 'ISSUE_DATE_DESC', open: true }],
  ['the largest', { order: 'AMOUNT_DESC' }],
  ['the largest that are overdue', { order: 'AMOUNT_DESC', overdue: true }],
])('a page of invoices, %s, reads no table whole', async (_, page) => {
  const plans = await plansOf((request) => Promise.resolve(readInvoicePages(request, [{ ...INVOICES, ...page }])));
  expect(plans).not.toMatch(/Seq Scan/);
});

test('a page that goes on from a cursor begins in the index where the last one ended', async () => {
  const cursor = Buffer.from(JSON.stringify(['AMOUNT_DESC', '500000', '00000000-0000-7000-8000-000000000000'])).toString('base64url');
  const plans = await plansOf((request) => Promise.resolve(readInvoicePages(request, [{ ...INVOICES, order: 'AMOUNT_DESC', after: cursor }])));
  expect(plans).toMatch(/Index Cond: .*ROW\(amount_key, id\) < ROW\('?500000/);
});

test.each<[string, Partial<CustomerListing>]>([
  ['by name', {}],
  ['by name, of those that are late', { overdue: true }],
])('a page of customers %s reads no table whole', async (_, listing) => {
  expect(await plansOf((request) => listCustomers(request, { ...CUSTOMERS, ...listing }, 50, undefined))).not.toMatch(/Seq Scan/);
});

test.each(['OUTSTANDING_DESC', 'OVERDUE_DESC'] as const)('%s reads of the invoices only those that are open', async (order) => {
  const plans = await plansOf((request) => listCustomers(request, { ...CUSTOMERS, order }, 50, undefined));
  expect(plans).not.toMatch(/Seq Scan on (?:invoice|application)/);
  expect(plans).toMatch(/invoice_open/);
});

test.each([undefined, Buffer.from(JSON.stringify(['ffffffff-ffff-7fff-bfff-ffffffffffff'])).toString('base64url')])('a page of imports behind %s is read from its index, in its order', async (after) => {
  const plans = await plansOf((request) => listImports(request, 50, after));
  expect(plans).toMatch(/Index Scan using import_job_list/);
  expect(plans).not.toMatch(/Seq Scan on import_job/);
});

test.each(['q', 'a1 mais', 'mason', 'masion'])('a search for %j, its page and its total read no table whole', async (text) => {
  const plans = await plansOf(async (request) => {
    const search = await readSearch(request, text, undefined);
    expect(search.kind).not.toBe('WITHIN');
    await listCustomers(request, { ...CUSTOMERS, search }, 50, undefined);
    await countCustomers(request, { ...CUSTOMERS, search });
  });
  expect(plans).toMatch(/\(word >= /);
  expect(plans).not.toMatch(/Seq Scan on customer_word/);
});

import { randomBytes, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { RESCORE_DUE } from '../subgraphs/scoring/score/mark-rescore-due.js';
import { administer, startHouse, type FirmVisitor, type TestHouse } from './house.js';

/** What PostgreSQL says of a statement that it ran: its text, and how it found its rows. */
interface Told {
  readonly 'Query Text': string;
  readonly 'Query Parameters'?: string;
  readonly Plan: PlanNode;
}
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Parent Relationship'?: string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** The statements that clients read with, beside the guard that goes before them. */
const read: Told[] = [];
/** All statements, those of jobs too. */
const all: Told[] = [];

/**
 * auto_explain tells each client of its own statements, with the plan that was used. A trip of reads begins with a guard
 * that forbids writing; whatever follows on that connection belongs to it, until another guard.
 */
function listen(client: pg.Client): void {
  let reading = false;
  client.on('notice', ({ message }) => {
    const found = message && /^duration: [\d.]+ ms {2}plan:\n([\s\S]*)$/.exec(message);
    if (!found) return;
    const told = JSON.parse(found[1]!) as Told;
    const parameters = told['Query Parameters'] ?? '';
    // Webhooks that are due are looked for by reading, too, for nobody.
    if (told['Query Text'].startsWith('select set_config(')) reading = parameters.includes('transaction_read_only') && !parameters.includes('scoring_system');
    else if (reading) read.push(told);
    all.push(told);
  });
}

/** The driver of the rooms, which may be another copy than the tests' own. */
const { Client } = createRequire(new URL('../../node_modules/@mikro-orm/postgresql/package.json', import.meta.url))('pg') as typeof pg;
const connect = Object.getOwnPropertyDescriptor(Client.prototype, 'connect')!.value as (this: pg.Client, ...given: unknown[]) => Promise<pg.Client>;
const database = `plans_${randomBytes(6).toString('hex')}`;
const template = process.env['ARDOISE_TEST_DATABASE_URL']!;
let house: TestHouse;
let firm: FirmVisitor;

/** Twelve firms of 250 customers, 3,000 invoices and 2,500 receipts each; the first one is asked. */
async function seed(owner: pg.Client, firmIds: readonly string[]): Promise<void> {
  await owner.query(`
    insert into portfolios.customer (firm_id, reference, name, country, credit_limit_minor, credit_limit_currency)
    select firm, 'C' || n, 'Customer ' || n, 'FR', 100000, 'EUR' from unnest($1::uuid[]) firm cross join generate_series(1, 250) n`, [firmIds]);
  await owner.query(`
    insert into portfolios.invoice (firm_id, customer_id, number, kind, issue_date, due_date, currency, amount_minor, applied_minor, settled_on)
    select firm_id, customer_id, number, kind, issued, issued + 30, 'EUR', amount, case when settled then amount else 0 end, case when settled then issued + 30 + n % 40 - 10 end
    from (
      select c.firm_id, c.id as customer_id, 'F' || n as number, case when n % 10 = 0 then 'CREDIT_NOTE' else 'INVOICE' end as kind, date '2026-06-30' - n * 60 as issued, 1000 + n * 37 % 9000 as amount, n > 3 and n % 10 <> 0 as settled, n
      from portfolios.customer c cross join generate_series(1, 12) n
    ) made`);
  await owner.query(`
    insert into portfolios.application (firm_id, customer_id, invoice_id, applied_on, amount_minor)
    select firm_id, customer_id, id, settled_on, amount_minor from portfolios.invoice where settled_on is not null`);
  await owner.query(`
    insert into portfolios.receipt (firm_id, customer_id, reference, received_on, currency, amount_minor)
    select firm_id, id, 'P' || n, date '2026-05-01' + n, 'EUR', 500 from portfolios.customer cross join generate_series(1, 10) n`);
  await owner.query('vacuum analyze portfolios.customer, portfolios.invoice, portfolios.application, portfolios.receipt, portfolios.ledger_day, portfolios.due_open, portfolios.due_movement');
}

beforeAll(async () => {
  Client.prototype.connect = function (this: pg.Client, ...given: unknown[]) {
    listen(this);
    return Reflect.apply(connect, this, given);
  } as typeof connect;
  await administer(template, `create database ${database} template ardoise`);
  for (const setting of [`session_preload_libraries = 'auto_explain'`, 'auto_explain.log_min_duration = 0', `auto_explain.log_format = json`, 'auto_explain.log_level = notice']) await administer(template, `alter database ${database} set ${setting}`);
  const url = new URL(template);
  url.pathname = `/${database}`;
  house = await startHouse({ DATABASE_URL: url.href });
  firm = await house.firm();
  const owner = new pg.Client({ connectionString: url.href });
  await owner.connect();
  // Statistics of it are taken when a test says so; an analysis that is on its way would not stop for that.
  await owner.query('alter table scoring.invoice_fact set (autovacuum_enabled = false)');
  await seed(owner, [firm.firmId, ...Array.from({ length: 11 }, () => randomUUID())]);
  await owner.end();
}, 60_000);

afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await administer(template, `drop database ${database} with (force)`);
  Client.prototype.connect = connect;
});

/** The statements of one operation; whether the session still lives is looked at every few seconds, whoever asks. */
async function statementsOf(query: string): Promise<readonly Told[]> {
  read.length = 0;
  await firm.get(query);
  return read.filter((told) => !told['Query Text'].includes('identity.session'));
}

const INDICATORS = `outstanding { amount } overdue { amount } overdueRatio unapplied { amount } disputed { amount } agedBalance { amount { amount } } dso countback: dso(method: COUNTBACK)
  bestPossibleDso averageDaysDelinquent averageDaysBeyondTerms lateShare collectionEffectiveness(from: "2026-03-31")`;
const DASHBOARD = `{ portfolio(asOf: "2026-06-30") { currency currencies customerCount openInvoiceCount trend { outstanding { amount } } indicators { ${INDICATORS} } } }`;
const pageOf = (order: string): string => `{ customers(first: 50, orderBy: ${order}) { totalCount nodes { id name indicators(asOf: "2026-06-30") { currency ${INDICATORS} } } } }`;

test('a dashboard is one statement, a page of 50 customers with their indicators at most three', async () => {
  expect(await statementsOf(DASHBOARD)).toHaveLength(1);
  for (const order of ['NAME_ASC', 'OUTSTANDING_DESC', 'OVERDUE_DESC']) {
    const statements = await statementsOf(pageOf(order));
    expect(statements.length).toBeLessThanOrEqual(3);
    // The page, its figures: the rest is counting and finding the currency.
    expect(statements.length).toBeGreaterThanOrEqual(2);
  }
});

test('all benchmarks of a page of customers are one statement, with positions, other epochs and all; a history of each another, a summary of several metrics a third', async () => {
  await firm.get('mutation { communityJoin(input: { metrics: [DSO], acceptCharter: true }) { userErrors { code } } }');
  // What the ledger tells community after a join is over by then: it may come on a connection that clients read with.
  await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: house.running.rooms.community.room.clock.now().toString() });
  const result = '{ __typename ... on BenchmarkBand { own position epoch { id } } ... on BenchmarkFigure { value own position epoch { id } } }';
  const metrics = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE', 'PAYMENT_TERMS'];
  const of = (field: string): string => metrics.map((metric) => `${metric}: ${field.replace('METRIC', metric)}`).join(' ');
  const community = async (query: string): Promise<number> => (await statementsOf(query)).filter((told) => told['Query Text'].includes('community.')).length;
  const page = `{ customers(first: 50) { nodes { id ${of(`benchmark(metric: METRIC) ${result}`)} older: benchmark(metric: DSO, epoch: "x") ${result} } } }`;
  expect(await community(page)).toBe(1);
  expect(await community(`{ customers(first: 50) { nodes { id ${of(`benchmarkHistory(metric: METRIC) { result ${result} }`)} } } }`)).toBe(1);
  expect(await community(`{ ${of(`benchmarkSummary(metric: METRIC) { customerCount largestGaps { gap result ${result} } hiddenSlowPayers { gap } }`)} }`)).toBe(1);
});

/** Has the job score whoever is due, and waits for it. */
async function scoreWhoIsDue(owner: pg.Client): Promise<void> {
  house.running.rooms.scoring.room.hints.publish(RESCORE_DUE);
  for (const until = Date.now() + 60_000; (await owner.query('select from scoring.rescore_due limit 1')).rowCount! > 0;) {
    expect(Date.now()).toBeLessThan(until);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a page of 50 customers with behaviour, lateness, score and benchmark is three statements, one of each room; histories of scores are another one', async () => {
  // Told as portfolios would have: the ledger was written past it.
  const owner = new pg.Client({ connectionString: house.databaseUrl.replace(/\/[^/]*$/, `/${database}`) });
  await owner.connect();
  await owner.query(`
    insert into scoring.invoice_fact (firm_id, invoice_id, customer_id, currency, amount_minor, open_minor, issue_date, due_date, settled_on, revision)
    select firm_id, id, customer_id, currency, amount_minor, amount_minor - applied_minor, issue_date, due_date, settled_on, revision from portfolios.invoice where kind = 'INVOICE'`);
  await owner.query('insert into scoring.rescore_due (firm_id, customer_id) select firm_id, id from portfolios.customer');
  const scoring = async (query: string): Promise<number> => (await statementsOf(query)).filter((told) => told['Query Text'].includes('scoring.')).length;
  const page = '{ customers(first: 50) { nodes { id paymentBehaviour { index trend } lateness { chance factors { contribution } } riskScore { value base band factors { contribution } } } } }';
  await scoreWhoIsDue(owner);
  await owner.end();
  expect(await scoring(page)).toBe(1);
  expect(await scoring(page.replace('value', 'value history { value at }'))).toBe(2);
  // The ledger, scoring and community each add one.
  expect(await statementsOf(page.replace('id ', 'id name benchmark(metric: DSO) { __typename } '))).toHaveLength(3);
}, 90_000);

/** By what a plan finds rows of a table in its indexes, for each time that it does. */
function foundBy(table: string, { 'Index Name': index, 'Index Cond': condition, Plans }: PlanNode): readonly string[] {
  const own = index?.startsWith(table) ? [`${index}: ${condition}`] : [];
  return [...own, ...(Plans ?? []).flatMap((plan) => foundBy(table, plan))];
}

test('customers of a firm that came since the tables were last analysed are found one by one, not among all its invoices', async () => {
  const owner = new pg.Client({ connectionString: house.databaseUrl.replace(/\/[^/]*$/, `/${database}`) });
  await owner.connect();
  const newcomer = randomUUID();
  await owner.query('analyze scoring.invoice_fact');
  await owner.query(`
    insert into scoring.invoice_fact (firm_id, invoice_id, customer_id, currency, amount_minor, open_minor, issue_date, due_date, settled_on, revision)
    select $1, uuidv7(), customer.id, 'EUR', 1000, 0, date '2026-01-01' + n, date '2026-01-31' + n, date '2026-02-01' + n, 1
    from (select gen_random_uuid() as id from generate_series(1, 200)) customer cross join generate_series(1, 50) n`, [newcomer]);
  all.length = 0;
  await owner.query('insert into scoring.rescore_due (firm_id, customer_id) select distinct firm_id, customer_id from scoring.invoice_fact where firm_id = $1', [newcomer]);
  await scoreWhoIsDue(owner);
  await owner.end();
  // 200 customers by 50, each time for three figures.
  const found = all.filter((told) => told['Query Text'].includes('from scoring.invoice_fact')).map(({ Plan }) => foundBy('invoice_fact', Plan));
  expect(found).toHaveLength(12);
  expect(found.filter((conditions) => conditions.length !== 1 || !conditions[0]!.includes('(customer_id = ANY'))).toEqual([]);
});

/** Whether a plan reads a table only ahead of everything else, once. */
function readOnce(table: string, { 'Parent Relationship': relationship, 'Relation Name': relation, Plans }: PlanNode): boolean {
  return relationship === 'InitPlan' || (relation !== table && (Plans ?? []).every((plan) => readOnce(table, plan)));
}

test('who is due to be scored is looked up once for a page, not once for each of its customers', async () => {
  read.length = 0;
  await firm.get('{ customers(first: 50) { nodes { id riskScore { value } } } }');
  const looked = read.filter((told) => told['Query Text'].includes('scoring.rescore_due'));
  expect(looked).toHaveLength(1);
  expect(looked.map(({ Plan }) => readOnce('rescore_due', Plan))).toEqual([true]);
});

/** The tables of the ledger that a plan reads from end to end, other firms' rows included. */
function scanned({ 'Node Type': type, 'Relation Name': relation, Plans }: PlanNode): readonly string[] {
  const own = type === 'Seq Scan' && ['invoice', 'application', 'receipt', 'customer'].includes(relation ?? '') ? [relation!] : [];
  return [...own, ...(Plans ?? []).flatMap(scanned)];
}

test.each([
  ['the dashboard', DASHBOARD],
  ['customers by name', pageOf('NAME_ASC')],
  ['customers by what they owe', pageOf('OUTSTANDING_DESC')],
  ['customers by what is overdue', pageOf('OVERDUE_DESC')],
  ['customers that are late', '{ customers(first: 50, where: { overdue: true }) { totalCount nodes { id } } }'],
  ['invoices by due date', '{ invoices(first: 50) { totalCount nodes { number openAmount { amount } customer { name } } } }'],
  ['open invoices, newest first', '{ invoices(first: 50, where: { open: true }, orderBy: ISSUE_DATE_DESC) { nodes { number } } }'],
  ['receipts, newest first', '{ receipts(first: 50) { totalCount nodes { reference customer { name } applications { invoice { number } } } } }'],
  ['receipts that wait for an invoice', '{ receipts(first: 50, where: { unapplied: true }) { totalCount nodes { reference } } }'],
  ['receipts that wait for a customer', '{ receipts(first: 50, where: { unallocated: true }) { totalCount nodes { reference } } }'],
  ['what is left of limits', '{ customers(first: 50) { nodes { creditExposure { amount } creditUtilisation creditHeadroom { amount } creditLimitHistory { to { amount } } promises { status } } } }'],
  ['penalties and disputes of invoices', '{ invoices(first: 50, where: { overdue: true }) { nodes { latePenalty { total { amount } } disputes { reason } promises { status } } } }'],
  ['a cash forecast', '{ portfolio(asOf: "2026-06-30") { cashForecast { total { amount } weeks { amount { amount } } } } }'],
  ['the lines of a cash forecast', '{ portfolio(asOf: "2026-06-30") { cashForecast { lines { nodes { expectedOn explanation invoice { number } } } } } }'],
  ['a breakdown by customer', '{ portfolio(asOf: "2026-09-30") { breakdown(by: CUSTOMER) { groups { label outstanding { amount } } } concentration } }'],
])('no plan of %s reads a whole table of the ledger', async (_, query) => {
  // Statements are planned for their values five times, and then perhaps once for all.
  for (let time = 0; time < 8; time += 1) {
    const statements = await statementsOf(query);
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.flatMap((told) => scanned(told.Plan).map((table) => `${table}: ${told['Query Text']}`))).toEqual([]);
  }
});

test('a statement that reads a whole table is noticed', async () => {
  const client = new pg.Client({ connectionString: house.databaseUrl.replace(/\/[^/]*$/, `/${database}`) });
  const heard: Told[] = [];
  client.on('notice', ({ message }) => {
    const found = message && /plan:\n([\s\S]*)$/.exec(message);
    if (found) heard.push(JSON.parse(found[1]!) as Told);
  });
  await client.connect();
  await client.query('select sum(amount_minor) from portfolios.invoice');
  await client.end();
  expect(heard.flatMap(({ Plan }) => scanned(Plan))).toEqual(['invoice']);
});

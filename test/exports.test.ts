import { createHash } from 'node:crypto';
import { get as httpGet } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';
import { startSplitHouse } from './split-house.js';

let house: TestHouse;
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  owner = await house.asOwner();
});
afterAll(() => house[Symbol.asyncDispose]());

interface UserErrors { userErrors: { code: string; path: string[] }[] }
const CREATE = 'mutation ($input: ExportCreateInput!) { exportCreate(input: $input) { export { id downloadUrl expiresAt } userErrors { code path } } }';

async function exported(visitor: Visitor, input: Record<string, unknown>): Promise<string> {
  const { exportCreate } = await visitor.get<{ exportCreate: { export: { downloadUrl: string } | null } & UserErrors }>(CREATE, { input });
  expect(exportCreate.userErrors).toEqual([]);
  return exportCreate.export!.downloadUrl;
}

function fetched(url: string, visitor: Visitor, method = 'GET'): Promise<Response> {
  return fetch(url, { method, headers: visitor.token ? { authorization: `Bearer ${visitor.token}` } : {} });
}

async function download(visitor: Visitor, input: Record<string, unknown>): Promise<string> {
  const response = await fetched(await exported(visitor, input), visitor);
  expect(response.status).toBe(200);
  return response.text();
}

interface Job { id: string; status: string; rowsRead: number; rowsAccepted: number; rowsUnchanged: number; rowsRejected: number; rejectionsUrl: string | null }

async function imported(visitor: FirmVisitor, file: string, input: Record<string, unknown> = {}): Promise<Job> {
  const { importCreate } = await visitor.get<{ importCreate: { job: { id: string; uploadUrl: string } | null } & UserErrors }>('mutation ($input: ImportInput!) { importCreate(input: $input) { job { id uploadUrl } userErrors { code path } } }', { input: { format: 'CSV', ...input } });
  expect(importCreate.userErrors).toEqual([]);
  const { id, uploadUrl } = importCreate.job!;
  const sent = await fetch(uploadUrl, { method: 'PUT', headers: { authorization: `Bearer ${visitor.token}` }, body: file });
  await sent.text();
  for (const until = Date.now() + 30_000; Date.now() < until; ) {
    const { importJob } = await visitor.get<{ importJob: Job }>('query ($id: ID!) { importJob(id: $id) { id status rowsRead rowsAccepted rowsUnchanged rowsRejected rejectionsUrl } }', { id });
    if (importJob.status === 'COMPLETED' || importJob.status === 'FAILED') return importJob;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the import did not end');
}

const LEDGER = [
  'customer_reference,customer_name,registration_scheme,registration_value,country,invoice_number,invoice_kind,issue_date,due_date,currency,amount,settled_on,open_amount',
  'C1,Boulangerie Fauvernoux,SIREN,552100554,FR,F1,INVOICE,2026-01-05,2026-02-04,EUR,1200.50,,',
  'C1,Boulangerie Fauvernoux,SIREN,552100554,FR,F2,INVOICE,2026-01-06,,EUR,99.90,2026-03-01,', // due date assumed
  'C1,Boulangerie Fauvernoux,SIREN,552100554,FR,A1,CREDIT_NOTE,2026-01-07,2026-01-07,EUR,20.00,,',
  'C2,"=HYPERLINK(""http://x"",""y"")",,,,F1,INVOICE,2026-02-01,2026-03-01,JPY,5000,,',
  'C2,"=HYPERLINK(""http://x"",""y"")",,,,"-2;""x"",y",INVOICE,2026-02-02,2026-03-02,TND,5.125,,1.125',
  "+33 1,'=Odd,,,DE,@3,INVOICE,2026-02-03,2026-03-03,EUR,7.00,,",
].join('\n');

test('an export of invoices that is imported again changes nothing, whatever settled them', async () => {
  const acme = await house.firm();
  expect(await imported(acme, LEDGER)).toMatchObject({ status: 'COMPLETED', rowsAccepted: 6, rowsRejected: 0 });
  const { customerBy } = await acme.get<{ customerBy: { id: string } }>('{ customerBy(ref: { reference: "C1" }) { id } }');
  // A part by a receipt; then what is left, in a file: settled in two parts on two days.
  const payment = { customerId: customerBy.id, reference: 'P1', receivedOn: '2026-02-10', amount: { amount: '200.50', currency: 'EUR' }, invoiceNumbers: ['F1'] };
  expect((await acme.get<{ paymentRecord: UserErrors }>('mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code path } } }', { input: payment })).paymentRecord.userErrors).toEqual([]);
  await imported(acme, 'customer_reference,invoice_number,issue_date,due_date,amount,open_amount\nC3,G1,2026-01-01,2026-01-31,300.00,100.00\nC3,G2,2026-01-01,2026-01-31,300.00,100.00\n');
  await imported(acme, 'customer_reference,invoice_number,issue_date,due_date,amount,settled_on\nC3,G2,2026-01-01,2026-01-31,300.00,2026-06-01\n');

  const state = async (): Promise<unknown> => acme.get('{ invoices(first: 100) { nodes { number status settledOn dueDate dueDateAssumed amount { amount currency } openAmount { amount } customer { name reference registration { value } country } } } }');
  const before = await state();
  const file = await download(acme, { content: 'INVOICES' });
  const rows = file.split('\r\n').slice(0, -1);
  expect(rows).toHaveLength(9);
  expect(rows[0]).toBe('customer_reference,customer_name,registration_scheme,registration_value,country,invoice_number,invoice_kind,issue_date,due_date,currency,amount,settled_on,open_amount,assumed_due_date,last_settled_on');
  expect(rows).toContain('C1,Boulangerie Fauvernoux,SIREN,552100554,FR,F1,INVOICE,2026-01-05,2026-02-04,EUR,1200.50,,1000.00,,');
  expect(rows).toContain('C1,Boulangerie Fauvernoux,SIREN,552100554,FR,F2,INVOICE,2026-01-06,,EUR,99.90,2026-03-01,0.00,2026-02-05,2026-03-01');
  expect(rows).toContain(`C2,"'=HYPERLINK(""http://x"",""y"")",,,,F1,INVOICE,2026-02-01,2026-03-01,JPY,5000,,5000,,`);
  expect(rows).toContain(`C2,"'=HYPERLINK(""http://x"",""y"")",,,,"'-2;""x"",y",INVOICE,2026-02-02,2026-03-02,TND,5.125,,1.125,,`);

  for (const mode of ['DELTA', 'SNAPSHOT']) {
    expect(await imported(acme, file, { mode })).toMatchObject({ status: 'COMPLETED', rowsRead: 8, rowsAccepted: 8, rowsUnchanged: 8, rowsRejected: 0 });
  }
  expect(await state()).toEqual(before);
  // And it is the same file again.
  expect(await download(acme, { content: 'INVOICES' })).toBe(file);
  // Into an empty ledger it brings the same names and amounts.
  const other = await house.firm();
  expect(await imported(other, file)).toMatchObject({ rowsAccepted: 8, rowsRejected: 0 });
  expect((await download(other, { content: 'CUSTOMERS' })).split('\r\n').toSorted()).toEqual((await download(acme, { content: 'CUSTOMERS' })).split('\r\n').toSorted());
});

test('an export has the filter of its list, in both forms, and only its own firm’s rows', async () => {
  const [acme, rival] = await Promise.all([house.firm(), house.firm()]);
  await imported(acme, LEDGER);
  await imported(rival, 'customer_reference,invoice_number,issue_date,amount\nZ,Z1,2026-01-01,1\n');
  const { customerBy } = await acme.get<{ customerBy: { id: string } }>('{ customerBy(ref: { reference: "C1" }) { id } }');
  const numbers = async (invoices: Record<string, unknown>): Promise<string[]> =>
    (await download(acme, { content: 'INVOICES', format: 'JSON_LINES', invoices })).split('\n').slice(0, -1).map((line) => (JSON.parse(line) as { number: string }).number).toSorted();
  expect(await numbers({})).toEqual(['-2;"x",y', '@3', 'A1', 'F1', 'F1', 'F2']);
  expect(await numbers({ customerId: customerBy.id, open: true })).toEqual(['F1']);
  expect(await numbers({ open: false })).toEqual(['A1', 'F2']);
  expect(await numbers({ overdue: false })).toEqual(['A1', 'F2']);
  expect(await numbers({ dueFrom: '2026-03-01', dueTo: '2026-03-02' })).toEqual(['-2;"x",y', 'F1']);
  expect(await numbers({ dueFrom: '2026-03-02', dueTo: '2026-03-01' })).toEqual([]);
  expect(await numbers({ customerId: 'nobody' })).toEqual([]);
  const line = (await download(acme, { content: 'INVOICES', format: 'JSON_LINES', invoices: { customerId: customerBy.id, open: true } })).trim();
  const { invoices } = await acme.get<{ invoices: { nodes: [{ id: string }] } }>('query ($id: ID!) { invoices(where: { customerId: $id, open: true }) { nodes { id } } }', { id: customerBy.id });
  expect(JSON.parse(line)).toEqual({
    id: invoices.nodes[0].id, customer: { id: customerBy.id, reference: 'C1', name: 'Boulangerie Fauvernoux' }, number: 'F1', kind: 'INVOICE', issueDate: '2026-01-05', dueDate: '2026-02-04', dueDateAssumed: false,
    currency: 'EUR', amount: '1200.50', openAmount: '1200.50', settledOn: null, cancelled: false,
  });
  const found = await download(acme, { content: 'CUSTOMERS', format: 'JSON_LINES', customers: { search: 'fauvrenoux', overdue: true } });
  expect(found.trim().split('\n').map((text) => JSON.parse(text) as unknown)).toEqual([
    { id: customerBy.id, reference: 'C1', name: 'Boulangerie Fauvernoux', country: 'FR', registration: { scheme: 'SIREN', value: '552100554' }, terms: null, creditLimit: null },
  ]);
  expect(await download(acme, { content: 'CUSTOMERS', customers: { overdue: false } })).toBe('customer_reference,customer_name,registration_scheme,registration_value,country,terms_days,terms_end_of_month,terms_fixed_day,credit_limit,credit_limit_currency\r\n');
  expect(await download(rival, { content: 'CUSTOMERS', format: 'JSON_LINES' })).toMatch(/^\{[^\n]*"reference":"Z"[^\n]*\}\n$/);
});

test('a file is an attachment that no browser guesses at; twice, by others, by other methods, late', async () => {
  const [acme, rival] = await Promise.all([house.firm(), house.firm()]);
  await imported(acme, LEDGER);
  const url = await exported(acme, { content: 'INVOICES' });
  const first = await fetched(url, acme);
  const { currentDate } = await acme.get<{ currentDate: string }>('{ currentDate: portfolio { asOf } }').then(({ currentDate: portfolio }) => ({ currentDate: (portfolio as unknown as { asOf: string }).asOf }));
  expect(Object.fromEntries(['content-type', 'content-disposition', 'x-content-type-options', 'cache-control'].map((name) => [name, first.headers.get(name)]))).toEqual({
    'content-type': 'text/csv; charset=utf-8; header=present', 'content-disposition': `attachment; filename="invoices-${currentDate}.csv"`, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store',
  });
  expect(await (await fetched(url, acme)).text()).toBe(await first.text());
  const answers = async (visitor: Visitor, address: string, method = 'GET'): Promise<unknown> => {
    const response = await fetched(address, visitor, method);
    return [response.status, method === 'HEAD' ? undefined : ((await response.json()) as { errors: [{ extensions: { code: string } }] }).errors[0].extensions.code];
  };
  expect(await answers(rival, url)).toEqual([404, 'NOT_FOUND']);
  expect(await answers(house.nobody, url)).toEqual([401, 'UNAUTHENTICATED']);
  expect(await answers(acme, `${house.url}/downloads/nothing`)).toEqual([404, 'NOT_FOUND']);
  expect(await answers(acme, `${house.url}/downloads/rejections-nothing`)).toEqual([404, 'NOT_FOUND']);
  expect(await answers(acme, `${house.url}/downloads/${crypto.randomUUID()}`)).toEqual([404, 'NOT_FOUND']);
  for (const method of ['PUT', 'POST', 'DELETE', 'HEAD']) expect(await answers(acme, url, method)).toEqual([405, method === 'HEAD' ? undefined : 'BAD_USER_INPUT']);
  await owner.query(`update portfolios.export set expires_at = now() - interval '1 second' where id = $1`, [url.split('/').at(-1)]);
  expect(await answers(acme, url)).toEqual([404, 'NOT_FOUND']);
});

test('who may not read the ledger exports nothing, and a filter of the other list is refused', async () => {
  const acme = await house.firm();
  const url = await exported(acme, { content: 'INVOICES' });
  const { apiKeyCreate } = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "w", scopes: ["ledger:write"] }) { secret } }');
  const writer = new Visitor(house, apiKeyCreate.secret);
  expect((await writer.ask(CREATE, { input: { content: 'INVOICES' } })).errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  expect((await fetched(url, writer)).status).toBe(403);
  const refused = await acme.get<{ exportCreate: UserErrors }>(CREATE, { input: { content: 'INVOICES', customers: { search: 'x' } } });
  expect(refused.exportCreate.userErrors).toEqual([{ code: 'INVALID', path: ['input', 'customers'] }]);
});

test('what an import refused is fetched as CSV, line by line, by its own firm', async () => {
  const [acme, rival] = await Promise.all([house.firm(), house.firm()]);
  const job = await imported(acme, 'customer_reference,invoice_number,issue_date,amount\nC1,F1,2026-01-01,1\nC1,F2,2026-13-01,=1+1\n"=x, ""y""",,2026-01-01,1\n');
  expect(job).toMatchObject({ status: 'COMPLETED', rowsRejected: 2, rejectionsUrl: `${house.url}/downloads/rejections-${job.id}` });
  const response = await fetched(job.rejectionsUrl!, acme);
  expect(response.headers.get('content-disposition')).toBe(`attachment; filename="rejections-${job.id}.csv"`);
  const rows = (await response.text()).split('\r\n');
  expect(rows.map((row) => row.split(',').slice(0, 4).join())).toEqual(['line,column,value,code', '3,issue_date,2026-13-01,DATE_UNREADABLE', "3,amount,'=1+1,AMOUNT_UNREADABLE", '4,invoice_number,,VALUE_MISSING', '']);
  expect((await fetched(job.rejectionsUrl!, rival)).status).toBe(404);
  expect((await imported(acme, 'customer_reference,invoice_number,issue_date,amount\nC1,F9,2026-01-01,1\n')).rejectionsUrl).toBeNull();
});

/** Many invoices of a firm, made at once. */
async function fill(firmId: string, invoices: number): Promise<void> {
  await owner.query('begin');
  await owner.query(`insert into portfolios.customer (firm_id, reference, name) select $1, 'B' || i, 'Bulk ' || i from generate_series(1, 20) i`, [firmId]);
  await owner.query(
    `insert into portfolios.invoice (firm_id, customer_id, number, issue_date, due_date, currency, amount_minor)
     select $1, (select id from portfolios.customer where firm_id = $1 and reference = 'B' || (1 + i % 20)), 'N' || i, date '2026-01-01', date '2026-01-31', 'EUR', i from generate_series(1, $2::int) i`, [firmId, invoices]);
  await owner.query('commit');
}

async function ownFirmId(visitor: FirmVisitor): Promise<string> {
  const { customerUpsert } = await visitor.get<{ customerUpsert: { customer: { id: string } } }>('mutation { customerUpsert(input: { reference: "own", name: "own" }) { customer { id } } }');
  const { rows } = await owner.query<{ firm_id: string }>('select firm_id from portfolios.customer where id = $1', [customerUpsert.customer.id]);
  return rows[0]!.firm_id;
}

test('each invoice comes once though others come, change and are settled while the file is read slowly; nothing waits for the reader', async () => {
  const acme = await house.firm();
  const firmId = await ownFirmId(acme);
  await fill(firmId, 30_000);
  const url = await exported(acme, { content: 'INVOICES', format: 'JSON_LINES' });
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    httpGet(url, { headers: { authorization: `Bearer ${acme.token}` } }, resolve).once('error', reject);
  });
  const chunks: string[] = [String(await new Promise<Buffer>((resolve) => response.once('data', resolve)))];
  response.pause();
  // The reader pauses: no transaction of the download is open, and the ledger can even be locked whole.
  // The reader pauses: as soon as its buffers are full the download holds nothing, and the whole table can be locked.
  const canLock = (): Promise<boolean> => owner.query('begin; lock table portfolios.invoice in access exclusive mode nowait; commit').then(() => true, () => owner.query('rollback').then(() => false));
  for (const until = Date.now() + 10_000; !(await canLock()); ) expect(Date.now()).toBeLessThan(until);
  await owner.query(`update portfolios.invoice set due_date = due_date + 400 where firm_id = $1 and amount_minor % 3 = 0`, [firmId]);
  await owner.query(`insert into portfolios.invoice (firm_id, customer_id, number, issue_date, due_date, currency, amount_minor) select firm_id, customer_id, 'new' || number, issue_date, due_date, currency, amount_minor from portfolios.invoice where firm_id = $1 and amount_minor % 5 = 0`, [firmId]);
  response.setEncoding('utf8');
  for await (const chunk of response) chunks.push(chunk as string);
  const numbers = chunks.join('').split('\n').slice(0, -1).map((line) => (JSON.parse(line) as { number: string }).number);
  const old = numbers.filter((number) => number.startsWith('N'));
  expect([old.length, new Set(old).size]).toEqual([30_000, 30_000]);
  expect(new Set(numbers).size).toBe(numbers.length);
}, 120_000);

test('a reader that goes away ends the download and leaves nothing behind', async () => {
  const acme = await house.firm();
  const firmId = await ownFirmId(acme);
  await fill(firmId, 20_000);
  const url = await exported(acme, { content: 'INVOICES', format: 'JSON_LINES' });
  const controller = new AbortController();
  const response = await fetch(url, { headers: { authorization: `Bearer ${acme.token}` }, signal: controller.signal });
  await response.body!.getReader().read();
  controller.abort();
  const isIdle = async (): Promise<boolean> => (await owner.query(`select from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid() and query like '%portfolios.invoice%'`)).rowCount === 0;
  for (const until = Date.now() + 5_000; !(await isIdle()); ) expect(Date.now()).toBeLessThan(until);
  // It can be fetched again, whole.
  const whole = await (await fetched(url, acme)).text();
  expect(whole.split('\n')).toHaveLength(20_001);
  expect(createHash('sha256').update(whole).digest('hex')).toBe(createHash('sha256').update(await (await fetched(url, acme)).text()).digest('hex'));
}, 120_000);

test('a room of its own sends the same file through the gateway', async () => {
  await using split = await startSplitHouse();
  const [acme, rival] = await Promise.all([split.firm(), split.firm()]);
  await imported(acme, LEDGER);
  const url = await exported(acme, { content: 'INVOICES' });
  const response = await fetched(url, acme);
  expect([response.status, response.headers.get('x-content-type-options'), response.headers.get('content-disposition')?.startsWith('attachment')]).toEqual([200, 'nosniff', true]);
  expect((await response.text()).split('\r\n')).toHaveLength(8);
  expect((await fetched(url, rival)).status).toBe(404);
}, 120_000);

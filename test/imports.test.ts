import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client as PgClient } from 'pg';
import { CATALOGUE } from '../src/events/catalogue.js';
import { FirmVisitor, startHouse, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

interface Job {
  readonly id: string;
  readonly status: string;
  readonly uploadUrl: string | null;
  readonly rowsRead: number;
  readonly rowsAccepted: number;
  readonly rowsUnchanged: number;
  readonly rowsRejected: number;
  readonly failure: { readonly code: string; readonly message: string; readonly path: readonly string[] } | null;
  readonly rejections: { readonly totalCount: number; readonly nodes: readonly { readonly line: number; readonly column: string | null; readonly value: string | null; readonly code: string }[] };
}

const JOB = `id status uploadUrl rowsRead rowsAccepted rowsUnchanged rowsRejected failure { code message path } rejections { totalCount nodes { line column value code } }`;

async function create(firm: FirmVisitor, input: Record<string, unknown> = {}): Promise<Job> {
  const { importCreate } = await firm.get<{ importCreate: { job: Job; userErrors: readonly unknown[] } }>(
    `mutation ($input: ImportInput!) { importCreate(input: $input) { job { ${JOB} } userErrors { code message path } } }`,
    { input: { format: 'CSV', ...input } },
  );
  expect(importCreate.userErrors).toEqual([]);
  return importCreate.job;
}

function put(url: string, token: string | undefined, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'PUT', body, headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers }, duplex: 'half' } as RequestInit);
}

/** Every state of an import until its end, as a subscriber sees it. */
async function follow(firm: FirmVisitor, id: string): Promise<readonly Job[]> {
  const socket = firm.socket();
  const states: Job[] = [];
  try {
    for await (const { data, errors } of socket.iterate<{ importProgress: Job }>({ query: `subscription ($id: ID!) { importProgress(id: $id) { ${JOB} } }`, variables: { id } })) {
      if (errors || !data) throw new Error(JSON.stringify(errors));
      states.push(data.importProgress);
    }
  } finally {
    await socket.dispose();
  }
  return states;
}

/** Imports a file to its end. */
async function run(firm: FirmVisitor, input: Record<string, unknown>, body: BodyInit, headers: Record<string, string> = {}): Promise<Job> {
  const job = await create(firm, input);
  const ended = follow(firm, job.id);
  const response = await put(job.uploadUrl!, firm.token, body, headers);
  await response.text();
  return (await ended).at(-1)!;
}

const IBM = {
  dateFormat: 'M/d/yyyy',
  currency: 'EUR',
  mapping: Object.entries({
    customerID: 'CUSTOMER_REFERENCE', invoiceNumber: 'INVOICE_NUMBER', InvoiceDate: 'ISSUE_DATE', DueDate: 'DUE_DATE', InvoiceAmount: 'AMOUNT', SettledDate: 'SETTLED_ON',
  }).map(([column, field]) => ({ column, field })),
};
const ibmLedger = await readFile(new URL('../../../shared/data/ledgers/ibm-late-payments.csv', import.meta.url)).catch(() => undefined);
const withLedger = ibmLedger ? test : test.skip;

withLedger('the real ledger lands completely, gives its known figures, and changes nothing when it comes again', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  expect(await run(acme, IBM, new Uint8Array(ibmLedger!))).toMatchObject({ status: 'COMPLETED', rowsRead: 2466, rowsAccepted: 2466, rowsUnchanged: 0, rowsRejected: 0, failure: null, uploadUrl: null });
  const query = '{ portfolio(asOf: "2012-12-31") { openInvoiceCount indicators { outstanding { amount currency } dso(days: 90) } } }';
  const known = { portfolio: { openInvoiceCount: 99, indicators: { outstanding: { amount: '5725.06', currency: 'EUR' }, dso: 26.840678 } } };
  expect(await acme.get(query)).toEqual(known);
  expect(await run(acme, IBM, new Uint8Array(ibmLedger!))).toMatchObject({ status: 'COMPLETED', rowsRead: 2466, rowsAccepted: 2466, rowsUnchanged: 2466, rowsRejected: 0 });
  expect(await acme.get(query)).toEqual(known);
  // INDICATORS.md: 35.56 % of all that it ever settled was late.
  expect(await acme.get('{ portfolio(asOf: "2014-12-31") { openInvoiceCount indicators { lateShare(days: 3660) } } }')).toEqual({ portfolio: { openInvoiceCount: 0, indicators: { lateShare: 0.355637 } } });
  expect(await rival.get('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 0 } });
});

const HEADER = 'customer_reference,invoice_number,issue_date,due_date,currency,amount,settled_on,open_amount,invoice_kind,country,registration_scheme,registration_value,customer_name';

/** A row of every column, from what differs from a plain one. */
function row(cells: Readonly<Record<string, string>>): string {
  const plain: Record<string, string> = { customer_reference: 'C1', issue_date: '2026-01-05', due_date: '2026-02-04', currency: 'EUR', amount: '100.00', ...cells };
  return HEADER.split(',').map((column) => plain[column] ?? '').join(',');
}

test('each bad row is told with its line, column, value and code, and the good ones land', async () => {
  const acme = await house.firm();
  const bad: readonly (readonly [Record<string, string>, string | null, string | null, string])[] = [
    [{ customer_reference: '' }, 'customer_reference', null, 'VALUE_MISSING'],
    [{ amount: '' }, 'amount', null, 'VALUE_MISSING'],
    [{ issue_date: '2026-02-30' }, 'issue_date', '2026-02-30', 'DATE_UNREADABLE'],
    [{ issue_date: '05/01/2026' }, 'issue_date', '05/01/2026', 'DATE_UNREADABLE'],
    [{ due_date: '2026-01-04' }, 'due_date', '2026-01-04', 'DUE_BEFORE_ISSUE'],
    [{ settled_on: '2026-01-04' }, 'settled_on', '2026-01-04', 'SETTLED_BEFORE_ISSUE'],
    [{ amount: '-5.00' }, 'amount', '-5.00', 'AMOUNT_NEGATIVE'],
    [{ amount: '0.00' }, 'amount', '0.00', 'AMOUNT_ZERO'],
    [{ amount: '1.005' }, 'amount', '1.005', 'AMOUNT_TOO_PRECISE'],
    [{ amount: '12 €' }, 'amount', '12 €', 'AMOUNT_UNREADABLE'],
    [{ amount: '99999999999999.00' }, 'amount', '99999999999999.00', 'AMOUNT_TOO_LARGE'],
    [{ currency: 'EUX' }, 'currency', 'EUX', 'CURRENCY_UNKNOWN'],
    [{ open_amount: '100.01' }, 'open_amount', '100.01', 'OPEN_ABOVE_AMOUNT'],
    [{ open_amount: '1.00', settled_on: '2026-01-06' }, 'open_amount', '1.00', 'SETTLED_YET_OPEN'],
    [{ invoice_kind: 'pro forma' }, 'invoice_kind', 'pro forma', 'KIND_UNKNOWN'],
    [{ country: 'ZZ' }, 'country', 'ZZ', 'COUNTRY_UNKNOWN'],
    [{ registration_scheme: 'SIREN', registration_value: '732829321' }, 'registration_value', '732829321', 'REGISTRATION_INVALID'],
    [{ registration_scheme: 'RCS', registration_value: '732829320' }, 'registration_scheme', 'RCS', 'REGISTRATION_SCHEME_UNKNOWN'],
    [{ registration_value: '732829320' }, 'registration_scheme', null, 'REGISTRATION_INCOMPLETE'],
    [{ customer_name: 'x'.repeat(201) }, 'customer_name', 'x'.repeat(200), 'VALUE_TOO_LONG'],
    [{ customer_name: '"two\nlines"' }, 'customer_name', 'two\nlines', 'VALUE_UNREADABLE'],
  ];
  const good = row({ invoice_number: 'GOOD', registration_scheme: 'SIREN', registration_value: '732 829 320', customer_name: '"Fleurs ""Zoé"", SARL"', country: 'fr' });
  const short = 'C1,SHORT,2026-01-05';
  const unclosed = '"C1,NEVER,2026-01-05';
  const file = [HEADER, good, ...bad.map(([cells], index) => row({ invoice_number: `BAD-${index}`, ...cells })), short, unclosed].join('\r\n');
  const job = await run(acme, {}, `\uFEFF${file}`);
  const lines = bad.map((_, index) => index + 3);
  expect(job.rejections.nodes).toEqual([
    ...bad.map(([, column, value, code], index) => ({ line: lines[index], column, value, code })),
    // The bad row before spans two lines.
    { line: bad.length + 4, column: null, value: '3 cells instead of 13', code: 'ROW_LENGTH' },
    { line: bad.length + 5, column: null, value: null, code: 'ROW_MALFORMED' },
  ]);
  expect(job).toMatchObject({ status: 'COMPLETED', rowsRead: bad.length + 3, rowsAccepted: 1, rowsUnchanged: 0, rowsRejected: bad.length + 2 });
  expect(await acme.get('{ customers { nodes { reference name country registration { scheme value } } } invoices { nodes { number amount { amount currency } dueDate } } }')).toEqual({
    customers: { nodes: [{ reference: 'C1', name: 'Fleurs "Zoé", SARL', country: 'FR', registration: { scheme: 'SIREN', value: '732829320' } }] },
    invoices: { nodes: [{ number: 'GOOD', amount: { amount: '100.00', currency: 'EUR' }, dueDate: '2026-02-04' }] },
  });
});

test('rejections are paged in the order of the file', async () => {
  const acme = await house.firm();
  const job = await run(acme, {}, [HEADER, ...Array.from({ length: 5 }, (_, index) => row({ invoice_number: `N${index}`, amount: '-1', country: 'ZZ' }))].join('\n'));
  expect(job).toMatchObject({ rowsRejected: 5, rejections: { totalCount: 10 } });
  const page = `query ($id: ID!, $first: Int, $after: String) { importJob(id: $id) { rejections(first: $first, after: $after) { nodes { line code } pageInfo { hasNextPage endCursor } totalCount } } }`;
  type Page = { importJob: { rejections: { nodes: readonly { line: number; code: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } };
  const seen: string[] = [];
  let after: string | null = null;
  for (let more = true; more; ) {
    const { importJob }: Page = await acme.get<Page>(page, { id: job.id, first: 3, after });
    seen.push(...importJob.rejections.nodes.map(({ line, code }) => `${line} ${code}`));
    more = importJob.rejections.pageInfo.hasNextPage;
    after = importJob.rejections.pageInfo.endCursor;
  }
  expect(seen).toEqual([2, 3, 4, 5, 6].flatMap((line) => [`${line} COUNTRY_UNKNOWN`, `${line} AMOUNT_NEGATIVE`]));
  expect((await acme.ask(page, { id: job.id, first: 1000 })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect((await acme.ask(page, { id: job.id, first: 3, after: Buffer.from('["x",1]').toString('base64url') })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('what can be seen wrong before the file is refused when the import is created', async () => {
  const acme = await house.firm();
  const required = [['a', 'CUSTOMER_REFERENCE'], ['b', 'INVOICE_NUMBER'], ['c', 'ISSUE_DATE'], ['d', 'AMOUNT']];
  const mapping = (...pairs: string[][]): object[] => pairs.map(([column, field]) => ({ column, field }));
  const cases: readonly (readonly [object, string, readonly string[]])[] = [
    [{ format: 'CAMT053', mode: 'SNAPSHOT' }, 'INVALID', ['input', 'mode']],
    [{ mapping: mapping(...required, ['e', 'AMOUNT']) }, 'INVALID', ['input', 'mapping', '4']],
    [{ mapping: mapping(...required.slice(1)) }, 'REQUIRED', ['input', 'mapping']],
    [{ mapping: mapping(...required, [' ', 'COUNTRY']) }, 'INVALID', ['input', 'mapping', '4']],
    [{ mapping: mapping(...required, ['e', 'REGISTRATION_VALUE']) }, 'REQUIRED', ['input', 'mapping']],
    [{ dateFormat: 'dd.MM' }, 'INVALID', ['input', 'dateFormat']],
    [{ delimiter: '::' }, 'INVALID', ['input', 'delimiter']],
    [{ delimiter: '"' }, 'INVALID', ['input', 'delimiter']],
    [{ terms: { days: -1 } }, 'INVALID', ['input', 'terms', 'days']],
    [{ fileName: 'x'.repeat(300) }, 'INVALID', ['input', 'fileName']],
  ];
  for (const [input, code, path] of cases) {
    const { importCreate } = await acme.get<{ importCreate: object }>('mutation ($input: ImportInput!) { importCreate(input: $input) { job { id } userErrors { code path } } }', { input: { format: 'CSV', ...input } });
    expect(importCreate).toEqual({ job: null, userErrors: [{ code, path }] });
  }
  expect((await acme.ask('mutation { importCreate(input: { format: CSV, currency: "EUX" }) { job { id } } }')).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('a file that cannot be taken fails its import with a code, and nothing of it lands', async () => {
  const acme = await house.firm();
  const latin = Buffer.from(`${HEADER}\n${row({ invoice_number: 'L1', customer_name: 'Fleurs Zoé' })}\n`, 'latin1');
  const cases: readonly (readonly [string, Record<string, unknown>, BodyInit, string, readonly string[]])[] = [
    ['empty', {}, '', 'REQUIRED', ['file']],
    ['blank', {}, '\uFEFF\r\n\r\n', 'REQUIRED', ['file']],
    ['a header of other names', {}, 'a,b,c\n1,2,3\n', 'REQUIRED', ['file', 'header']],
    ['a mapped column that is missing', IBM, 'customerID,invoiceNumber\n1,2\n', 'INVALID', ['file', 'header']],
    ['the same column twice', {}, `${HEADER},amount\n`, 'INVALID', ['file', 'header']],
    ['Latin-1 without a word', {}, latin, 'INVALID', ['file', 'encoding']],
    ['UTF-16', {}, Buffer.from(`\uFEFF${HEADER}\n`, 'utf16le'), 'INVALID', ['file', 'encoding']],
    ['UTF-16 without a mark', {}, Buffer.from(`${HEADER}\n`, 'utf16le'), 'INVALID', ['file', 'encoding']],
    ['a row of 200 kB', {}, `${HEADER}\n${row({ invoice_number: 'A' })}\n${'x'.repeat(200_000)}\n`, 'LIMIT_REACHED', ['file', 'row']],
    ['a header of 200 kB', {}, 'x'.repeat(200_000), 'LIMIT_REACHED', ['file', 'row']],
    ['a snapshot of nothing', { mode: 'SNAPSHOT' }, `${HEADER}\n`, 'REQUIRED', ['file']],
  ];
  for (const [name, input, body, code, path] of cases) {
    const job = await create(acme, input);
    const response = await put(job.uploadUrl!, acme.token, body);
    expect([name, response.status, await response.json()]).toMatchObject([name, 422, { id: job.id, status: 'FAILED', errors: [{ extensions: { code, path } }] }]);
    expect((await follow(acme, job.id)).at(-1)).toMatchObject({ status: 'FAILED', rowsAccepted: 0, uploadUrl: null, failure: { code, path } });
  }
  expect(await acme.get('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 0 } });
  // Declared, Latin-1 is as good as any.
  expect(await run(acme, {}, latin, { 'content-type': 'text/csv; charset=ISO-8859-1' })).toMatchObject({ status: 'COMPLETED', rowsAccepted: 1 });
  expect(await acme.get('{ customers { nodes { name } } }')).toEqual({ customers: { nodes: [{ name: 'Fleurs Zoé' }] } });
});

test('a file goes to its own firm\'s import once; nobody else learns that the import exists', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const job = await create(acme);
  const file = `${HEADER}\n${row({ invoice_number: 'A' })}\n`;
  expect(job).toMatchObject({ status: 'AWAITING_UPLOAD', uploadUrl: `${house.url}/uploads/${job.id}` });
  const notFound = { errors: [{ message: 'There is no such import.', extensions: { code: 'NOT_FOUND' } }] };
  for (const url of [job.uploadUrl!, job.uploadUrl!.replace(/.{4}$/, '0000'), `${house.url}/uploads/nonsense`]) {
    const response = await put(url, rival.token, file);
    expect([response.status, await response.json()]).toEqual([404, notFound]);
  }
  const anonymous = await put(job.uploadUrl!, undefined, file);
  expect([anonymous.status, await anonymous.json()]).toMatchObject([401, { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }]);
  expect(await rival.get('query ($id: ID!) { importJob(id: $id) { id } }', { id: job.id })).toEqual({ importJob: null });
  await expect(follow(rival, job.id)).rejects.toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  expect((await follow(acme, await finished(acme, job, file))).at(-1)).toMatchObject({ status: 'COMPLETED', rowsAccepted: 1 });
  const again = await put(job.uploadUrl!, acme.token, file);
  expect([again.status, await again.json()]).toMatchObject([409, { errors: [{ extensions: { code: 'CONFLICT' } }] }]);
  expect((await put(job.uploadUrl!, acme.token, file, { 'content-type': 'text/csv; charset=utf-16' })).status).toBe(400);
});

/** Sends a file; the import's id. */
async function finished(firm: FirmVisitor, job: Job, file: BodyInit): Promise<string> {
  const response = await put(job.uploadUrl!, firm.token, file);
  expect([response.status, await response.json()]).toEqual([202, { id: job.id, status: 'RUNNING' }]);
  return job.id;
}

/** Asks until the import is in a state. */
async function until(firm: FirmVisitor, id: string, holds: (job: Job) => boolean): Promise<Job> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const { importJob } = await firm.get<{ importJob: Job }>(`query ($id: ID!) { importJob(id: $id) { ${JOB} } }`, { id });
    if (holds(importJob)) return importJob;
  }
  throw new Error('the import did not come to that state');
}

test('an upload that breaks off leaves nothing and can be sent again', async () => {
  const acme = await house.firm();
  const job = await create(acme);
  const half = [HEADER, ...Array.from({ length: 20_000 }, (_, index) => row({ invoice_number: `N${index}` }))].join('\n');
  const breakOff = new AbortController();
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(half)),
  });
  const broken = fetch(job.uploadUrl!, { method: 'PUT', body: endless, headers: { authorization: `Bearer ${acme.token}` }, duplex: 'half', signal: breakOff.signal } as RequestInit);
  await until(acme, job.id, ({ status, rowsRead }) => status === 'RUNNING' && rowsRead >= 15_000);
  // A second upload beside the first is turned away.
  expect((await put(job.uploadUrl!, acme.token, half)).status).toBe(409);
  breakOff.abort();
  await expect(broken).rejects.toThrow();
  expect(await until(acme, job.id, ({ status }) => status === 'AWAITING_UPLOAD')).toMatchObject({ uploadUrl: job.uploadUrl, rowsRead: 0, rowsAccepted: 0, rejections: { totalCount: 0 } });
  expect(await acme.get('{ customers { totalCount } invoices { totalCount } }')).toEqual({ customers: { totalCount: 0 }, invoices: { totalCount: 0 } });
  await finished(acme, job, `${HEADER}\n${row({ invoice_number: 'A' })}\n`);
  expect((await follow(acme, job.id)).at(-1)).toMatchObject({ status: 'COMPLETED', rowsRead: 1, rowsAccepted: 1 });
});

interface InvoiceAnswer {
  readonly invoices: { readonly nodes: readonly { readonly number: string; readonly settledOn: string | null; readonly openAmount: { readonly amount: string } }[] };
}

async function invoicesOf(firm: FirmVisitor): Promise<Record<string, readonly [string, string | null]>> {
  const { invoices } = await firm.get<InvoiceAnswer>('{ invoices(first: 100) { nodes { number settledOn openAmount { amount } } } }');
  return Object.fromEntries(invoices.nodes.map(({ number, settledOn, openAmount }) => [number, [openAmount.amount, settledOn]]));
}

test('repeated rows change nothing, contradicting ones are refused, in the file and against the ledger', async () => {
  const acme = await house.firm();
  const file = [HEADER, row({ invoice_number: 'A' }), row({ invoice_number: 'A' }), row({ invoice_number: 'A', amount: '99.00' }), row({ invoice_number: 'B', currency: 'USD' })].join('\n');
  expect(await run(acme, {}, file)).toMatchObject({ rowsRead: 4, rowsAccepted: 3, rowsUnchanged: 1, rowsRejected: 1, rejections: { nodes: [{ line: 4, code: 'CONTRADICTS_EARLIER_ROW' }] } });
  const second = [HEADER, row({ invoice_number: 'A', amount: '120.00' }), row({ invoice_number: 'B', currency: 'EUR' })].join('\n');
  expect(await run(acme, { dryRun: true }, second)).toMatchObject({ status: 'COMPLETED', rowsRead: 2, rowsAccepted: 1, rowsUnchanged: 0, rowsRejected: 1, rejections: { nodes: [{ line: 3, code: 'CONTRADICTS_LEDGER' }] } });
  expect(await invoicesOf(acme)).toEqual({ A: ['100.00', null], B: ['100.00', null] });
  expect(await run(acme, {}, second)).toMatchObject({ rowsAccepted: 1, rowsUnchanged: 0, rowsRejected: 1 });
  expect(await invoicesOf(acme)).toEqual({ A: ['120.00', null], B: ['100.00', null] });
  expect(await run(acme, {}, second)).toMatchObject({ rowsAccepted: 1, rowsUnchanged: 1, rowsRejected: 1 });
});

test('settlement follows what the last file says: a day, an open amount, taken back, and closed by absence in a snapshot', async () => {
  await using sandbox = await startHouse();
  const acme = await sandbox.firm();
  // The business day of this room alone: nothing here waits for what other rooms make of a day.
  const moveTo = (day: string): void => sandbox.running.rooms.portfolios.room.clock.shiftTo(Date.parse(`${day}T12:00:00Z`) - Date.now());
  const numbered = (...rows: Record<string, string>[]): string => [HEADER, ...rows.map(row)].join('\n');
  moveTo('2026-03-10');
  await run(acme, {}, numbered({ invoice_number: 'S', settled_on: '2026-02-01' }, { invoice_number: 'P', open_amount: '40.00' }, { invoice_number: 'O' }, { invoice_number: 'X' }));
  expect(await invoicesOf(acme)).toEqual({ S: ['0.00', '2026-02-01'], P: ['40.00', null], O: ['100.00', null], X: ['100.00', null] });
  expect(await acme.get('{ portfolio(asOf: "2026-03-09") { openInvoiceCount indicators { outstanding { amount } } } }')).toEqual({ portfolio: { openInvoiceCount: 3, indicators: { outstanding: { amount: '300.00' } } } });
  moveTo('2026-03-20');
  // The same open amount on a later day moves nothing.
  expect(await run(acme, {}, numbered({ invoice_number: 'P', open_amount: '40.00' }))).toMatchObject({ rowsUnchanged: 1 });
  await run(acme, {}, numbered({ invoice_number: 'S', settled_on: '2026-02-03' }, { invoice_number: 'P', open_amount: '70.00' }));
  expect(await invoicesOf(acme)).toMatchObject({ S: ['0.00', '2026-02-03'], P: ['70.00', null] });
  await run(acme, {}, numbered({ invoice_number: 'S' }));
  expect(await invoicesOf(acme)).toMatchObject({ S: ['100.00', null] });
  // O is in the snapshot, X too though its row is refused; S and P are missing.
  expect(await run(acme, { mode: 'SNAPSHOT' }, numbered({ invoice_number: 'O' }, { invoice_number: 'X', amount: '-1' }))).toMatchObject({ rowsAccepted: 1, rowsUnchanged: 1, rowsRejected: 1 });
  expect(await invoicesOf(acme)).toEqual({ S: ['0.00', '2026-03-20'], P: ['0.00', '2026-03-20'], O: ['100.00', null], X: ['100.00', null] });
  // A row that does not say which invoice it means might mean any: nothing is closed.
  const unsafe = await run(acme, { mode: 'SNAPSHOT' }, numbered({ invoice_number: 'O' }, { invoice_number: '' }));
  expect(unsafe.rejections.nodes.map(({ line, code }) => [line, code])).toEqual([[3, 'VALUE_MISSING'], [3, 'NOTHING_CLOSED']]);
  expect(await invoicesOf(acme)).toMatchObject({ X: ['100.00', null] });
});

test('what payments settled stays theirs: a file settles the rest, and is refused where it contradicts them', async () => {
  const acme = await house.firm();
  const file = (cells: Record<string, string>): string => [HEADER, row({ invoice_number: 'A', ...cells })].join('\n');
  await run(acme, {}, file({}));
  const { customerBy } = await acme.get<{ customerBy: { id: string } }>('{ customerBy(ref: { reference: "C1" }) { id } }');
  await acme.get('mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code } } }', {
    input: { customerId: customerBy.id, reference: 'R1', receivedOn: '2026-01-20', amount: { amount: '30.00', currency: 'EUR' }, invoiceNumbers: ['A'] },
  });
  expect(await invoicesOf(acme)).toEqual({ A: ['70.00', null] });
  for (const cells of [{ amount: '29.99' }, { issue_date: '2026-01-21' }]) {
    expect(await run(acme, {}, file({ ...cells, customer_name: 'Other' }))).toMatchObject({ rowsAccepted: 0, rowsUnchanged: 0, rowsRejected: 1, rejections: { nodes: [{ line: 2, code: 'CONTRADICTS_PAYMENTS' }] } });
  }
  // Nothing of a refused row lands, its customer's new name neither.
  expect(await acme.get('{ customers { nodes { name } } }')).toEqual({ customers: { nodes: [{ name: 'C1' }] } });
  expect(await run(acme, {}, file({ customer_name: 'Renamed' }))).toMatchObject({ rowsAccepted: 1, rowsUnchanged: 0 });
  expect(await acme.get('{ customers { nodes { name } } }')).toEqual({ customers: { nodes: [{ name: 'Renamed' }] } });
  // More is open than the payment left: the payment is the newer fact.
  expect(await run(acme, {}, file({ open_amount: '100.00' }))).toMatchObject({ rowsUnchanged: 1 });
  await run(acme, {}, file({ settled_on: '2026-01-25' }));
  expect(await invoicesOf(acme)).toEqual({ A: ['0.00', '2026-01-25'] });
  await run(acme, {}, file({}));
  expect(await invoicesOf(acme)).toEqual({ A: ['70.00', null] });
});

test('what an import settles reaches scoring, and a dry run does not', async () => {
  const acme = await house.firm();
  const issued = Temporal.Now.plainDateISO('UTC').subtract({ days: 60 });
  const cells = { issue_date: issued.toString(), due_date: issued.add({ days: 30 }).toString(), settled_on: issued.add({ days: 30 }).toString() };
  const file = [HEADER, ...['A', 'B', 'C'].map((number) => row({ invoice_number: number, ...cells }))].join('\n');
  expect(await run(acme, { dryRun: true }, file)).toMatchObject({ status: 'COMPLETED', rowsAccepted: 3, rowsUnchanged: 0 });
  expect(await acme.get('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 0 } });
  await run(acme, {}, file);
  type Behaved = { customerBy: { paymentBehaviour: { index: number; invoiceCount: number } | null } };
  let behaviour: Behaved['customerBy']['paymentBehaviour'] = null;
  for (const deadline = Date.now() + 10_000; !behaviour && Date.now() < deadline; ) {
    ({ customerBy: { paymentBehaviour: behaviour } } = await acme.get<Behaved>('{ customerBy(ref: { reference: "C1" }) { paymentBehaviour { index invoiceCount } } }'));
  }
  expect(behaviour).toEqual({ index: 80, invoiceCount: 3 });
});

test('a due date that the file does not give follows the customer, else the import, else thirty days', async () => {
  const acme = await house.firm();
  await acme.get('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { userErrors { code } } }', { input: { reference: 'C2', name: 'With terms', terms: { days: 45, endOfMonth: 'END_OF_MONTH_THEN_DAYS' } } });
  const file = [HEADER, row({ invoice_number: 'A', due_date: '' }), row({ customer_reference: 'C2', invoice_number: 'B', due_date: '', issue_date: '2011-10-05' }), row({ customer_reference: 'C3', invoice_number: 'C' })].join('\n');
  const query = '{ invoices { nodes { number dueDate dueDateAssumed } } }';
  await run(acme, { terms: { days: 10 } }, file);
  expect(await acme.get(query)).toEqual({ invoices: { nodes: [
    { number: 'B', dueDate: '2011-12-15', dueDateAssumed: true }, { number: 'A', dueDate: '2026-01-15', dueDateAssumed: true }, { number: 'C', dueDate: '2026-02-04', dueDateAssumed: false },
  ] } });
  // Once assumed it stays, whatever this import's terms are.
  expect(await run(acme, {}, file)).toMatchObject({ rowsAccepted: 3, rowsUnchanged: 3 });
});

test('a subscriber sees the import as it is, then grow, then end', async () => {
  const acme = await house.firm();
  const file = [HEADER, ...Array.from({ length: 12_000 }, (_, index) => row({ invoice_number: `N${index}`, customer_reference: `C${index % 50}` }))].join('\n');
  const job = await create(acme);
  const states = follow(acme, job.id);
  await finished(acme, job, file);
  const seen = await states;
  expect(seen[0]).toMatchObject({ id: job.id });
  expect(seen.at(-1)).toMatchObject({ status: 'COMPLETED', rowsRead: 12_000, rowsAccepted: 12_000, uploadUrl: null });
  expect(seen.some(({ status, rowsRead }) => status === 'RUNNING' && rowsRead > 0)).toBe(true);
  const counts = seen.map(({ rowsRead }) => rowsRead);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(await follow(acme, job.id)).toHaveLength(1);
  const { importJob } = await acme.get<{ importJob: Record<string, string> }>('query ($id: ID!) { importJob(id: $id) { createdAt startedAt finishedAt format mode dryRun } }', { id: job.id });
  expect(importJob).toEqual({ format: 'CSV', mode: 'DELTA', dryRun: false, createdAt: expect.stringMatching(/Z$/), startedAt: expect.stringMatching(/Z$/), finishedAt: expect.stringMatching(/Z$/) });
  expect(importJob['startedAt']! >= importJob['createdAt']! && importJob['finishedAt']! >= importJob['startedAt']!).toBe(true);
});

test('imports of one firm queue, imports of two firms run side by side, and each ends', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const file = (amount: string): string => [HEADER, ...Array.from({ length: 2_000 }, (_, index) => row({ invoice_number: `N${index}`, amount }))].join('\n');
  const jobs = await Promise.all([run(acme, {}, file('1.00')), run(acme, {}, file('2.00')), run(acme, {}, file('1.00')), run(rival, {}, file('3.00'))]);
  expect(jobs.map(({ status, rowsAccepted }) => [status, rowsAccepted])).toEqual(Array.from({ length: 4 }, () => ['COMPLETED', 2000]));
  expect(await rival.get('{ portfolio { indicators { outstanding { amount } } } }')).toEqual({ portfolio: { indicators: { outstanding: { amount: '6000.00' } } } });
  const { invoices } = await acme.get<{ invoices: { totalCount: number } }>('{ invoices { totalCount } }');
  expect(invoices.totalCount).toBe(2000);
});

test('endless garbage is turned away early, in flat memory', async () => {
  const acme = await house.firm();
  const MEGABYTE = 1024 ** 2;
  /** Offers 64 MB of one text behind a header; what was taken of it, and by how much memory grew meanwhile. */
  const offer = async (header: string, text: string, failure: object): Promise<{ readonly taken: number; readonly growth: number }> => {
    const chunk = new TextEncoder().encode(text.repeat(64 * 1024 / text.length));
    const before = process.memoryUsage().rss;
    let highest = before;
    let taken = 0;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(`${header}\n`)),
      pull: (controller) => {
        highest = Math.max(highest, process.memoryUsage().rss);
        if ((taken += chunk.length) > 64 * MEGABYTE) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const job = await create(acme);
    // The connection may be cut while the client still sends: the job says why.
    await put(job.uploadUrl!, acme.token, stream).catch(() => undefined);
    expect(await until(acme, job.id, ({ status }) => status === 'FAILED')).toMatchObject({ rowsAccepted: 0, failure });
    return { taken, growth: highest - before };
  };
  const oneLine = { code: 'LIMIT_REACHED', path: ['file', 'row'] };
  const manyRows = { code: 'LIMIT_REACHED', path: ['file'] };
  // The first of each grows the heap to its working size.
  await offer(HEADER, 'x', oneLine);
  await offer(HEADER, 'rubbish\n', manyRows);
  for (const { growth } of [await offer(HEADER, 'x', oneLine), await offer('x', 'x', { code: 'REQUIRED', path: ['file', 'header'] }), await offer(HEADER, 'rubbish\n', manyRows)]) {
    expect(growth / MEGABYTE).toBeLessThan(64);
  }
  // What announces that it is too large is not even begun.
  const job = await create(acme);
  const tooLarge = request(job.uploadUrl!, { method: 'PUT', headers: { authorization: `Bearer ${acme.token}`, 'content-length': 2 * 1024 * MEGABYTE } });
  tooLarge.flushHeaders();
  const [answer] = (await once(tooLarge, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(400);
  tooLarge.on('error', () => undefined).destroy();
  expect(await until(acme, job.id, () => true)).toMatchObject({ status: 'AWAITING_UPLOAD' });
});

/** The database as its owner sees it: what a test does with it stands for a crash, or for another process. */
async function asOwner<T>(work: (owner: PgClient) => Promise<T>): Promise<T> {
  const owner = await house.asOwner();
  try {
    return await work(owner);
  } finally {
    await owner.end();
  }
}

test('a staged file is merged though the process that took it in could not; a dead upload is given back', async () => {
  const acme = await house.firm();
  const job = await create(acme);
  await asOwner(async (owner) => {
    // Another process merges an import of this firm: this one must wait its turn.
    await owner.query(`select pg_advisory_lock(hashtextextended('import:' || $1, 0))`, [acme.firmId]);
    await finished(acme, job, `${HEADER}\n${row({ invoice_number: 'A' })}\n`);
    // Another firm's import, begun later, is through meanwhile.
    expect(await run(await house.firm(), {}, `${HEADER}\n${row({ invoice_number: 'A' })}\n`)).toMatchObject({ status: 'COMPLETED' });
    expect(await until(acme, job.id, () => true)).toMatchObject({ status: 'RUNNING', rowsRead: 1, rowsAccepted: 1 });
    expect(await invoicesOf(acme)).toEqual({});
  });
  expect(await until(acme, job.id, ({ status }) => status !== 'RUNNING')).toMatchObject({ status: 'COMPLETED', rowsAccepted: 1 });
  expect(await invoicesOf(acme)).toEqual({ A: ['100.00', null] });

  const dead = await create(acme);
  await asOwner((owner) => owner.query(`update portfolios.import_job set status = 'RUNNING', attempt = 1, rows_read = 7, heartbeat_at = clock_timestamp() - interval '31 seconds' where id = $1`, [dead.id]));
  expect(await until(acme, dead.id, ({ status }) => status === 'AWAITING_UPLOAD')).toMatchObject({ rowsRead: 0, uploadUrl: dead.uploadUrl });
});

test('who may only read the ledger opens no import and sends no file', async () => {
  const acme = await house.firm();
  const { apiKeyCreate } = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "reader", scopes: ["ledger:read"] }) { secret } }');
  const reader = new FirmVisitor(house, apiKeyCreate.secret, '', acme.firmId, acme.email);
  expect((await reader.ask('mutation { importCreate(input: { format: CSV }) { job { id } } }')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  const job = await create(acme);
  const refused = await put(job.uploadUrl!, reader.token, `${HEADER}\n`);
  expect([refused.status, await refused.json()]).toMatchObject([403, { errors: [{ extensions: { code: 'FORBIDDEN' } }] }]);
  expect(await until(reader, job.id, () => true)).toMatchObject({ status: 'AWAITING_UPLOAD' });
  expect((await house.nobody.ask('query { importJob(id: "x") { id } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
});

test('what an import writes by itself is what the catalogue promises, and every reference has its target', async () => {
  const acme = await house.firm();
  await asOwner(async (owner) => {
    // Events are gone as soon as they are heard: a copy stays.
    await owner.query(`
      create table public.told (firm_id uuid, name text, data jsonb);
      create function public.keep_told() returns trigger language plpgsql security definer as
        $keep$ begin insert into public.told values (new.firm_id, new.name, new.data); return null; end $keep$;
      create trigger keep_told after insert on events.delivery for each row execute function public.keep_told();
    `);
    const file = (amount: string): string => [
      HEADER, row({ invoice_number: 'OPEN', amount }), row({ invoice_number: 'PAID', amount, settled_on: '2026-01-20' }), row({ invoice_number: 'CREDIT', amount, invoice_kind: 'credit note' }),
      ...Array.from({ length: 1_500 }, (_, index) => row({ customer_reference: `C${index % 7}`, invoice_number: `N${index}`, amount })),
    ].join('\n');
    await run(acme, {}, file('1.00'));
    await run(acme, {}, file('2.00'));
    const { rows } = await owner.query<{ data: unknown }>(`select data from public.told where firm_id = $1 and name = 'invoices.changed'`, [acme.firmId]);
    const told = rows.map(({ data }) => CATALOGUE['invoices.changed'].data.parse(data));
    expect(told.map(({ invoiceIds }) => invoiceIds.length).toSorted()).toEqual([1000, 1000, 503, 503].toSorted());
    const { rows: numbers } = await owner.query<{ id: string; number: string }>(`select id, number from portfolios.invoice where firm_id = $1 and number = any('{OPEN,PAID,CREDIT}')`, [acme.firmId]);
    const facts = (number: string) => told.flatMap(({ invoiceIds, amountsMinor, settledOn, revisions }) => {
      const place = invoiceIds.indexOf(numbers.find((known) => known.number === number)!.id);
      return place < 0 ? [] : [[amountsMinor[place], settledOn[place], revisions[place]]];
    }).toSorted((one, other) => Number(one[2]) - Number(other[2]));
    expect(facts('OPEN')).toEqual([['100', null, 1], ['200', null, 2]]);
    expect(facts('PAID')).toEqual([['100', '2026-01-20', 1], ['200', '2026-01-20', 2]]);
    expect(facts('CREDIT')).toEqual([['0', null, 1], ['0', null, 2]]);
    const { rows: [dangling] } = await owner.query<{ invoices: string; applications: string }>(`
      select (select count(*) from portfolios.invoice i where not exists (select from portfolios.customer c where c.id = i.customer_id and c.firm_id = i.firm_id)) as invoices,
        (select count(*) from portfolios.application a where not exists (select from portfolios.invoice i where i.id = a.invoice_id and i.customer_id = a.customer_id and i.firm_id = a.firm_id)) as applications
    `);
    expect(dangling).toEqual({ invoices: '0', applications: '0' });
    await owner.query('drop trigger keep_told on events.delivery; drop function public.keep_told(); drop table public.told');
  });
});

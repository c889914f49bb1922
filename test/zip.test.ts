import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FirmVisitor, startHouse, type TestHouse } from './house.js';
import { importFile, type ImportedJob } from './import-file.js';
import { ciiSample, ublSample } from './invoice-samples.js';
import { pdfSample } from './pdf-sample.js';
import { zipSample } from './zip-sample.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const REFUSED = `query ($id: ID!) { importJob(id: $id) { status uploadUrl rowsRead rowsAccepted rejections { totalCount nodes { file line column value code } } } }`;

interface Refused {
  readonly status: string;
  readonly rejections: { readonly totalCount: number; readonly nodes: readonly { readonly file: string | null; readonly line: number; readonly column: string | null; readonly value: string | null; readonly code: string }[] };
}

/** Imports a file to its end, and tells what was refused with the names of its files. */
async function run(firm: FirmVisitor, input: Record<string, unknown>, body: Uint8Array): Promise<Omit<ImportedJob, 'rejections'> & Refused> {
  const job = await importFile(firm, input, new Uint8Array(body));
  const { importJob } = await firm.get<{ importJob: Refused }>(REFUSED, { id: job.id });
  return { ...job, rejections: importJob.rejections };
}

const NUMBERS = '{ invoices(orderBy: ISSUE_DATE_DESC) { nodes { number } totalCount } }';

async function numbersOf(firm: FirmVisitor): Promise<readonly string[]> {
  const { invoices } = await firm.get<{ invoices: { nodes: readonly { number: string }[] } }>(NUMBERS);
  return invoices.nodes.map(({ number }) => number).toSorted();
}

test('of a zip of invoices the good ones land, and each bad one is told with its file, line and reason', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const zip = zipSample([
    { name: '2026/one.xml', content: ublSample({ number: 'A1' }) },
    { name: '2026/', content: '' },
    { name: '2026/two.xml', content: ublSample({ number: 'A2', currency: 'EUX' }) },
    { name: '2026/three.xml', content: ciiSample({ number: 'A3' }) },
    { name: '__MACOSX/._one.xml', content: 'x' },
    { name: 'four.xml', content: ublSample({ number: 'A4' }).replace('</cac:LegalMonetaryTotal>', '') },
    { name: 'five.xml', content: ublSample({ number: 'A5' }, 'CreditNote').replace('>380<', '>381<') },
    { name: 'six.xml', content: '' },
    { name: 'seven.xml', content: ublSample({ number: 'A7' }), checksum: 7 },
  ]);
  expect(await run(acme, { format: 'UBL' }, zip)).toMatchObject({
    status: 'COMPLETED', rowsRead: 7, rowsAccepted: 2, rowsRejected: 5, failure: null,
    rejections: {
      totalCount: 5,
      nodes: [
        { file: '2026/two.xml', line: 7, column: 'DocumentCurrencyCode', value: 'EUX', code: 'CURRENCY_UNKNOWN' },
        { file: '2026/three.xml', line: 1, column: null, value: null, code: 'FILE_UNREADABLE' },
        { file: 'four.xml', line: 23, column: null, value: null, code: 'FILE_UNREADABLE' },
        { file: 'six.xml', line: 1, column: null, value: null, code: 'FILE_UNREADABLE' },
        { file: 'seven.xml', line: 1, column: null, value: null, code: 'FILE_UNREADABLE' },
      ],
    },
  });
  expect(await numbersOf(acme)).toEqual(['A1', 'A5']);
  expect(await numbersOf(rival)).toEqual([]);
  expect(await run(acme, { format: 'UBL' }, zip)).toMatchObject({ status: 'COMPLETED', rowsAccepted: 2, rowsUnchanged: 2 });
});

test('a single file has no name among its rejections', async () => {
  const acme = await house.firm();
  expect(await run(acme, { format: 'UBL' }, Buffer.from(ublSample({ currency: 'EUX' })))).toMatchObject({ rejections: { nodes: [{ file: null, line: 7 }] } });
});

const HEADER = 'customer_reference,invoice_number,issue_date,amount';

test('tables in a zip have each their own header, lines and delimiter, and what contradicts an earlier file says so', async () => {
  const acme = await house.firm();
  const zip = zipSample([
    { name: 'a.csv', content: `${HEADER}\nC1,N1,2026-01-05,10.00\nC1,N2,2026-01-05,x\n` },
    { name: 'b.csv', content: `${HEADER.replaceAll(',', ';')}\nC1;N3;2026-01-05;30.00\nC1;N1;2026-01-05;11.00\nC1;N4;2026-01-05;x\n` },
    { name: 'c.csv', content: 'reference,number\nC1,N9\n' },
    { name: 'd.csv', content: `${HEADER},settled_on\nC1,N5,2026-01-05,50.00,\n` },
    { name: 'e.csv', content: Buffer.from(`${HEADER}\nC1,N\u00e96,2026-01-05,60.00\n`, 'latin1') },
  ]);
  expect(await run(acme, { format: 'CSV' }, zip)).toMatchObject({
    status: 'COMPLETED', rowsRead: 8, rowsAccepted: 2, rowsRejected: 6,
    rejections: {
      nodes: [
        { file: 'a.csv', line: 3, column: 'amount', value: 'x', code: 'AMOUNT_UNREADABLE' },
        { file: 'b.csv', line: 3, column: null, value: null, code: 'CONTRADICTS_EARLIER_ROW' },
        { file: 'b.csv', line: 4, column: 'amount', value: 'x', code: 'AMOUNT_UNREADABLE' },
        { file: 'c.csv', line: 1, column: null, value: null, code: 'FILE_UNREADABLE' },
        { file: 'd.csv', line: 1, column: null, value: null, code: 'FILE_UNREADABLE' },
        { file: 'e.csv', line: 1, column: null, value: null, code: 'FILE_UNREADABLE' },
      ],
    },
  });
  expect(await numbersOf(acme)).toEqual(['N1', 'N3']);
});

test('a large table that turns out unreadable leaves nothing half-written', async () => {
  const acme = await house.firm();
  const rows = Array.from({ length: 3_000 }, (_, index) => `C1,N${index},2026-01-05,10.00`).join('\n');
  const zip = zipSample([{ name: 'a.csv', content: `${HEADER}\nC1,M1,2026-01-05,10.00\n` }, { name: 'b.csv', content: Buffer.concat([Buffer.from(`${HEADER}\n${rows}\nC1,`), Buffer.from([0xff]), Buffer.from(',2026-01-05,1\n')]) }]);
  expect(await run(acme, { format: 'CSV' }, zip)).toMatchObject({ status: 'FAILED', failure: { code: 'INVALID', message: expect.stringContaining('b.csv: '), path: ['file', 'encoding'] } });
  expect(await numbersOf(acme)).toEqual([]);
});

test('a snapshot in a zip closes what none of its files has, unless one of them cannot be read', async () => {
  const acme = await house.firm();
  await run(acme, { format: 'UBL' }, zipSample(['S1', 'S2', 'S3'].map((number) => ({ name: `${number}.xml`, content: ublSample({ number }) }))));
  const open = '{ invoices(where: { open: true }) { nodes { number } } }';
  await run(acme, { format: 'UBL', mode: 'SNAPSHOT' }, zipSample([{ name: 'S1.xml', content: ublSample({ number: 'S1' }) }, { name: 'bad.xml', content: '<a>' }]));
  expect(await acme.get(open)).toEqual({ invoices: { nodes: [{ number: 'S1' }, { number: 'S2' }, { number: 'S3' }] } });
  await run(acme, { format: 'UBL', mode: 'SNAPSHOT' }, zipSample(['S1', 'S3'].map((number) => ({ name: `${number}.xml`, content: ublSample({ number }) }))));
  expect(await acme.get(open)).toEqual({ invoices: { nodes: [{ number: 'S1' }, { number: 'S3' }] } });
});

test('PDFs come in a zip, and many small files do', async () => {
  const acme = await house.firm();
  const pdf = (number: string): Buffer => pdfSample([{ name: 'factur-x.xml', content: ciiSample({ number }) }]);
  expect(await run(acme, { format: 'FACTURX' }, zipSample([{ name: 'a.pdf', content: pdf('P1') }, { name: 'b.pdf', content: pdfSample([]) }, { name: 'c.pdf', content: pdf('P2') }]))).toMatchObject({
    status: 'COMPLETED', rowsAccepted: 2, rowsRejected: 1, rejections: { nodes: [{ file: 'b.pdf', line: 1, code: 'FILE_UNREADABLE' }] },
  });
  expect(await numbersOf(acme)).toEqual(['P1', 'P2']);
  const many = zipSample(Array.from({ length: 2_000 }, (_, index) => ({ name: `${index}.xml`, content: ciiSample({ number: `M${index}` }) })));
  expect(await run(acme, { format: 'CII' }, many)).toMatchObject({ status: 'COMPLETED', rowsRead: 2_000, rowsAccepted: 2_000 });
});

test.each<[string, Uint8Array, Record<string, unknown>]>([
  ['that is cut short', zipSample([{ name: 'a.xml', content: ublSample() }]).subarray(0, -10), { code: 'INVALID', path: ['file', 'zip'] }],
  ['without files', zipSample([]), { code: 'REQUIRED', path: ['file', 'zip'] }],
  ['that is an office document', zipSample([{ name: '[Content_Types].xml', content: '<a/>' }]), { code: 'INVALID', path: ['file', 'format'] }],
])('a zip %s fails as a whole', async (_, zip, failure) => {
  expect(await run(await house.firm(), { format: 'UBL' }, zip)).toMatchObject({ status: 'FAILED', failure });
});

test('a zip that breaks off leaves nothing and can be sent again, and what is refused of the second is not that of the first', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const { importCreate } = await acme.get<{ importCreate: { job: { id: string; uploadUrl: string } } }>('mutation { importCreate(input: { format: UBL }) { job { id uploadUrl } } }');
  const { id, uploadUrl } = importCreate.job;
  const zip = zipSample([{ name: 'a.xml', content: ublSample({ number: 'Z1' }) }, { name: 'b.xml', content: '<a>' }]);
  const send = (token: string | undefined, body: BodyInit, signal?: AbortSignal): Promise<Response> =>
    fetch(uploadUrl, { method: 'PUT', body, headers: { authorization: `Bearer ${token}` }, duplex: 'half', ...(signal && { signal }) } as RequestInit);
  const stateOf = async (): Promise<Refused> => (await acme.get<{ importJob: Refused }>(REFUSED, { id })).importJob;
  const until = async (status: string): Promise<Refused> => {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const state = await stateOf();
      if (state.status === status) return state;
    }
    throw new Error(`it never was ${status}`);
  };
  const breakOff = new AbortController();
  const broken = send(acme.token, new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(zip.subarray(0, 500))) }) as unknown as BodyInit, breakOff.signal);
  await until('RUNNING');
  expect((await send(rival.token, new Uint8Array(zip))).status).toBe(404);
  expect((await send(acme.token, new Uint8Array(zip))).status).toBe(409);
  breakOff.abort();
  await expect(broken).rejects.toThrow();
  expect(await until('AWAITING_UPLOAD')).toMatchObject({ rowsRead: 0, rejections: { totalCount: 0 } });
  expect((await send(acme.token, new Uint8Array(zip))).status).toBe(202);
  expect(await until('COMPLETED')).toMatchObject({ rowsAccepted: 1, rejections: { nodes: [{ file: 'b.xml', line: 1, code: 'FILE_UNREADABLE' }] } });
  expect(await numbersOf(acme)).toEqual(['Z1']);
});

test('what was refused of a zip can be downloaded with the names of its files', async () => {
  const acme = await house.firm();
  const job = await run(acme, { format: 'UBL' }, zipSample([{ name: 'a, b.xml', content: ublSample({ currency: 'EUX' }) }]));
  const { importJob } = await acme.get<{ importJob: { rejectionsUrl: string } }>('query ($id: ID!) { importJob(id: $id) { rejectionsUrl } }', { id: job.id });
  const lines = (await (await fetch(importJob.rejectionsUrl, { headers: { authorization: `Bearer ${acme.token}` } })).text()).split(/\r?\n/);
  expect(lines[0]).toBe('line,column,value,code,message,file');
  expect(lines[1]).toMatch(/^7,DocumentCurrencyCode,EUX,CURRENCY_UNKNOWN,.*,"a, b\.xml"$/);
});

const DATA = new URL('../../../shared/data/', import.meta.url);
const withData = (await readdir(DATA).catch(() => [])).length > 0 ? test : test.skip;

withData('all invoices that are there in CII, in one zip, land at once', async () => {
  const acme = await house.firm();
  const files: { name: string; content: Buffer }[] = [];
  for (const folder of ['en16931', 'xrechnung', 'pairs']) {
    for (const file of await readdir(new URL(`einvoices/${folder}/`, DATA))) {
      const content = await readFile(new URL(`einvoices/${folder}/${file}`, DATA));
      if (content.includes('CrossIndustryInvoice')) files.push({ name: `${folder}/${file}`, content });
    }
  }
  const job = await run(acme, { format: 'CII' }, zipSample(files));
  expect(job).toMatchObject({ status: 'COMPLETED', rowsRead: files.length });
  // Numbers are used again among these samples: only the first of a customer's is taken where they differ.
  const { rejections } = job;
  expect(new Set(rejections.nodes.map(({ code }) => code))).toEqual(new Set(['AMOUNT_ZERO', 'CONTRADICTS_EARLIER_ROW']));
  expect(rejections.nodes.filter(({ code }) => code === 'AMOUNT_ZERO').map(({ file }) => file)).toEqual(['en16931/CII-BR-CO-10-RoundingIssue.xml']);
});

withData('two years of accounts come in one zip', async () => {
  const names = (await readdir(new URL('fec/', DATA))).filter((name) => name.endsWith('.txt'));
  const acme = await house.firm();
  const files = await Promise.all(names.map(async (name) => ({ name, content: await readFile(new URL(`fec/${name}`, DATA)) })));
  const job = await run(acme, { format: 'FEC' }, zipSample(files));
  expect(job).toMatchObject({ status: 'COMPLETED' });
});

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { importFile, type ImportedJob } from './import-file.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';
import { zipSample } from './zip-sample.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** One entry of a statement; amounts as they are written. */
interface Entry {
  readonly amount: string;
  readonly currency?: string;
  readonly debit?: boolean;
  readonly day?: string;
  readonly status?: string;
  readonly bankReference?: string;
  /** Within the entry, beside what stands there already. */
  readonly more?: string;
  /** The transactions within, each the inside of a TxDtls. */
  readonly transactions?: readonly string[];
}

function entryXml({ amount, currency = 'EUR', debit = false, day = '2026-03-02', status = 'BOOK', bankReference, more = '', transactions = [] }: Entry): string {
  return `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${debit ? 'DBIT' : 'CRDT'}</CdtDbtInd><Sts>${status}</Sts><BookgDt><Dt>${day}</Dt></BookgDt>
${bankReference === undefined ? '' : `<AcctSvcrRef>${bankReference}</AcctSvcrRef>`}${more}<NtryDtls>${transactions.map((inside) => `\n<TxDtls>${inside}</TxDtls>`).join('')}</NtryDtls></Ntry>`;
}

function balanceXml(code: string, amount: string, currency = 'EUR'): string {
  return `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount.replace('-', '')}</Amt><CdtDbtInd>${amount.startsWith('-') ? 'DBIT' : 'CRDT'}</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>`;
}

/** A statement; without balances of its own it opens at zero and closes where its entries lead. */
function statementXml(entries: readonly Entry[], { id = 'S1', balances }: { id?: string; balances?: readonly (readonly [string, string, string?])[] } = {}): string {
  const cents = entries.filter(({ status }) => (status ?? 'BOOK') === 'BOOK').reduce((sum, { amount, debit }) => sum + Math.round(Number(amount) * 100) * (debit ? -1 : 1), 0);
  const ends = balances ?? [['OPBD', '0.00'], ['CLBD', (cents / 100).toFixed(2)]];
  return `<Stmt><Id>${id}</Id><Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></Acct>\n${ends.map(([code, amount, currency]) => balanceXml(code, amount, currency)).join('')}\n${entries.map(entryXml).join('\n')}\n</Stmt>`;
}

function file(...statements: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>\n${statements.join('\n')}\n</BkToCstmrStmt></Document>\n`;
}

const said = (text: string): string => `<RmtInf><Ustrd>${text}</Ustrd></RmtInf>`;
const paidBy = (name: string, more = ''): string => `<RltdPties><Dbtr><Nm>${name}</Nm>${more}</Dbtr></RltdPties>`;
const referred = (reference: string): string => `<RmtInf><Strd><CdtrRefInf><Ref>${reference}</Ref></CdtrRefInf></Strd></RmtInf>`;

function take(firm: FirmVisitor, xml: string, input: Record<string, unknown> = {}): Promise<ImportedJob> {
  return importFile(firm, { format: 'CAMT053', ...input }, xml);
}

/** A ledger of open invoices: customer, name, number, amount. */
async function invoices(firm: FirmVisitor, rows: readonly (readonly [string, string, string, string])[], currency = 'EUR'): Promise<void> {
  const csv = ['customer_reference,customer_name,invoice_number,issue_date,due_date,currency,amount', ...rows.map(([reference, name, number, amount]) => `${reference},"${name}",${number},2026-01-05,2026-02-04,${currency},${amount}`)].join('\n');
  expect(await importFile(firm, { format: 'CSV' }, csv)).toMatchObject({ status: 'COMPLETED', rowsRejected: 0 });
}

/** What is open, by number. */
async function open(firm: FirmVisitor): Promise<Record<string, string>> {
  const { invoices: list } = await firm.get<{ invoices: { nodes: readonly { number: string; openAmount: { amount: string } }[] } }>('{ invoices(first: 100) { nodes { number openAmount { amount } } } }');
  return Object.fromEntries(list.nodes.map(({ number, openAmount }) => [number, openAmount.amount]));
}

async function unapplied(firm: FirmVisitor): Promise<string> {
  const { portfolio } = await firm.get<{ portfolio: { indicators: { unapplied: { amount: string } } } }>('{ portfolio { indicators { unapplied { amount } } } }');
  return portfolio.indicators.unapplied.amount;
}

test('credits settle the invoices they name, by reference, by number, by amount; only their own firm sees it', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const ledger = [['A', 'Éts Müller SARL', 'FA-1001', '100.00'], ['A', 'Éts Müller SARL', 'FA-1002', '250.00'], ['B', 'Dupont SAS', 'FA-2001', '80.00'], ['B', 'Dupont SAS', 'FA-2002', '80.00'], ['C', 'Café Zoé', 'FA-3001', '42.00']] as const;
  await invoices(acme, ledger);
  await invoices(rival, ledger);
  const job = await take(acme, file(statementXml([
    { amount: '100.00', transactions: [`${paidBy('SOMEBODY ELSE')}${referred('RF61FA1001')}`] },
    { amount: '300.00', transactions: [`${paidBy('MULLER')}${said('Facture FA 1002 du 05/01/2026')}`] },
    { amount: '80.00', transactions: [paidBy('DUPONT')] },
    { amount: '42.00', transactions: [paidBy('CAFE ZOE')] },
    { amount: '7.00', transactions: [`${paidBy('NOBODY KNOWN')}${said('merci')}`] },
    { amount: '12.00', debit: true },
  ])));
  expect(job).toMatchObject({ status: 'COMPLETED', rowsRead: 5, rowsAccepted: 5, rowsRejected: 0, rowsUnchanged: 0, warnings: [] });
  // Of Dupont two invoices are of the amount: neither is taken.
  expect(await open(acme)).toEqual({ 'FA-1001': '0.00', 'FA-1002': '0.00', 'FA-2001': '80.00', 'FA-2002': '80.00', 'FA-3001': '0.00' });
  expect(await unapplied(acme)).toBe('137.00');
  expect(await open(rival)).toEqual(Object.fromEntries(ledger.map(([, , number, amount]) => [number, amount])));
  expect(await unapplied(rival)).toBe('0.00');
});

test('the same statement again, and an overlapping one, change nothing that was taken', async () => {
  const acme = await house.firm();
  await invoices(acme, [['A', 'Müller', 'FA-1001', '100.00'], ['A', 'Müller', 'FA-1002', '100.00']]);
  const first: readonly Entry[] = [
    { amount: '60.00', transactions: [said('FA-1001')] },
    // Two that nothing tells apart, and one that the bank's reference tells.
    { amount: '5.00', transactions: [said('loyer')] }, { amount: '5.00', transactions: [said('loyer')] },
    { amount: '9.00', bankReference: 'BR-1', transactions: [said('divers')] },
  ];
  expect(await take(acme, file(statementXml(first)))).toMatchObject({ rowsAccepted: 4, rowsUnchanged: 0 });
  expect(await take(acme, file(statementXml(first)))).toMatchObject({ status: 'COMPLETED', rowsAccepted: 4, rowsUnchanged: 4, rowsRejected: 0 });
  const later: readonly Entry[] = [{ amount: '40.00', day: '2026-03-03', transactions: [said('FA-1001')] }, ...first];
  expect(await take(acme, file(statementXml(later, { id: 'S2' })), { dryRun: true })).toMatchObject({ rowsAccepted: 5, rowsUnchanged: 4 });
  expect(await open(acme)).toEqual({ 'FA-1001': '40.00', 'FA-1002': '100.00' });
  expect(await take(acme, file(statementXml(later, { id: 'S2' })))).toMatchObject({ rowsAccepted: 5, rowsUnchanged: 4 });
  expect(await open(acme)).toEqual({ 'FA-1001': '0.00', 'FA-1002': '100.00' });
  expect(await unapplied(acme)).toBe('19.00');
  // The same of the bank, of another amount.
  expect(await take(acme, file(statementXml([{ amount: '9.01', bankReference: 'BR-1' }])))).toMatchObject({ rowsAccepted: 0, rowsRejected: 1, rejections: { nodes: [{ code: 'CONTRADICTS_RECEIPT' }] } });
});

test('a statement that does not reconcile is refused with the difference, the others of its file are taken', async () => {
  const acme = await house.firm();
  const good = statementXml([{ amount: '10.00' }]);
  const bad = statementXml([{ amount: '10.00' }, { amount: '5.00' }, { amount: '1.00', debit: true }], { id: 'S2', balances: [['OPBD', '-3.00'], ['CLBD', '11.50']] });
  const difference = 'its opening balance of -3.00 EUR and its entries of 14.00 EUR give 11.00 EUR, but its closing balance is 11.50 EUR: the difference is 0.50 EUR.';
  const mixed = await take(acme, file(good, bad));
  expect(mixed).toMatchObject({ status: 'COMPLETED', rowsRead: 3, rowsAccepted: 1, rowsRejected: 2, failure: null });
  expect(mixed.rejections.nodes.map(({ code, value }) => [code, value])).toEqual([['STATEMENT_UNBALANCED', '0.50 EUR'], ['STATEMENT_UNBALANCED', null], ['STATEMENT_UNBALANCED', null]]);
  expect(await unapplied(acme)).toBe('10.00');
  const alone = await take(acme, file(bad));
  expect(alone).toMatchObject({ status: 'FAILED', rowsAccepted: 0, failure: { code: 'INVALID', path: ['file', 'statement'] } });
  expect(alone.failure!.message).toContain(difference);
  expect(await unapplied(acme)).toBe('10.00');
  // An entry that only waits does not count; a debit below zero does.
  expect(await take(acme, file(statementXml([{ amount: '2.00', status: 'PDNG' }, { amount: '1.00', day: '2026-03-04' }], { id: 'S3' })))).toMatchObject({ status: 'COMPLETED', rowsRead: 1, rowsAccepted: 1 });
});

test('each transaction of a batch is a credit of its own; one that does not add up, a reversal and a bad amount are refused by line', async () => {
  const acme = await house.firm();
  await invoices(acme, [['A', 'Müller', '10011', '30.00'], ['B', 'Dupont', '10012', '70.00']]);
  const part = (amount: string, inside: string): string => `<Amt Ccy="EUR">${amount}</Amt>${inside}`;
  const xml = file(statementXml([
    { amount: '100.00', bankReference: 'B1', transactions: [part('30.00', said('10011')), part('70.00', said('10012'))] },
    { amount: '100.00', bankReference: 'B2', transactions: [part('30.00', said('x')), part('69.00', said('y'))] },
    // The bank booked what its charges left.
    { amount: '9.50', bankReference: 'B3', more: '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">0.50</TtlChrgsAndTaxAmt></Chrgs>', transactions: [part('4.00', ''), part('6.00', '')] },
    { amount: '20.00', debit: true, more: '<RvslInd>true</RvslInd>' },
    { amount: '1.005' },
    { amount: '3.00', day: '1900-01-01' },
    // The firm's own payment came back.
    { amount: '8.00', transactions: [`${said('10011')}<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>`] },
  ], { balances: [['OPBD', '0'], ['CLBD', '201.505']] }));
  const job = await take(acme, xml);
  expect(job).toMatchObject({ status: 'COMPLETED', rowsRead: 9, rowsAccepted: 5, rowsRejected: 4 });
  expect(job.rejections.nodes.map(({ code, column, value }) => [code, column, value])).toEqual([
    ['BATCH_DIFFERS', 'Ntry/Amt', '-1.00 EUR'], ['CREDIT_TAKEN_BACK', 'Ntry', '20.00 EUR'], ['AMOUNT_TOO_PRECISE', 'Ntry/Amt', '1.005'], ['DATE_UNREADABLE', 'Ntry/BookgDt', '1900-01-01'],
  ]);
  expect(await open(acme)).toEqual({ 10011: '0.00', 10012: '0.00' });
  expect(await unapplied(acme)).toBe('18.00');
  const text = xml.split('\n');
  for (const { line } of job.rejections.nodes) expect(text[line - 1]).toContain('<Ntry>');
  // All in one line: the same rows, the same refusals.
  const rival = await house.firm();
  const again = await take(rival, xml.replaceAll('\n', ''));
  expect(again.rejections.nodes.map(({ line, code }) => [line, code])).toEqual(job.rejections.nodes.map(({ code }) => [1, code]));
  expect(again).toMatchObject({ rowsRead: 9, rowsAccepted: 5, rowsRejected: 4 });
});

test('a payer is known by registration before the name, and never by a name that two share', async () => {
  const acme = await house.firm();
  await invoices(acme, [['A', 'Dupont', '30001', '11.00'], ['B', 'DUPONT SA', '30002', '12.00'], ['C', 'Fleurs', '30003', '13.00']]);
  const { customerUpsert } = await acme.get<{ customerUpsert: { userErrors: readonly unknown[] } }>('mutation { customerUpsert(input: { reference: "C", name: "Fleurs", registration: { scheme: SIREN, value: "732829320" } }) { userErrors { code } } }');
  expect(customerUpsert.userErrors).toEqual([]);
  const organisation = '<Id><OrgId><Othr><Id>732 829 320 00074</Id><SchmeNm><Cd>SRET</Cd></SchmeNm></Othr></OrgId></Id>';
  await take(acme, file(statementXml([{ amount: '11.00', transactions: [paidBy('Dupont')] }, { amount: '13.00', transactions: [paidBy('Dupont', organisation)] }])));
  expect(await open(acme)).toEqual({ 30001: '11.00', 30002: '12.00', 30003: '0.00' });
});

test('a payment takes the place of what a file only stated as settled', async () => {
  const acme = await house.firm();
  const csv = 'customer_reference,invoice_number,issue_date,due_date,currency,amount,settled_on\nA,40001,2026-01-05,2026-02-04,EUR,50.00,2026-03-01\n';
  await importFile(acme, { format: 'CSV' }, csv);
  await take(acme, file(statementXml([{ amount: '50.00', transactions: [said('40001')] }])));
  expect(await unapplied(acme)).toBe('0.00');
  expect(await open(acme)).toEqual({ 40001: '0.00' });
});

const RECEIPTS = 'totalCount nodes { id reference receivedOn amount { amount currency } unapplied { amount } payer payerAccount remittance customer { reference } applications { amount { amount } appliedOn invoice { number } } } pageInfo { hasNextPage endCursor }';

interface Receipts {
  readonly receipts: { readonly totalCount: number; readonly nodes: readonly { readonly id: string; readonly [field: string]: unknown }[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string } };
}

async function receipts(firm: FirmVisitor, where: Readonly<Record<string, unknown>> = {}, first = 50, after?: string): Promise<Receipts['receipts']> {
  return (await firm.get<Receipts>(`query ($where: ReceiptFilter, $first: Int, $after: String) { receipts(where: $where, first: $first, after: $after) { ${RECEIPTS} } }`, { where, first, after })).receipts;
}

const APPLY = 'mutation ($input: ReceiptApplyInput!) { receiptApply(input: $input) { receipt { unapplied { amount } customer { reference } } invoices { number status } userErrors { code path } } }';

function apply(firm: FirmVisitor, receiptId: string, customerId: string, invoiceNumbers: readonly string[] = []): Promise<unknown> {
  return firm.get<{ receiptApply: unknown }>(APPLY, { input: { receiptId, customerId, invoiceNumbers } }).then(({ receiptApply }) => receiptApply);
}

async function customerId(firm: FirmVisitor, reference: string): Promise<string> {
  return (await firm.get<{ customerBy: { id: string } }>('query ($reference: String!) { customerBy(ref: { reference: $reference }) { id } }', { reference })).customerBy.id;
}

test('receipts are listed, the newest first, with what the bank said and what they settled', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  await invoices(acme, [['A', 'Müller', 'FA-1001', '100.00']]);
  await take(acme, file(statementXml([
    { amount: '120.00', day: '2026-03-04', bankReference: 'BR-9', transactions: [`<RltdPties><Dbtr><Nm>MULLER</Nm></Dbtr><DbtrAcct><Id><IBAN>DE89 3704 0044 0532 0130 00</IBAN></Id></DbtrAcct></RltdPties>${said('FA-1001 &amp; more')}`] },
    { amount: '7.00', day: '2026-03-02', transactions: [paidBy('NOBODY')] },
    { amount: '8.00', day: '2026-03-03', transactions: [paidBy('NOBODY')] },
  ])));
  const all = await receipts(acme);
  expect(all.nodes[0]).toEqual({
    id: expect.any(String), reference: 'FR7630006000011234567890189 2026-03-04 BR-9', receivedOn: '2026-03-04', amount: { amount: '120.00', currency: 'EUR' }, unapplied: { amount: '20.00' },
    payer: 'MULLER', payerAccount: 'DE89370400440532013000', remittance: 'FA-1001 & more', customer: { reference: 'A' },
    applications: [{ amount: { amount: '100.00' }, appliedOn: '2026-03-04', invoice: { number: 'FA-1001' } }],
  });
  expect(all.nodes.map(({ receivedOn, payer, customer }) => [receivedOn, payer, customer])).toEqual([['2026-03-04', 'MULLER', { reference: 'A' }], ['2026-03-03', 'NOBODY', null], ['2026-03-02', 'NOBODY', null]]);
  expect(all.totalCount).toBe(3);
  const page = await receipts(acme, { unallocated: true }, 1);
  expect(page).toMatchObject({ totalCount: 2, nodes: [{ receivedOn: '2026-03-03' }], pageInfo: { hasNextPage: true } });
  expect(await receipts(acme, { unallocated: true }, 1, page.pageInfo.endCursor)).toMatchObject({ nodes: [{ receivedOn: '2026-03-02' }], pageInfo: { hasNextPage: false } });
  expect(await receipts(acme, { customerId: await customerId(acme, 'A'), unapplied: true })).toMatchObject({ totalCount: 1 });
  for (const where of [{ unapplied: false }, { customerId: 'nonsense' }, { customerId: '019aa000-0000-7000-8000-000000000000' }]) expect(await receipts(acme, where)).toMatchObject({ totalCount: 0, nodes: [] });
  expect(await receipts(rival)).toMatchObject({ totalCount: 0, nodes: [] });
  expect((await acme.ask('{ receipts(after: "bm8") { totalCount } }')).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('a receipt of nobody is given to a customer and settles what is named, once, and never more than is open or left', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  await invoices(acme, [['A', 'Müller', 'FA-1', '100.00'], ['A', 'Müller', 'FA-2', '100.00'], ['B', 'Dupont', 'FB-1', '100.00']]);
  await invoices(rival, [['A', 'Müller', 'FA-1', '100.00']]);
  await take(acme, file(statementXml([{ amount: '130.00', transactions: [paidBy('NOBODY')] }])));
  const { nodes: [receipt] } = await receipts(acme);
  const [a, b, foreign] = [await customerId(acme, 'A'), await customerId(acme, 'B'), await customerId(rival, 'A')];
  const refused = (code: string, path: readonly string[]): object => ({ receipt: null, invoices: [], userErrors: [{ code, path: ['input', ...path] }] });
  expect(await apply(rival, receipt!.id, foreign, ['FA-1'])).toEqual(refused('NOT_FOUND', ['receiptId']));
  expect(await apply(acme, receipt!.id, foreign, ['FA-1'])).toEqual(refused('NOT_FOUND', ['customerId']));
  expect(await apply(acme, 'nonsense', a)).toEqual(refused('NOT_FOUND', ['receiptId']));
  expect(await apply(acme, receipt!.id, a, ['FB-1'])).toEqual(refused('NOT_FOUND', ['invoiceNumbers', '0']));
  expect(await open(rival)).toEqual({ 'FA-1': '100.00' });
  expect(await receipts(acme, { unallocated: true })).toMatchObject({ totalCount: 1 });
  // First the wrong customer, then the right one.
  expect(await apply(acme, receipt!.id, b)).toEqual({ receipt: { unapplied: { amount: '130.00' }, customer: { reference: 'B' } }, invoices: [], userErrors: [] });
  const done = { receipt: { unapplied: { amount: '0.00' }, customer: { reference: 'A' } }, invoices: [{ number: 'FA-2', status: 'PAID' }, { number: 'FA-1', status: 'PARTLY_PAID' }], userErrors: [] };
  expect(await Promise.all([apply(acme, receipt!.id, a, ['FA-2', 'FA-1']), apply(acme, receipt!.id, a, ['FA-2', 'FA-1'])])).toEqual([done, done]);
  expect(await apply(acme, receipt!.id, a, ['FA-2', 'FA-1'])).toEqual(done);
  expect(await open(acme)).toEqual({ 'FA-1': '70.00', 'FA-2': '0.00', 'FB-1': '100.00' });
  expect(await apply(acme, receipt!.id, b)).toEqual(refused('NOT_ALLOWED', ['customerId']));
  // The statement again knows it still.
  expect(await take(acme, file(statementXml([{ amount: '130.00', transactions: [paidBy('NOBODY')] }])))).toMatchObject({ rowsUnchanged: 1 });
  expect(await unapplied(acme)).toBe('0.00');
});

test('a statement sent twice at once is taken once', async () => {
  const acme = await house.firm();
  await invoices(acme, [['A', 'Müller', 'FA-1', '100.00']]);
  const xml = file(statementXml([{ amount: '60.00', transactions: [said('FA-1')] }, { amount: '60.00', transactions: [said('FA-1')] }]));
  const jobs = await Promise.all([take(acme, xml), take(acme, xml), take(acme, xml)]);
  expect(jobs.map(({ status, rowsAccepted }) => [status, rowsAccepted])).toEqual(Array(3).fill(['COMPLETED', 2]));
  expect(jobs.map(({ rowsUnchanged }) => rowsUnchanged).toSorted()).toEqual([0, 2, 2]);
  expect(await open(acme)).toEqual({ 'FA-1': '0.00' });
  expect(await unapplied(acme)).toBe('20.00');
});

test('statements of a zip are taken one by one: the bad one is refused, what overlaps is known', async () => {
  const acme = await house.firm();
  const first: Entry = { amount: '10.00', bankReference: 'Z1' };
  const zip = zipSample([
    { name: 'a.xml', content: file(statementXml([first, { amount: '5.00', bankReference: 'Z2' }])) },
    { name: 'b.xml', content: file(statementXml([{ amount: '7.00', bankReference: 'Z3' }], { balances: [['OPBD', '0'], ['CLBD', '8.00']] })) },
    { name: 'c.xml', content: file(statementXml([first, { amount: '2.00', bankReference: 'Z4' }], { id: 'S2' })) },
    { name: 'd.xml', content: file().replace('camt.053', 'camt.054') },
  ]);
  const job = await importFile(acme, { format: 'CAMT053' }, new Uint8Array(zip));
  expect(job).toMatchObject({ status: 'COMPLETED', rowsRead: 6, rowsAccepted: 4, rowsUnchanged: 1, rowsRejected: 2 });
  expect(job.rejections.nodes.map(({ code, value }) => [code, value])).toEqual([['STATEMENT_UNBALANCED', '1.00 EUR'], ['STATEMENT_UNBALANCED', null], ['FILE_UNREADABLE', null]]);
  expect(await unapplied(acme)).toBe('17.00');
});

test('an upload that breaks off leaves nothing of the statement, and it can be sent again', async () => {
  const acme = await house.firm();
  await invoices(acme, [['A', 'Müller', 'FA-1001', '100.00']]);
  // So many that some are staged by number: by time a quick machine has all that is sent before any is due.
  const xml = file(statementXml([{ amount: '100.00', transactions: [said('FA-1001')] }, ...Array.from({ length: 6_000 }, (_, index): Entry => ({ amount: '1.00', bankReference: `R${index}` }))]));
  const { importCreate: { job } } = await acme.get<{ importCreate: { job: ImportedJob } }>('mutation { importCreate(input: { format: CAMT053 }) { job { id uploadUrl } } }');
  const send = (body: BodyInit, signal?: AbortSignal): Promise<Response> => fetch(job.uploadUrl!, { method: 'PUT', body, headers: { authorization: `Bearer ${acme.token}` }, duplex: 'half', ...(signal && { signal }) } as RequestInit);
  const state = async (): Promise<ImportedJob> => (await acme.get<{ importJob: ImportedJob }>('query ($id: ID!) { importJob(id: $id) { status rowsRead rowsAccepted } }', { id: job.id })).importJob;
  const until = async (found: (state: ImportedJob) => boolean): Promise<void> => {
    for (const deadline = Date.now() + 30_000; !found(await state()); await new Promise((resolve) => setTimeout(resolve, 20))) if (Date.now() > deadline) throw new Error(JSON.stringify(await state()));
  };
  const breakOff = new AbortController();
  const broken = send(new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new TextEncoder().encode(xml.slice(0, -500))) }), breakOff.signal);
  await until(({ rowsRead }) => rowsRead > 0);
  breakOff.abort();
  await expect(broken).rejects.toThrow();
  await until(({ status }) => status === 'AWAITING_UPLOAD');
  expect(await receipts(acme)).toMatchObject({ totalCount: 0 });
  expect((await send(xml)).status).toBe(202);
  await until(({ status }) => status === 'COMPLETED');
  expect(await state()).toMatchObject({ rowsRead: 6_001, rowsAccepted: 6_001 });
  expect(await receipts(acme)).toMatchObject({ totalCount: 6_001 });
  expect(await unapplied(acme)).toBe('6000.00');
});

const CAMT = new URL('../../../shared/data/bank/camt/', import.meta.url);
const shared = await readFile(new URL('camt053.v2.minimal.xml', CAMT)).catch(() => undefined);
const withShared = shared ? test.each : test.skip.each;

const REPORT = 'this is an account report within the day (camt.052)';
const NOTIFICATION = 'this is a notification of debits and credits (camt.054)';
const IN_SEK = 'its opening balance is in EUR and its closing balance in SEK';

/** What becomes of every file: why it is not taken, or how many credits it has. */
withShared<readonly [string, string | number]>([
  ['business_sample_camt.052.001.04.xml', REPORT], ['camt052.v1.xml', REPORT], ['camt052.v2.other-account.xml', REPORT], ['camt052.v2.with-account-name.xml', REPORT], ['camt052.v2.xml', REPORT],
  ['camt052.v4.xml', REPORT], ['camt052.v6.Amt-zero.xml', REPORT], ['camt052.v6.xml', REPORT], ['camt052.v8.xml', REPORT],
  ['business_sample_camt.054.001.04.xml', NOTIFICATION], ['camt054.v2.with-account-name.xml', NOTIFICATION], ['camt054.v2.xml', NOTIFICATION], ['camt054.v4.xml', NOTIFICATION],
  ['camt054.v8-with-UETR.xml', NOTIFICATION], ['camt054.v8-with-financial-institution.xml', NOTIFICATION], ['camt054.v8.xml', NOTIFICATION],
  ['camt053.v2.minimal.xml', IN_SEK], ['camt053.v2.minimal.ultimate.xml', IN_SEK], ['camt053.v2.with-party-ids.xml', IN_SEK], ['camt053.v3.xml', IN_SEK], ['camt053.v4.xml', IN_SEK], ['camt053.v8.xml', IN_SEK],
  ['camt053.v2.all-balance-types.xml', 'its opening balance of 1.01 EUR and its entries of 8.85 EUR give 9.86 EUR, but its closing balance is 4.04 EUR: the difference is -5.82 EUR'],
  ['camt053.v2.five.decimals.xml', 'give 27.00 EUR, but its closing balance is 27.05 EUR: the difference is 0.05 EUR'],
  ['camt053.v2.wrong.xml', 'Line 3: the message holds no statement'],
  ['business_sample_camt.053.001.04.xml', 2], ['camt053.v2.multi.statement.xml', 1], ['camt053.v2.with-account-name.xml', 1], ['camt53.only-Dt-with-DtTm.xml', 0], ['statement_ac04.xml', 2],
])('of the shared statements %s comes to %j', async (name, outcome) => {
  const acme = await house.firm();
  const job = await take(acme, await readFile(new URL(name, CAMT), 'utf8'));
  if (typeof outcome === 'string') {
    expect(job).toMatchObject({ status: 'FAILED', rowsAccepted: 0 });
    expect(job.failure!.message).toContain(outcome);
  } else {
    expect(job).toMatchObject({ status: 'COMPLETED', rowsRead: outcome, rowsAccepted: outcome, rowsRejected: 0, failure: null });
  }
});

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { zipSample } from './zip-sample.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

/** FEC, the accounting file of French law: customers, invoices, receipts and matches out of one account book. */
let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

interface Job {
  readonly id: string;
  readonly status: string;
  readonly rowsRead: number;
  readonly rowsAccepted: number;
  readonly rowsUnchanged: number;
  readonly rowsRejected: number;
  readonly failure: { readonly code: string; readonly message: string; readonly path: readonly string[] } | null;
  readonly warnings: readonly { readonly line: number | null; readonly code: string; readonly message: string }[];
  readonly rejections: { readonly nodes: readonly { readonly line: number; readonly column: string | null; readonly value: string | null; readonly code: string }[] };
}

const JOB = 'id status uploadUrl rowsRead rowsAccepted rowsUnchanged rowsRejected failure { code message path } warnings { line code message } rejections { nodes { line column value code } }';

/** Imports a file to its end. */
async function run(firm: FirmVisitor, body: BodyInit, input: Record<string, unknown> = {}): Promise<Job> {
  const { importCreate } = await firm.get<{ importCreate: { job: Job & { uploadUrl: string }; userErrors: readonly unknown[] } }>(
    `mutation ($input: ImportInput!) { importCreate(input: $input) { job { ${JOB} } userErrors { code message path } } }`,
    { input: { format: 'FEC', ...input } },
  );
  expect(importCreate.userErrors).toEqual([]);
  const sent = await fetch(importCreate.job.uploadUrl, { method: 'PUT', body, headers: { authorization: `Bearer ${firm.token}` }, duplex: 'half' } as RequestInit);
  await sent.text();
  const until = Date.now() + 20_000;
  for (;;) {
    const { importJob } = await firm.get<{ importJob: Job }>(`query ($id: ID!) { importJob(id: $id) { ${JOB} } }`, { id: importCreate.job.id });
    if (importJob.status === 'COMPLETED' || importJob.status === 'FAILED') return importJob;
    if (Date.now() > until) throw new Error(`still ${importJob.status}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Figures {
  readonly outstanding: { readonly amount: string };
  readonly unapplied: { readonly amount: string };
}

/** What each customer owes less what it has paid in advance, in cents or whole francs. */
async function readBalances(firm: FirmVisitor, currency = 'EUR', asOf = '2099-12-31'): Promise<Record<string, number>> {
  const balances: Record<string, number> = {};
  let after: string | null = null;
  do {
    const page: { customers: { nodes: readonly { reference: string; indicators: Figures }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } = await firm.get(
      'query ($after: String, $currency: CurrencyCode, $asOf: Date) { customers(first: 100, after: $after) { nodes { reference indicators(currency: $currency, asOf: $asOf) { outstanding { amount } unapplied { amount } } } pageInfo { hasNextPage endCursor } } }',
      { after, currency, asOf },
    );
    for (const { reference, indicators } of page.customers.nodes) balances[reference] = Math.round(100 * (Number(indicators.outstanding.amount) - Number(indicators.unapplied.amount)));
    after = page.customers.pageInfo.hasNextPage ? page.customers.pageInfo.endCursor : null;
  } while (after !== null);
  return balances;
}

interface RawSums {
  /** Debits less credits by auxiliary account of 411. */
  readonly balances: Record<string, number>;
  /** Debits less what lettering settles of them: of each letter of an account the smaller of its debits and its credits. */
  readonly outstanding: number;
  readonly lines: number;
}

/** The same figures straight from the file, by another way than the import's. */
function sumAccounts(bytes: Uint8Array): RawSums {
  const unicode = Buffer.from(bytes).toString('utf8');
  const text = unicode.includes('\uFFFD') ? Buffer.from(bytes).toString('latin1') : unicode;
  const [header, ...lines] = text.replace('\uFEFF', '').split(/\r?\n/).filter((line) => line.trim() !== '');
  const delimiter = ['\t', '|', ';'].find((candidate) => header!.includes(candidate))!;
  const names = header!.split(delimiter).map((name) => name.trim());
  const number = (text: string | undefined): number => Math.round(100 * Number((text ?? '').trim().replace(',', '.') || '0'));
  const balances: Record<string, number> = {};
  let count = 0;
  let debits = 0;
  const letters: Record<string, [number, number]> = {};
  for (const line of lines) {
    const row = Object.fromEntries(line.split(delimiter).map((cell, index) => [names[index] ?? '', cell.trim()]));
    if (!row['CompteNum']!.startsWith('411')) continue;
    count += 1;
    const account = row['CompAuxNum'] || row['CompteNum']!;
    const amount = 'Sens' in row ? number(row['Montant']) * (row['Sens'] === 'D' ? 1 : -1) : number(row['Debit']) - number(row['Credit']);
    balances[account] = (balances[account] ?? 0) + amount;
    debits += Math.max(amount, 0);
    if (!row['EcritureLet']) continue;
    const letter = (letters[`${account} ${row['EcritureLet']}`] ??= [0, 0]);
    letter[amount > 0 ? 0 : 1] += Math.abs(amount);
  }
  return { balances, outstanding: Object.values(letters).reduce((left, [debit, credit]) => left - Math.min(debit, credit), debits), lines: count };
}

const samples = new URL('../../../shared/data/fec/', import.meta.url);

function readSample(name: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(readFileSync(new URL(name, samples)));
  } catch {
    return undefined;
  }
}

const listed = ((): string[] => {
  try {
    return readdirSync(samples, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(txt|csv)$/.test(name)).toSorted();
  } catch {
    return [];
  }
})();

interface Expected {
  readonly customers: number;
  readonly invoices: number;
  readonly outstanding: string;
  readonly unapplied: string;
  readonly currency?: string;
}

/** The files that are FECs, with what they come to. */
const VALID: Readonly<Record<string, Expected>> = {
  '000000001FEC20220831.txt': { customers: 17, invoices: 409, outstanding: '119858.33', unapplied: '67341.09' },
  '111111111FEC20230731.txt': { customers: 34, invoices: 104, outstanding: '14900.54', unapplied: '484.02' },
  'small/benjamincpa94-mini_fec_complet.txt': { customers: 1, invoices: 2, outstanding: '30000.00', unapplied: '0.00' },
  'small/boostprocess-fec_sample.txt': { customers: 2, invoices: 3, outstanding: '950000', unapplied: '575000', currency: 'XPF' },
  'small/clementsaas-test_fec.txt': { customers: 1, invoices: 0, outstanding: '0.00', unapplied: '1500.00' },
  'small/la-societe-nouvelle-sample_pipe.txt': { customers: 1, invoices: 1, outstanding: '2500.00', unapplied: '0.00' },
  'small/la-societe-nouvelle-sample_tab.txt': { customers: 1, invoices: 1, outstanding: '1200.00', unapplied: '0.00' },
  'small/odoo-expected-542107651FEC20210502.txt': { customers: 1, invoices: 1, outstanding: '7760.45', unapplied: '0.00' },
  'small/tryton-account_fr-FEC-previous.csv': { customers: 1, invoices: 1, outstanding: '5.00', unapplied: '0.00' },
  'small/tryton-account_fr-FEC.csv': { customers: 1, invoices: 3, outstanding: '15.00', unapplied: '0.00' },
};

const withSamples = listed.length > 0 ? test : test.skip;

withSamples.each(Object.entries(VALID))('%s lands: what each customer owes less what is unapplied is the balance of its account, and again nothing changes', async (name, expected) => {
  const bytes = readSample(name)!;
  const firm = await house.firm();
  const currency = expected.currency ?? 'EUR';
  const { balances, outstanding: raw, lines } = sumAccounts(bytes);
  const job = await run(firm, bytes, { currency });
  expect(job).toMatchObject({ status: 'COMPLETED', rowsRead: lines, rowsAccepted: lines, rowsRejected: 0 });
  const read = async () => {
    const { portfolio, invoices } = await firm.get<{ portfolio: { customerCount: number; indicators: Figures }; invoices: { totalCount: number } }>(
      'query ($currency: CurrencyCode) { portfolio(asOf: "2099-12-31", currency: $currency) { customerCount indicators { outstanding { amount } unapplied { amount } } } invoices { totalCount } }', { currency });
    return { customers: portfolio.customerCount, invoices: invoices.totalCount, outstanding: portfolio.indicators.outstanding.amount, unapplied: portfolio.indicators.unapplied.amount };
  };
  expect(await readBalances(firm, currency)).toEqual(balances);
  const again = await run(firm, bytes, { currency });
  expect(again).toMatchObject({ status: 'COMPLETED', rowsAccepted: lines, rowsUnchanged: lines, rowsRejected: 0 });
  expect(await readBalances(firm, currency)).toEqual(balances);
  const { customers, invoices, outstanding, unapplied } = expected;
  expect(raw).toBe(Math.round(100 * Number(outstanding)));
  expect(await read()).toEqual({ customers, invoices, outstanding, unapplied });
});

withSamples.each(['000000001FEC20220831.txt', '111111111FEC20230731.txt'])('%s, imported again and again as it grows, ends as if it came at once', async (name) => {
  const bytes = readSample(name)!;
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const days = lines.slice(1).map((text) => text.split(/[\t|]/)[3]);
  const slowly = await house.firm();
  for (const until of [...new Set(days.map((day) => day?.slice(0, 6)))].filter((month) => month !== undefined).toSorted()) {
    const so = lines.filter((_, index) => index === 0 || (days[index - 1] ?? '9').slice(0, 6) <= until).join('\n');
    const job = await run(slowly, Buffer.from(so, 'latin1'));
    expect(job).toMatchObject({ status: 'COMPLETED', rowsRejected: 0, warnings: [] });
  }
  const atOnce = await house.firm();
  await run(atOnce, bytes);
  const read = async (firm: FirmVisitor): Promise<object> => {
    const invoices: string[] = [];
    let after: string | null = null;
    do {
      const page: { invoices: { nodes: readonly object[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } = await firm.get(
        'query ($after: String) { invoices(first: 100, after: $after) { nodes { customer { reference } number amount { amount } openAmount(asOf: "2099-12-31") { amount } settledOn } pageInfo { hasNextPage endCursor } } }', { after });
      invoices.push(...page.invoices.nodes.map((invoice) => JSON.stringify(invoice)));
      after = page.invoices.pageInfo.hasNextPage ? page.invoices.pageInfo.endCursor : null;
    } while (after !== null);
    return { invoices: invoices.toSorted(), ...(await firm.get('{ portfolio(asOf: "2025-12-31") { indicators { outstanding { amount } unapplied { amount } averageDaysBeyondTerms(days: 3660) } } }')) };
  };
  expect(await read(slowly)).toEqual(await read(atOnce));
}, 60_000);

withSamples('a file of entries without a customer lands with nothing, and its unbalanced entries are named', async () => {
  const job = await run(await house.firm(), readSample('small/benjamincpa94-mini_fec_sig.txt')!);
  expect(job).toMatchObject({ status: 'COMPLETED', rowsRead: 0, rowsAccepted: 0, rowsRejected: 0 });
  expect(job.warnings.map(({ line, code }) => [line, code])).toEqual(Array.from({ length: 11 }, (_, index) => [index + 2, 'ENTRY_UNBALANCED']));
  expect(job.warnings[0]!.message).toBe('Entry 1 of journal VE, from line 2, does not balance: debits less credits are -10000.00.');
});

/** The files that are none, with the columns that their headers lack. */
const NO_FEC: Readonly<Record<string, string>> = {
  'small/sernine-paul-test_fec.txt': 'JournalCode, EcritureNum, EcritureDate, CompteNum, PieceRef',
  'small/boostprocess-clients.csv': 'JournalCode, EcritureNum, EcritureDate, CompteNum, PieceRef, Debit and Credit',
  'small/boostprocess-commandes_clients.csv': 'JournalCode, EcritureNum, EcritureDate, CompteNum, PieceRef, Debit and Credit',
  'small/boostprocess-commandes_fournisseurs.csv': 'JournalCode, EcritureNum, EcritureDate, CompteNum, PieceRef, Debit and Credit',
  'small/boostprocess-factures_clients.csv': 'JournalCode, EcritureNum, EcritureDate, CompteNum, PieceRef, Debit and Credit',
  'small/boostprocess-factures_fournisseurs.csv': 'JournalCode, EcritureNum, EcritureDate, CompteNum, PieceRef, Debit and Credit',
  'small/boostprocess-fournisseurs.csv': 'JournalCode, EcritureNum, EcritureDate, CompteNum, PieceRef, Debit and Credit',
};

withSamples.each(Object.entries(NO_FEC))('%s is refused: its header lacks columns, by name', async (name, columns) => {
  const firm = await house.firm();
  const job = await run(firm, readSample(name)!);
  expect(job).toMatchObject({ status: 'FAILED', failure: { code: 'REQUIRED', path: ['file', 'header'], message: `Line 1, the header, is not of a FEC: it has no column ${columns}.` }, rowsAccepted: 0 });
  expect(await readBalances(firm)).toEqual({});
});

withSamples('every file among the samples is tried', () => {
  expect([...Object.keys(VALID), ...Object.keys(NO_FEC), 'small/benjamincpa94-mini_fec_sig.txt'].toSorted()).toEqual(listed);
});

const COLUMNS = 'JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise'.split(' ');

/** A line of every column, from what matters. */
function line(cells: Readonly<Record<string, string>>, columns: readonly string[] = COLUMNS): string {
  const plain: Record<string, string> = { CompteLib: 'Clients', EcritureDate: '20260105', ValidDate: '20260131', ...cells };
  return columns.map((column) => plain[column] ?? '').join('\t');
}

/** A sale: the customer's line and its other side. */
function sale(number: string, day: string, account: string, amount: string, more: Readonly<Record<string, string>> = {}): string[] {
  const entry = { JournalCode: 'VE', EcritureNum: `V${number}`, EcritureDate: day, PieceRef: `F-${number}` };
  return [line({ ...entry, CompteNum: '411000', CompAuxNum: account, CompAuxLib: `Maison ${account}`, Debit: amount, ...more }), line({ ...entry, CompteNum: '706000', Credit: amount })];
}

function payment(number: string, day: string, account: string, amount: string, more: Readonly<Record<string, string>> = {}): string[] {
  const entry = { JournalCode: 'BQ', EcritureNum: `B${number}`, EcritureDate: day, PieceRef: `VIR ${number}` };
  return [line({ ...entry, CompteNum: '512000', Debit: amount }), line({ ...entry, CompteNum: '411000', CompAuxNum: account, CompAuxLib: `Maison ${account}`, Credit: amount, ...more })];
}

function file(...lines: readonly (string | readonly string[])[]): string {
  return [COLUMNS.join('\t'), ...lines.flat()].join('\r\n');
}

const LETTER = (letter: string, day = '20260301'): Readonly<Record<string, string>> => ({ EcritureLet: letter, DateLet: day });

interface Told {
  readonly invoices: readonly string[];
  readonly outstanding: string;
  readonly unapplied: string;
}

/** Every invoice with what matters of it, and what it all comes to. */
async function tell(firm: FirmVisitor): Promise<Told> {
  const { invoices, portfolio } = await firm.get<{
    invoices: { nodes: readonly { number: string; kind: string; status: string; issueDate: string; dueDate: string; dueDateAssumed: boolean; settledOn: string | null; openAmount: { amount: string } }[] };
    portfolio: { indicators: Figures };
  }>('{ invoices(first: 100) { nodes { number kind status issueDate dueDate dueDateAssumed settledOn openAmount(asOf: "2026-12-31") { amount } } } portfolio(asOf: "2026-12-31") { indicators { outstanding { amount } unapplied { amount } } } }');
  return {
    invoices: invoices.nodes.map(({ number, kind, status, dueDate, dueDateAssumed, settledOn, openAmount }) => [number, kind === 'CREDIT_NOTE' && kind, status, dueDate, dueDateAssumed && 'assumed', openAmount.amount, settledOn].filter(Boolean).join(' ')).toSorted(),
    outstanding: portfolio.indicators.outstanding.amount,
    unapplied: portfolio.indicators.unapplied.amount,
  };
}

test('sales, payments, credit notes and lettering become the ledger that the accountant sees', async () => {
  const firm = await house.firm();
  const rival = await house.firm();
  const book = file(
    sale('1', '20260105', 'C1', '100,00', LETTER('A')),
    sale('2', '20260106', 'C1', '50,00', LETTER('A')),
    payment('1', '20260210', 'C1', '120,00', LETTER('A')),
    sale('3', '20260107', 'C2', '80.5'),
    // The same letter of another account is another group.
    payment('2', '20260211', 'C2', '000010,00', LETTER('A')),
    [line({ JournalCode: 'VE', EcritureNum: 'V4', PieceRef: 'AV-1', EcritureDate: '20260120', CompteNum: '411000', CompAuxNum: 'C2', Credit: '30,50' }), line({ JournalCode: 'VE', EcritureNum: 'V4', PieceRef: 'AV-1', EcritureDate: '20260120', CompteNum: '706000', Debit: '30,50' })],
    // Without an auxiliary account the account itself is the customer; quotes are characters.
    [line({ JournalCode: 'VE', EcritureNum: 'V5', PieceRef: 'F-5', CompteNum: '4111DUP', CompteLib: '"Dupont" & fils', Debit: '7' }), line({ JournalCode: 'VE', EcritureNum: 'V5', PieceRef: 'F-5', CompteNum: '706000', Credit: '7' })],
  );
  expect(await run(firm, book, { terms: { days: 45 } })).toMatchObject({ status: 'COMPLETED', rowsRead: 7, rowsAccepted: 7, rowsUnchanged: 0, rowsRejected: 0, warnings: [] });
  const told: Told = {
    invoices: [
      'AV-1 CREDIT_NOTE OPEN 2026-03-06 assumed 30.50', 'F-1 PAID 2026-02-19 assumed 0.00 2026-02-10', 'F-2 PARTLY_PAID 2026-02-20 assumed 30.00', 'F-3 OPEN 2026-02-21 assumed 80.50', 'F-5 OPEN 2026-02-19 assumed 7.00',
    ],
    outstanding: '117.50', unapplied: '40.50',
  };
  expect(await tell(firm)).toEqual(told);
  expect(await firm.get('{ customers { nodes { reference name } } }')).toEqual({ customers: { nodes: [{ reference: '4111DUP', name: '"Dupont" & fils' }, { reference: 'C1', name: 'Maison C1' }, { reference: 'C2', name: 'Maison C2' }] } });
  expect(await run(firm, book, { terms: { days: 45 } })).toMatchObject({ rowsAccepted: 7, rowsUnchanged: 7 });
  expect(await tell(firm)).toEqual(told);
  expect(await tell(rival)).toEqual({ invoices: [], outstanding: '0.00', unapplied: '0.00' });
  // A month later: what was open is paid, and lettered with what came before.
  const later = file(
    sale('1', '20260105', 'C1', '100,00', LETTER('A')), sale('2', '20260106', 'C1', '50,00', LETTER('A')), payment('1', '20260210', 'C1', '120,00', LETTER('A')), payment('3', '20260315', 'C1', '30,00', LETTER('A')),
  );
  expect(await run(firm, later)).toMatchObject({ rowsAccepted: 4, rowsUnchanged: 3, rowsRejected: 0 });
  expect((await tell(firm)).invoices).toContain('F-2 PAID 2026-02-20 assumed 0.00 2026-03-15');
});

test('padding, bars, Latin-1, a separator at the end, a due date of its own, other dates and one column for the sense are read', async () => {
  const columns = ['Ecriture Num', 'journalcode', 'EcritureDate', 'CompteNum', 'CompAuxNum', 'CompAuxLib', 'PieceRef', 'Montant', 'Sens', "Date d'échéance", 'Analytique'];
  const rows = [
    columns,
    ['V1  ', 'VE', '05/01/2026', '41100000', 'C1', ' Café du Théâtre  ', 'F 12', ' 000000000000100,50', 'D', '2026-02-28', 'Été'],
    ['V1  ', 'VE', '05/01/2026', '70600000', '', '', 'F 12', '000000000000100.50', 'C', '', 'Été'],
    ['B1', 'BQ', '20260110', '41100000', 'C1', ' Café du Théâtre  ', 'VIR', '-5,00', '+1', '', ''],
    ['B1', 'BQ', '20260110', '51200000', '', '', 'VIR', '-5,00', 'C', '', ''],
  ];
  const firm = await house.firm();
  const job = await run(firm, Buffer.from(`${rows.map((cells) => cells.join('|')).join('|\r')}|\r`, 'latin1'));
  expect(job).toMatchObject({ status: 'COMPLETED', rowsRead: 2, rowsAccepted: 2, rowsRejected: 0, warnings: [] });
  expect(await tell(firm)).toEqual({ invoices: ['F 12 OPEN 2026-02-28 100.50'], outstanding: '100.50', unapplied: '5.00' });
  expect(await firm.get('{ customers { nodes { name } } }')).toEqual({ customers: { nodes: [{ name: 'Café du Théâtre' }] } });
});

test('each bad line is named with its column, value and code, and the good ones land', async () => {
  const firm = await house.firm();
  const own = { JournalCode: 'VE', EcritureNum: 'V', PieceRef: 'F-9', CompteNum: '411000', CompAuxNum: 'C1', Debit: '1,00' };
  const bad: readonly (readonly [Record<string, string>, string | null, string | null, string])[] = [
    [{ EcritureDate: '20260230' }, 'EcritureDate', '20260230', 'DATE_UNREADABLE'],
    [{ EcritureDate: '19001231' }, 'EcritureDate', '19001231', 'DATE_UNREADABLE'],
    [{ EcritureDate: '22000101' }, 'EcritureDate', '22000101', 'DATE_UNREADABLE'],
    [{ EcritureDate: '' }, 'EcritureDate', null, 'VALUE_MISSING'],
    [{ JournalCode: '' }, 'JournalCode', null, 'VALUE_MISSING'],
    [{ CompteNum: '' }, 'CompteNum', null, 'VALUE_MISSING'],
    [{ Debit: '12 €' }, 'Debit', '12 €', 'AMOUNT_UNREADABLE'],
    [{ Debit: '1.234,56' }, 'Debit', '1.234,56', 'AMOUNT_UNREADABLE'],
    [{ Debit: '1,005' }, 'Debit', '1,005', 'AMOUNT_TOO_PRECISE'],
    [{ Credit: '99999999999999' }, 'Credit', '99999999999999', 'AMOUNT_TOO_LARGE'],
    [{ CompAuxNum: 'x'.repeat(201) }, 'CompAuxNum', 'x'.repeat(200), 'VALUE_TOO_LONG'],
    [{ CompAuxLib: 'a\u0007b' }, 'CompAuxLib', 'a\u0007b', 'VALUE_UNREADABLE'],
  ];
  const job = await run(firm, file(
    sale('1', '20260105', 'C1', '10,00'),
    bad.map(([cells]) => line({ ...own, ...cells })),
    'VE\tVentes\tV3\t20260105\t411000',
    `${line(own)}\tmore`,
    sale('2', '20260105', 'C1', '5,00', { PieceDate: '31/02/2026', Idevise: 'USD', Montantdevise: '6,00' }),
    [line({ JournalCode: 'VE', EcritureNum: 'V7', PieceRef: 'F-7', CompteNum: '411000', CompAuxNum: 'C1', Debit: '9,00' }), line({ JournalCode: 'VE', EcritureNum: 'V7', PieceRef: 'F-7', CompteNum: '706000', Credit: '8,00' })],
  ));
  expect(job.rejections.nodes).toEqual([
    ...bad.map(([, column, value, code], index) => ({ line: index + 4, column, value, code })),
    { line: bad.length + 4, column: null, value: '5 cells instead of 18', code: 'ROW_LENGTH' },
    { line: bad.length + 5, column: null, value: '19 cells instead of 18', code: 'ROW_LENGTH' },
  ]);
  const next = bad.length + 6;
  expect(job.warnings.map(({ line, code }) => [line, code])).toEqual([[next, 'DATE_LEFT_OUT'], [next, 'FOREIGN_AMOUNT'], [next + 2, 'ENTRY_UNBALANCED']]);
  expect(job).toMatchObject({ status: 'COMPLETED', rowsRead: 3 + bad.length + 2, rowsAccepted: 3, rowsRejected: bad.length + 2 });
  expect(await tell(firm)).toMatchObject({ outstanding: '24.00', unapplied: '0.00' });
});

test.each<[string, () => BodyInit, object]>([
  ['empty', () => '', { code: 'REQUIRED', path: ['file'] }],
  ['of blank lines', () => '\n \r\n\n', { code: 'REQUIRED', path: ['file'] }],
  ['of UTF-16', () => Buffer.from(`\uFEFF${file()}`, 'utf16le'), { code: 'INVALID', path: ['file', 'encoding'] }],
  ['with a NUL', () => file(sale('1', '20260105', 'C\u00001', '1')), { code: 'INVALID', path: ['file', 'encoding'] }],
  ['of one line of 200 MB', () => new ReadableStream({ start: (controller) => { for (let block = 0; block < 200; block += 1) controller.enqueue(Buffer.alloc(2 ** 20, 'x')); controller.close(); } }), { code: 'LIMIT_REACHED', path: ['file', 'row'] }],
  ['with a column twice', () => `${COLUMNS.join('\t')}\tDebit`, { code: 'REQUIRED', path: ['file', 'header'] }],
])('a file %s is refused as a whole', async (_, body, failure) => {
  const firm = await house.firm();
  expect(await run(firm, body())).toMatchObject({ status: 'FAILED', failure, rowsAccepted: 0 });
  expect(await readBalances(firm)).toEqual({});
}, 30_000);

test('a header alone is a file of no rows', async () => {
  expect(await run(await house.firm(), file())).toMatchObject({ status: 'COMPLETED', rowsRead: 0, warnings: [] });
});

test('books of another SIREN are warned of, and land all the same', async () => {
  const firm = await house.firm();
  const { viewer } = await firm.get<{ viewer: { firm: { registration: { value: string } } } }>('{ viewer { firm { registration { value } } } }');
  const siren = viewer.firm.registration.value;
  // What identity tells comes a moment after the sign-up.
  const until = Date.now() + 10_000;
  let job = await run(firm, file(sale('1', '20260105', 'C1', '1')), { fileName: '111111111FEC20230731.txt' });
  while (job.warnings.length === 0 && Date.now() < until) job = await run(firm, file(sale('1', '20260105', 'C1', '1')), { fileName: '111111111FEC20230731.txt' });
  expect(job).toMatchObject({ status: 'COMPLETED', rowsAccepted: 1, warnings: [{ line: null, code: 'ANOTHER_FIRM', message: `The name of the file says that these are the books of SIREN 111111111; your firm's is ${siren}.` }] });
  expect(await run(firm, file(sale('1', '20260105', 'C1', '1')), { fileName: `${siren}FEC20261231.txt` })).toMatchObject({ warnings: [] });
  expect(await run(firm, file(sale('1', '20260105', 'C1', '1')), { fileName: 'export.txt' })).toMatchObject({ warnings: [] });
});

test('a dry run counts and changes nothing', async () => {
  const firm = await house.firm();
  const book = file(sale('1', '20260105', 'C1', '100', LETTER('A')), payment('1', '20260210', 'C1', '60', LETTER('A')));
  expect(await run(firm, book, { dryRun: true })).toMatchObject({ status: 'COMPLETED', rowsRead: 2, rowsAccepted: 2, rowsUnchanged: 0 });
  expect(await tell(firm)).toEqual({ invoices: [], outstanding: '0.00', unapplied: '0.00' });
  expect(await firm.get('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 0 } });
  await run(firm, book);
  expect(await run(firm, book, { dryRun: true })).toMatchObject({ rowsAccepted: 2, rowsUnchanged: 2 });
  const more = file(sale('1', '20260105', 'C1', '100', LETTER('A')), payment('1', '20260210', 'C1', '60', LETTER('A')), payment('2', '20260310', 'C1', '40', LETTER('A')));
  expect(await run(firm, more, { dryRun: true })).toMatchObject({ rowsAccepted: 3, rowsUnchanged: 2 });
  expect(await tell(firm)).toEqual({ invoices: ['F-1 PARTLY_PAID 2026-02-04 assumed 40.00'], outstanding: '40.00', unapplied: '0.00' });
});

test('a snapshot closes what the books no longer have', async () => {
  const firm = await house.firm();
  await run(firm, file(sale('1', '20260105', 'C1', '100'), sale('2', '20260106', 'C1', '50'), sale('3', '20260106', 'C2', '7')));
  expect(await run(firm, file(sale('2', '20260106', 'C1', '50')), { mode: 'SNAPSHOT' })).toMatchObject({ status: 'COMPLETED', rowsAccepted: 1, rowsUnchanged: 1 });
  expect((await tell(firm)).invoices.map((invoice) => invoice.split(' ').slice(0, 2).join(' '))).toEqual(['F-1 PAID', 'F-2 OPEN', 'F-3 PAID']);
  // A snapshot without a customer would close everything.
  expect(await run(firm, file(), { mode: 'SNAPSHOT' })).toMatchObject({ status: 'FAILED', failure: { code: 'REQUIRED' } });
});

/** A row of a CSV, by its columns. */
function csv(...rows: readonly string[]): string {
  return ['customer_reference,invoice_number,issue_date,due_date,amount,settled_on', ...rows].join('\n');
}

test('what a ledger only states as settled gives way to the payment itself: nobody pays twice, whichever file comes first', async () => {
  const stated = csv('C1,F-1,2026-01-05,2026-02-04,100.00,2026-02-09', 'C1,F-2,2026-01-06,2026-02-05,50.00,');
  const book = file(sale('1', '20260105', 'C1', '100', LETTER('A')), sale('2', '20260106', 'C1', '50', LETTER('B')), payment('1', '20260210', 'C1', '100', LETTER('A')), payment('2', '20260212', 'C1', '20', LETTER('B')));
  const [first, second] = [await house.firm(), await house.firm()];
  await run(first, stated, { format: 'CSV' });
  expect((await tell(first)).invoices).toEqual(['F-1 PAID 2026-02-04 0.00 2026-02-09', 'F-2 OPEN 2026-02-05 50.00']);
  expect(await run(first, book)).toMatchObject({ rowsAccepted: 4, rowsRejected: 0, warnings: [] });
  await run(second, book);
  await run(second, stated, { format: 'CSV' });
  const settled = { invoices: ['F-1 PAID 2026-02-04 0.00 2026-02-10', 'F-2 PARTLY_PAID 2026-02-05 30.00'], outstanding: '30.00', unapplied: '0.00' };
  expect(await tell(first)).toEqual(settled);
  expect(await tell(second)).toEqual(settled);
  // Both again: nothing moves.
  expect(await run(first, stated, { format: 'CSV' })).toMatchObject({ rowsUnchanged: 2 });
  expect(await run(first, book)).toMatchObject({ rowsUnchanged: 4 });
  expect(await tell(first)).toEqual(settled);
});

test('a payment that was recorded by hand and one of the books share what is open, never more', async () => {
  const firm = await house.firm();
  await run(firm, file(sale('1', '20260105', 'C1', '100')));
  const { customerBy } = await firm.get<{ customerBy: { id: string } }>('{ customerBy(ref: { reference: "C1" }) { id } }');
  await firm.get('mutation ($id: ID!) { paymentRecord(input: { customerId: $id, reference: "HAND", receivedOn: "2026-02-01", amount: { amount: "70", currency: "EUR" }, invoiceNumbers: ["F-1"] }) { userErrors { code } } }', { id: customerBy.id });
  const book = file(sale('1', '20260105', 'C1', '100', LETTER('A')), payment('1', '20260210', 'C1', '100', LETTER('A')));
  expect(await run(firm, book)).toMatchObject({ rowsAccepted: 2, rowsUnchanged: 1, warnings: [{ line: 5, code: 'MATCH_SHORTENED' }] });
  expect(await tell(firm)).toEqual({ invoices: ['F-1 PAID 2026-02-04 assumed 0.00 2026-02-10'], outstanding: '0.00', unapplied: '70.00' });
  expect(await run(firm, book)).toMatchObject({ rowsUnchanged: 2 });
});

test('the same books twice at once, with payments recorded by hand meanwhile, settle no invoice beyond its amount', async () => {
  const firm = await house.firm();
  const sales = Array.from({ length: 20 }, (_, index) => sale(String(index), '20260105', 'C1', '10', LETTER(`L${index}`)));
  await run(firm, file(...sales));
  const { customerBy } = await firm.get<{ customerBy: { id: string } }>('{ customerBy(ref: { reference: "C1" }) { id } }');
  const book = file(...sales, ...Array.from({ length: 20 }, (_, index) => payment(String(index), '20260210', 'C1', '10', LETTER(`L${index}`))));
  const pay = (index: number): Promise<unknown> => firm.get('mutation ($id: ID!, $reference: String!, $number: String!) { paymentRecord(input: { customerId: $id, reference: $reference, receivedOn: "2026-02-01", amount: { amount: "4", currency: "EUR" }, invoiceNumbers: [$number] }) { userErrors { code } } }', { id: customerBy.id, reference: `HAND ${index}`, number: `F-${index}` });
  const [one, other] = await Promise.all([run(firm, book), run(firm, book), ...Array.from({ length: 10 }, (_, index) => pay(index))]) as [Job, Job];
  expect([one.status, other.status]).toEqual(['COMPLETED', 'COMPLETED']);
  // 20 × 10 sold, 20 × 10 and 10 × 4 paid, whoever was first.
  const { outstanding, unapplied } = await tell(firm);
  expect(Number(outstanding) - Number(unapplied)).toBe(-40);
  expect(await run(firm, book)).toMatchObject({ rowsAccepted: 40, rowsUnchanged: 40 });
  expect(await tell(firm)).toMatchObject({ outstanding: '0.00', unapplied: '40.00' });
});

test('books that letter anew take back what they had lettered before, and older books take back nothing', async () => {
  const firm = await house.firm();
  const sales = [sale('1', '20260105', 'C1', '100', LETTER('A')), sale('2', '20260106', 'C1', '100', LETTER('B'))];
  const january = file(...sales, payment('1', '20260120', 'C1', '100', LETTER('A')));
  // What came in in January was for the second invoice; the first is paid, with a credit note, in February.
  const february = file(...sales, payment('1', '20260120', 'C1', '100', LETTER('B')), payment('2', '20260220', 'C1', '70', LETTER('A')),
    [line({ JournalCode: 'VE', EcritureNum: 'V9', PieceRef: 'AV-1', EcritureDate: '20260221', CompteNum: '411000', CompAuxNum: 'C1', Credit: '30', ...LETTER('A') }), line({ JournalCode: 'VE', EcritureNum: 'V9', PieceRef: 'AV-1', EcritureDate: '20260221', CompteNum: '706000', Debit: '30' })]);
  await run(firm, january);
  expect((await tell(firm)).invoices).toEqual(['F-1 PAID 2026-02-04 assumed 0.00 2026-01-20', 'F-2 OPEN 2026-02-05 assumed 100.00']);
  expect(await run(firm, february, { dryRun: true })).toMatchObject({ rowsAccepted: 5, rowsUnchanged: 2 });
  expect(await run(firm, february)).toMatchObject({ rowsAccepted: 5, rowsUnchanged: 2, warnings: [] });
  const settled = { invoices: ['AV-1 CREDIT_NOTE PAID 2026-03-23 assumed 0.00 2026-02-21', 'F-1 PAID 2026-02-04 assumed 0.00 2026-02-21', 'F-2 PAID 2026-02-05 assumed 0.00 2026-01-20'], outstanding: '0.00', unapplied: '0.00' };
  expect(await tell(firm)).toEqual(settled);
  expect(await run(firm, february)).toMatchObject({ rowsAccepted: 5, rowsUnchanged: 5, warnings: [] });
  // January again: its lettering is older, so nothing is taken back for it, and nothing is free.
  expect(await run(firm, january)).toMatchObject({ rowsAccepted: 3, rowsUnchanged: 3, warnings: [{ code: 'MATCH_SHORTENED' }] });
  expect(await tell(firm)).toEqual(settled);
  // The letters are gone: everything is open again, and money and credit note are unapplied.
  const bare = february.replaceAll(/\t[AB]\t20260301\t/g, '\t\t\t');
  expect(await run(firm, bare)).toMatchObject({ rowsAccepted: 5, rowsUnchanged: 2 });
  expect(await tell(firm)).toMatchObject({ outstanding: '200.00', unapplied: '200.00' });
});

test("next year's opening balances are what the ledger has: nothing doubles, and what is paid settles last year's invoices", async () => {
  const opening = (account: string, amount: string, more: Readonly<Record<string, string>> = {}): string =>
    line({ JournalCode: 'AN', JournalLib: 'A nouveaux', EcritureNum: '1', EcritureDate: '20270101', PieceRef: 'RAN', CompteNum: '411000', CompAuxNum: account, ...(amount.startsWith('-') ? { Credit: amount.slice(1) } : { Debit: amount }), ...more });
  const balancing = line({ JournalCode: 'AN', JournalLib: 'A nouveaux', EcritureNum: '1', EcritureDate: '20270101', PieceRef: 'RAN', CompteNum: '101000', Credit: '133' });
  const last = file(
    sale('1', '20261105', 'C1', '100'), sale('2', '20261106', 'C1', '30'), sale('3', '20261106', 'C2', '8'), payment('1', '20261201', 'C2', '5'), sale('4', '20261106', 'C3', '40', LETTER('A')), payment('2', '20261201', 'C3', '40', LETTER('A')),
  );
  const next = file(
    // C1 in one sum, C2 line by line; C4 is new to the ledger.
    [opening('C1', '130', LETTER('A', '20270301')), opening('C2', '8', { PieceRef: 'F-3', ...LETTER('B', '20270301') }), opening('C2', '-5', LETTER('B', '20270301')), balancing],
    payment('9', '20270110', 'C1', '100', LETTER('A', '20270301')), payment('10', '20270111', 'C2', '3', LETTER('B', '20270301')), sale('1', '20270105', 'C3', '15'),
  );
  const firm = await house.firm();
  await run(firm, last);
  expect(await run(firm, next)).toMatchObject({ status: 'COMPLETED', rowsRead: 6, rowsAccepted: 6, rowsUnchanged: 2, rowsRejected: 0, warnings: [] });
  const balances = { C1: 3000, C2: 0, C3: 1500 };
  expect(await readBalances(firm)).toEqual(balances);
  const numbers = async () => (await firm.get<{ invoices: { nodes: readonly { number: string; settledOn: string | null }[] } }>('{ invoices(first: 100) { nodes { number settledOn } } }')).invoices.nodes.map(({ number, settledOn }) => `${number} ${settledOn}`).toSorted();
  // Of C1 and, the last, of C3.
  expect(await numbers()).toEqual(['F-1 2027-01-10', 'F-1 null', 'F-2 null', 'F-3 2027-01-11', 'F-4 2026-12-01']);
  // The same again, and last year's again: nothing changes.
  expect(await run(firm, next)).toMatchObject({ rowsAccepted: 6, rowsUnchanged: 6, warnings: [] });
  expect(await run(firm, last)).toMatchObject({ rowsAccepted: 6, rowsUnchanged: 6, warnings: [] });
  expect(await readBalances(firm)).toEqual(balances);
  // A firm that begins with the second year has its opening balances as invoices of their own.
  const newcomer = await house.firm();
  await run(newcomer, next);
  expect(await readBalances(newcomer)).toEqual(balances);
  expect(await run(newcomer, next)).toMatchObject({ rowsUnchanged: 6 });
  // Both years in one zip are the same books.
  const both = await house.firm();
  const zip = zipSample([{ name: '2026.txt', content: last }, { name: '2027.txt', content: next }]);
  expect(await run(both, new Uint8Array(zip))).toMatchObject({ status: 'COMPLETED', rowsAccepted: 12, rowsRejected: 0, warnings: [] });
  expect(await readBalances(both)).toEqual(balances);
  expect(await run(both, new Uint8Array(zip))).toMatchObject({ rowsAccepted: 12, rowsUnchanged: 12 });
  // Balances that are not what the ledger has are told, and add nothing.
  const differing = file([opening('C1', '999'), balancing]);
  expect((await run(firm, differing)).warnings.filter(({ code }) => code === 'OPENING_DIFFERS')).toEqual([{ line: 2, code: 'OPENING_DIFFERS', message: "The opening balance of C1 is 999.00, but the ledger has 130.00 of the time before; the ledger's stays." }]);
  expect(await readBalances(firm)).toEqual(balances);
});

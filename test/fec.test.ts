import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
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

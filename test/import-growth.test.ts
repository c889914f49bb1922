import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { importFile } from './import-file.js';
import { startHouse, type TestHouse } from './house.js';

/** Enough that the square of it would stand out. */
const DOCUMENTS = 1_500;
/** How often a row of the ledger may be read for each document of a file, all statements of an import together. */
const READS_EACH = 100;

let house: TestHouse;
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  owner = new Client({ connectionString: house.databaseUrl });
  await owner.connect();
  // Statistics that know of one firm alone: for every other they make any index of the firm as good as any.
  await owner.query(`
    insert into portfolios.customer (firm_id, reference, name) select gen_random_uuid(), 'C', 'C';
    insert into portfolios.invoice (firm_id, customer_id, number, issue_date, due_date, currency, amount_minor, applied_minor, settled_on)
      select firm_id, id, 'F' || n, '2026-01-05', '2026-02-04', 'EUR', 100, 100, '2026-02-04' from portfolios.customer cross join generate_series(1, 2000) n where reference = 'C';
    insert into portfolios.receipt (firm_id, customer_id, reference, received_on, currency, amount_minor, applied_minor)
      select firm_id, customer_id, 'P' || number, '2026-02-04', 'EUR', 100, 100 from portfolios.invoice;
    insert into portfolios.application (firm_id, customer_id, invoice_id, receipt_id, applied_on, amount_minor)
      select i.firm_id, i.customer_id, i.id, r.id, '2026-02-04', 100 from portfolios.invoice i join portfolios.receipt r on r.reference = 'P' || i.number;
    analyze portfolios.customer, portfolios.invoice, portfolios.receipt, portfolios.application`);
});
afterAll(async () => {
  await owner.end();
  await house[Symbol.asyncDispose]();
});

/** Rows of the ledger that were read so far, once `applications` were written for firms that import: what PostgreSQL counts it tells a little later. */
async function rowsRead(applications: number): Promise<number> {
  for (const deadline = Date.now() + 30_000; ;) {
    const { rows } = await owner.query<{ read: string; written: string }>(`
      select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as read, sum(n_tup_ins) filter (where relname = 'application') - 2000 as written
      from pg_stat_user_tables where schemaname = 'portfolios' and relname in ('customer', 'invoice', 'receipt', 'application')`);
    if (Number(rows[0]!.written) >= applications) return Number(rows[0]!.read);
    if (Date.now() > deadline) throw new Error(`${rows[0]!.written} of ${applications} applications are counted`);
    await wait(200);
  }
}

const numbers = Array.from({ length: DOCUMENTS }, (_, index) => index);

// All of one customer, among customers who have nothing: an index of customers finds far too much there.
test('a bank statement reads the ledger a few times, not once for each of its credits', async () => {
  const acme = await house.firm();
  const csv = ['customer_reference,customer_name,invoice_number,issue_date,due_date,currency,amount', ...numbers.map((index) => `BIG,Grand Compte,FA-${10_000 + index},2026-01-05,2026-02-04,EUR,${100 + index}.00`)].join('\n');
  expect(await importFile(acme, { format: 'CSV' }, csv)).toMatchObject({ status: 'COMPLETED', rowsAccepted: DOCUMENTS });
  const entries = numbers.map((index) => {
    // By number, by reference, by amount.
    const said = [`<RmtInf><Ustrd>Facture FA ${10_000 + index}</Ustrd></RmtInf>`, `<RmtInf><Strd><CdtrRefInf><Ref>FA-${10_000 + index}</Ref></CdtrRefInf></Strd></RmtInf>`, '<RmtInf><Ustrd>virement</Ustrd></RmtInf>'][index % 3]!;
    return `<Ntry><Amt Ccy="EUR">${100 + index}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt><AcctSvcrRef>B${index}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>GRAND COMPTE</Nm></Dbtr></RltdPties>${said}</TxDtls></NtryDtls></Ntry>`;
  });
  const xml = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>S</Id><Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></Acct>\n${entries.join('\n')}</Stmt></BkToCstmrStmt></Document>`;
  const before = await rowsRead(0);
  expect(await importFile(acme, { format: 'CAMT053' }, xml)).toMatchObject({ status: 'COMPLETED', rowsAccepted: DOCUMENTS });
  expect(await rowsRead(DOCUMENTS) - before).toBeLessThan(READS_EACH * DOCUMENTS);
});

test('books read the ledger a few times, not once for each of their entries; so they do the second time', async () => {
  const acme = await house.firm();
  const head = 'JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef\tPieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise';
  const line = (journal: string, number: number, day: string, account: string, debit: string, credit: string, letter: string): string =>
    `${journal}\t${journal === 'VE' ? 'Ventes' : 'Banque'}\t${journal}${number}\t${day}\t${account}\tx\t${account === '411000' ? 'BIG\tGrand Compte' : '\t'}\t${journal === 'VE' ? 'F' : 'V'}${number}\t${day}\tx\t${debit}\t${credit}\t${letter}\t${letter && day}\t20261231\t\t`;
  const fec = [head, ...numbers.flatMap((index) => [
    line('VE', index, '20260105', '411000', '10,00', '0,00', `L${index}`), line('VE', index, '20260105', '706000', '0,00', '10,00', ''),
    line('BQ', index, '20260204', '512000', '10,00', '0,00', ''), line('BQ', index, '20260204', '411000', '0,00', '10,00', `L${index}`),
  ])].join('\n');
  const before = await rowsRead(0);
  expect(await importFile(acme, { format: 'FEC' }, fec)).toMatchObject({ status: 'COMPLETED', rowsAccepted: 2 * DOCUMENTS, rowsUnchanged: 0 });
  expect(await importFile(acme, { format: 'FEC' }, fec)).toMatchObject({ status: 'COMPLETED', rowsAccepted: 2 * DOCUMENTS, rowsUnchanged: 2 * DOCUMENTS });
  expect(await rowsRead(2 * DOCUMENTS) - before).toBeLessThan(2 * READS_EACH * DOCUMENTS);
});

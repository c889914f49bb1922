import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { importFile } from './import-file.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

/** Enough that the square of it would stand out. */
const DOCUMENTS = 1_500;
/** So few that a merge would look up each of them, if it could. */
const FEW_DOCUMENTS = 300;
/** How often a row of the ledger may be read for each document of the file or the ledger, all statements of an import together. */
const READS_EACH = 50;

let house: TestHouse;
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  owner = await house.asOwner();
  // Statistics that know of one firm alone, and nobody renews them: for every other firm they make any index as good as any.
  await owner.query(`
    alter table portfolios.customer set (autovacuum_enabled = false);
    alter table portfolios.invoice set (autovacuum_enabled = false);
    alter table portfolios.receipt set (autovacuum_enabled = false);
    alter table portfolios.application set (autovacuum_enabled = false);
    insert into portfolios.customer (firm_id, reference, name) select gen_random_uuid(), 'C', 'C';
    insert into portfolios.invoice (firm_id, customer_id, number, issue_date, due_date, currency, amount_minor, applied_minor, settled_on)
      select firm_id, id, 'F' || n, '2026-01-05', '2026-02-04', 'EUR', 100, 100, '2026-02-04' from portfolios.customer cross join generate_series(1, 2000) n where reference = 'C';
    insert into portfolios.receipt (firm_id, customer_id, reference, received_on, currency, amount_minor, applied_minor)
      select firm_id, customer_id, 'P' || number, '2026-02-04', 'EUR', 100, 100 from portfolios.invoice;
    insert into portfolios.application (firm_id, customer_id, invoice_id, receipt_id, applied_on, amount_minor)
      select i.firm_id, i.customer_id, i.id, r.id, '2026-02-04', 100 from portfolios.invoice i join portfolios.receipt r on r.reference = 'P' || i.number;
    analyze portfolios.customer, portfolios.invoice, portfolios.receipt, portfolios.application`);
});
afterAll(() => house[Symbol.asyncDispose]());

/** Rows of the ledger that were read so far, and rows that merges have thrown away, which they do at their end. */
async function countRead(): Promise<{ readonly read: number; readonly thrownAway: number }> {
  const { rows } = await owner.query<{ read: string; thrown_away: string }>(`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) filter (where relname in ('customer', 'invoice', 'receipt', 'application')) as read,
      sum(n_tup_del) filter (where relname in ('import_row', 'import_entry', 'import_credit')) as thrown_away
    from pg_stat_user_tables where schemaname = 'portfolios'`);
  return { read: Number(rows[0]!.read), thrownAway: Number(rows[0]!.thrown_away) };
}

/** Imports a file and expects that the ledger was read a few times for it. PostgreSQL tells a little later what it counts. */
async function expectFewReads(firm: FirmVisitor, input: Readonly<Record<string, unknown>>, file: string, outcome: { readonly rowsAccepted: number; readonly rowsUnchanged?: number }): Promise<void> {
  const before = await countRead();
  expect(await importFile(firm, input, file)).toMatchObject({ status: 'COMPLETED', rowsRejected: 0, ...outcome });
  let after = await countRead();
  for (const deadline = Date.now() + 30_000; after.thrownAway < before.thrownAway + outcome.rowsAccepted; after = await countRead()) {
    if (Date.now() > deadline) throw new Error('what the import read is not counted');
    await wait(100);
  }
  expect(after.read - before.read).toBeLessThan(READS_EACH * Math.max(outcome.rowsAccepted, DOCUMENTS));
}

const numbers = Array.from({ length: DOCUMENTS }, (_, index) => index);

/** Half of all is one customer's, for whom an index of customers finds far too much; the others' are looked for one by one. */
function customerOf(index: number): string {
  return index % 2 === 0 ? 'BIG' : `C${index}`;
}

test('a table reads the ledger a few times, not once for each of its invoices: when all are new, known or changed, when all are closed, and when it is small', async () => {
  const acme = await house.firm();
  const csv = (amount: number, settled: (index: number) => boolean, rows = DOCUMENTS): string =>
    ['customer_reference,customer_name,invoice_number,issue_date,due_date,currency,amount,settled_on',
      ...numbers.slice(0, rows).map((index) => `${customerOf(index)},Client,FA-${10_000 + index},2026-01-05,2026-02-04,EUR,${amount},${settled(index) ? '2026-02-10' : ''}`)].join('\n');
  await expectFewReads(acme, { format: 'CSV' }, csv(100, (index) => index % 4 < 2), { rowsAccepted: DOCUMENTS, rowsUnchanged: 0 });
  await expectFewReads(acme, { format: 'CSV' }, csv(100, (index) => index % 4 < 2), { rowsAccepted: DOCUMENTS, rowsUnchanged: DOCUMENTS });
  await expectFewReads(acme, { format: 'CSV' }, csv(200, (index) => index % 3 === 0), { rowsAccepted: DOCUMENTS, rowsUnchanged: 0 });
  await expectFewReads(acme, { format: 'CSV' }, csv(200, (index) => index % 3 === 0, FEW_DOCUMENTS), { rowsAccepted: FEW_DOCUMENTS, rowsUnchanged: FEW_DOCUMENTS });
  await expectFewReads(acme, { format: 'CSV' }, csv(250, (index) => index % 3 === 0, FEW_DOCUMENTS), { rowsAccepted: FEW_DOCUMENTS, rowsUnchanged: 0 });
  const others = csv(300, () => false).replaceAll('FA-', 'FB-');
  await expectFewReads(acme, { format: 'CSV', mode: 'SNAPSHOT' }, others, { rowsAccepted: DOCUMENTS, rowsUnchanged: 0 });
});

test('a bank statement reads the ledger a few times, not once for each of its credits; so it does the second time', async () => {
  const acme = await house.firm();
  const csv = ['customer_reference,customer_name,invoice_number,issue_date,due_date,currency,amount',
    ...numbers.map((index) => `${customerOf(index)},Grand Compte ${customerOf(index)},FA-${10_000 + index},2026-01-05,2026-02-04,EUR,${100 + index}.00`)].join('\n');
  expect(await importFile(acme, { format: 'CSV' }, csv)).toMatchObject({ status: 'COMPLETED', rowsAccepted: DOCUMENTS });
  const entries = numbers.map((index) => {
    // By number, by reference, by amount.
    const said = [`<RmtInf><Ustrd>Facture FA ${10_000 + index}</Ustrd></RmtInf>`, `<RmtInf><Strd><CdtrRefInf><Ref>FA-${10_000 + index}</Ref></CdtrRefInf></Strd></RmtInf>`, '<RmtInf><Ustrd>virement</Ustrd></RmtInf>'][index % 3]!;
    return `<Ntry><Amt Ccy="EUR">${100 + index}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt><AcctSvcrRef>B${index}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>GRAND COMPTE ${customerOf(index)}</Nm></Dbtr></RltdPties>${said}</TxDtls></NtryDtls></Ntry>`;
  });
  const xml = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>S</Id><Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></Acct>\n${entries.join('\n')}</Stmt></BkToCstmrStmt></Document>`;
  await expectFewReads(acme, { format: 'CAMT053' }, xml, { rowsAccepted: DOCUMENTS, rowsUnchanged: 0 });
  await expectFewReads(acme, { format: 'CAMT053' }, xml, { rowsAccepted: DOCUMENTS, rowsUnchanged: DOCUMENTS });
});

test('books read the ledger a few times, not once for each of their entries; so they do the second time, and when they are opened with balances', async () => {
  const acme = await house.firm();
  const head = 'JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef\tPieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise';
  const names: Readonly<Record<string, string>> = { VE: 'Ventes', BQ: 'Banque', AN: 'A nouveaux' };
  const line = (journal: string, index: number, day: string, account: string, debit: string, credit: string, letter: string, piece: string): string =>
    `${journal}\t${names[journal]}\t${journal}${index}\t${day}\t${account}\tx\t${account === '411000' ? `${customerOf(index)}\tClient` : '\t'}\t${piece}\t${day}\tx\t${debit}\t${credit}\t${letter}\t${letter && day}\t20271231\t\t`;
  // A third is still open at the end of the year.
  const paid = numbers.filter((index) => index % 3 > 0);
  const fec = [head, ...numbers.flatMap((index) => [
    line('VE', index, '20260105', '411000', '10,00', '0,00', index % 3 > 0 ? `L${index}` : '', `F${index}`), line('VE', index, '20260105', '706000', '0,00', '10,00', '', `F${index}`),
  ]), ...paid.flatMap((index) => [
    line('BQ', index, '20260204', '512000', '10,00', '0,00', '', `V${index}`), line('BQ', index, '20260204', '411000', '0,00', '10,00', `L${index}`, `V${index}`),
  ])].join('\n');
  const rows = DOCUMENTS + paid.length;
  await expectFewReads(acme, { format: 'FEC' }, fec, { rowsAccepted: rows, rowsUnchanged: 0 });
  await expectFewReads(acme, { format: 'FEC' }, fec, { rowsAccepted: rows, rowsUnchanged: rows });
  const next = [head, ...numbers.filter((index) => index % 3 === 0).flatMap((index) => [
    line('AN', index, '20270101', '411000', '10,00', '0,00', `M${index}`, 'solde'), line('AN', index, '20270101', '110000', '0,00', '10,00', '', 'solde'),
    line('BQ', index, '20270204', '512000', '10,00', '0,00', '', `W${index}`), line('BQ', index, '20270204', '411000', '0,00', '10,00', `M${index}`, `W${index}`),
  ]), ...numbers.flatMap((index) => [
    line('VE', index, '20270105', '411000', '10,00', '0,00', '', `G${index}`), line('VE', index, '20270105', '706000', '0,00', '10,00', '', `G${index}`),
  ])].join('\n');
  await expectFewReads(acme, { format: 'FEC' }, next, { rowsAccepted: 2 * (DOCUMENTS - paid.length) + DOCUMENTS });
});

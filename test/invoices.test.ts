import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FirmVisitor, startHouse, type TestHouse } from './house.js';
import { importFile } from './import-file.js';
import { ciiSample, ublSample } from './invoice-samples.js';
import { pdfSample } from './pdf-sample.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const LEDGER = `{
  customers { totalCount nodes { reference name country registration { scheme value } } }
  invoices { nodes { number kind issueDate dueDate dueDateAssumed settledOn amount { amount currency } openAmount { amount } } }
}`;

const TAKEN = { status: 'COMPLETED', rowsRead: 1, rowsAccepted: 1, rowsUnchanged: 0, rowsRejected: 0, failure: null };

test.each([
  ['UBL', ublSample],
  ['CII', ciiSample],
  ['FACTURX', (): Uint8Array<ArrayBuffer> => new Uint8Array(pdfSample([{ name: 'factur-x.xml', content: ciiSample() }]))],
])('an invoice in %s lands in the ledger of its firm alone, and changes nothing when it comes again', async (format, sample) => {
  const acme = await house.firm();
  const rival = await house.firm();
  expect(await importFile(acme, { format }, sample())).toMatchObject(TAKEN);
  const ledger = {
    customers: { totalCount: 1, nodes: [{ reference: 'C-17', name: 'Fleurs Zoé SARL', country: 'FR', registration: { scheme: 'SIREN', value: '732829320' } }] },
    invoices: { nodes: [{ number: 'F-2026-001', kind: 'INVOICE', issueDate: '2026-01-05', dueDate: '2026-02-04', dueDateAssumed: false, settledOn: null, amount: { amount: '120.00', currency: 'EUR' }, openAmount: { amount: '120.00' } }] },
  };
  expect(await acme.get(LEDGER)).toEqual(ledger);
  expect(await rival.get(LEDGER)).toEqual({ customers: { totalCount: 0, nodes: [] }, invoices: { nodes: [] } });
  expect(await importFile(acme, { format }, sample())).toMatchObject({ ...TAKEN, rowsUnchanged: 1 });
  expect(await acme.get(LEDGER)).toEqual(ledger);
});

test('what was prepaid is settled on the day of issue, and sending the invoice again undoes no payment', async () => {
  const acme = await house.firm();
  const sample = ublSample({ prepaid: '20.00', payable: '100.00', due: null });
  expect(await importFile(acme, { format: 'UBL' }, sample)).toMatchObject(TAKEN);
  const invoices = `{ invoices { nodes { settledOn dueDate dueDateAssumed openAmount { amount } } } before: portfolio(asOf: "2026-01-04") { indicators { outstanding { amount } } } since: portfolio(asOf: "2026-01-05") { indicators { outstanding { amount } } } }`;
  expect(await acme.get(invoices)).toMatchObject({
    invoices: { nodes: [{ settledOn: null, dueDate: '2026-02-04', dueDateAssumed: true, openAmount: { amount: '100.00' } }] },
    before: { indicators: { outstanding: { amount: '0.00' } } },
    since: { indicators: { outstanding: { amount: '100.00' } } },
  });
  const { customers } = await acme.get<{ customers: { nodes: readonly { id: string }[] } }>('{ customers { nodes { id } } }');
  const pay = `mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { unapplied { amount } userErrors { code } } }`;
  const payment = { customerId: customers.nodes[0]!.id, reference: 'R1', receivedOn: '2026-01-20', amount: { amount: '60.00', currency: 'EUR' }, invoiceNumbers: ['F-2026-001'] };
  expect(await acme.get(pay, { input: payment })).toEqual({ paymentRecord: { unapplied: { amount: '0.00' }, userErrors: [] } });
  expect(await importFile(acme, { format: 'UBL' }, sample)).toMatchObject({ ...TAKEN, rowsUnchanged: 1 });
  expect(await acme.get(invoices)).toMatchObject({ invoices: { nodes: [{ openAmount: { amount: '40.00' } }] } });
  await acme.get(pay, { input: { ...payment, reference: 'R2', amount: { amount: '40.00', currency: 'EUR' } } });
  expect(await importFile(acme, { format: 'UBL' }, sample)).toMatchObject({ ...TAKEN, rowsUnchanged: 1 });
  expect(await acme.get(invoices)).toMatchObject({ invoices: { nodes: [{ settledOn: '2026-01-20', openAmount: { amount: '0.00' } }] } });
});

test('an invoice without a word of the firm\'s own for the buyer goes to the one customer known by its legal unit', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const known = `mutation ($reference: String!) { customerUpsert(input: { reference: $reference, name: "Zoé", registration: { scheme: SIREN, value: "732829320" } }) { userErrors { code } } }`;
  const references = async (firm: FirmVisitor): Promise<readonly string[]> => {
    const { customers } = await firm.get<{ customers: { nodes: readonly { reference: string }[] } }>('{ customers { nodes { reference } } }');
    return customers.nodes.map(({ reference }) => reference).toSorted();
  };
  await acme.get(known, { reference: 'K-9' });
  // The establishment, then the VAT number, of the same legal unit.
  expect(await importFile(acme, { format: 'UBL' }, ublSample({ number: 'U1', buyerId: null, legal: '73282932000074', legalScheme: '0009' }))).toMatchObject(TAKEN);
  expect(await importFile(acme, { format: 'CII' }, ciiSample({ number: 'U2', buyerId: '5790000435975', buyerScheme: '0088', legal: null }))).toMatchObject(TAKEN);
  expect(await references(acme)).toEqual(['K-9']);
  expect(await importFile(acme, { format: 'CII' }, ciiSample({ number: 'U3' }))).toMatchObject(TAKEN);
  expect(await references(acme)).toEqual(['C-17', 'K-9']);
  // Of two, neither is meant.
  expect(await importFile(acme, { format: 'UBL' }, ublSample({ number: 'U4', buyerId: null }))).toMatchObject(TAKEN);
  expect(await references(acme)).toEqual(['732829320', 'C-17', 'K-9']);
  expect(await importFile(rival, { format: 'UBL' }, ublSample({ buyerId: null }))).toMatchObject(TAKEN);
  expect(await references(rival)).toEqual(['732829320']);
});

test('an invoice that was prepaid in full is settled on the day of issue', async () => {
  const acme = await house.firm();
  const sample = ciiSample({ prepaid: '150.00', payable: '-30.00' });
  expect(await importFile(acme, { format: 'CII' }, sample)).toMatchObject(TAKEN);
  expect(await importFile(acme, { format: 'CII' }, sample)).toMatchObject({ ...TAKEN, rowsUnchanged: 1 });
  expect(await acme.get(LEDGER)).toMatchObject({ invoices: { nodes: [{ settledOn: '2026-01-05', amount: { amount: '120.00' }, openAmount: { amount: '0.00' } }] } });
});

test('a line of 200 MB is refused long before it has come in', async () => {
  const acme = await house.firm();
  let sent = 0;
  const chunk = new Uint8Array(64 * 1024).fill(0x78);
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('<Invoice>')),
    pull: (controller) => {
      if ((sent += chunk.length) > 200_000_000) controller.close();
      else controller.enqueue(chunk);
    },
  });
  expect(await importFile(acme, { format: 'UBL' }, endless as unknown as BodyInit)).toMatchObject({ status: 'FAILED', failure: { code: 'LIMIT_REACHED', path: ['file', 'xml'] } });
  expect(sent).toBeLessThan(100_000_000);
});

test('an invoice that is not the firm\'s own is warned of, and one that it has to pay itself is refused', async () => {
  const acme = await house.firm();
  const warnings = `query ($id: ID!) { importJob(id: $id) { warnings { file line code } rejections { nodes { code } } } }`;
  const { viewer } = await acme.get<{ viewer: { firm: { registration: { value: string } } } }>('{ viewer { firm { registration { value } } } }');
  const own = viewer.firm.registration.value;
  // The room hears of the registration by an event.
  let found: unknown;
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const { id } = await importFile(acme, { format: 'UBL', dryRun: true }, ublSample({ seller: '542065479' }));
    ({ importJob: found } = await acme.get<{ importJob: { warnings: readonly unknown[] } }>(warnings, { id }));
    if ((found as { warnings: readonly unknown[] }).warnings.length > 0) break;
  }
  expect(found).toEqual({ warnings: [{ file: null, line: 2, code: 'ANOTHER_FIRM' }], rejections: { nodes: [] } });
  const bought = await importFile(acme, { format: 'UBL' }, ublSample({ seller: '542065479', legal: own, vat: null }));
  expect(await acme.get(warnings, { id: bought.id })).toEqual({ importJob: { warnings: [], rejections: { nodes: [{ code: 'OWN_PURCHASE' }] } } });
  const sold = await importFile(acme, { format: 'UBL' }, ublSample({ seller: own, due: '2025-12-31' }));
  expect(await acme.get(warnings, { id: sold.id })).toEqual({ importJob: { warnings: [{ file: null, line: 5, code: 'DUE_DATE_MOVED' }], rejections: { nodes: [] } } });
});

test('a refused invoice tells what is wrong with it and where, and a document of another kind fails with a word of what it is', async () => {
  const acme = await house.firm();
  expect(await importFile(acme, { format: 'UBL' }, ublSample({ number: null, currency: 'EUX' }))).toMatchObject({
    status: 'COMPLETED', rowsRead: 1, rowsAccepted: 0, rowsRejected: 1,
    rejections: { totalCount: 2, nodes: [{ line: 2, column: 'ID', value: null, code: 'VALUE_MISSING' }, { line: 7, column: 'DocumentCurrencyCode', value: 'EUX', code: 'CURRENCY_UNKNOWN' }] },
  });
  expect(await importFile(acme, { format: 'UBL' }, ciiSample())).toMatchObject({ status: 'FAILED', failure: { code: 'INVALID', message: 'Line 2: this is CII, not UBL; import it with the format CII.', path: ['file', 'format'] } });
  expect(await importFile(acme, { format: 'CII' }, ciiSample().replace('</rsm:ExchangedDocument>', ''))).toMatchObject({ status: 'FAILED', failure: { code: 'INVALID', path: ['file', 'xml'] } });
  expect(await importFile(acme, { format: 'CII' }, `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${ciiSample({ name: '&x;' })}`)).toMatchObject({ status: 'FAILED', failure: { code: 'INVALID', path: ['file', 'xml'] } });
  expect(await importFile(acme, { format: 'FACTURX' }, ciiSample())).toMatchObject({ status: 'FAILED', failure: { code: 'INVALID', message: 'This is no PDF but XML in CII; import it with the format CII.', path: ['file', 'format'] } });
  expect(await importFile(acme, { format: 'FACTURX' }, new Uint8Array(pdfSample([])))).toMatchObject({ status: 'FAILED', failure: { code: 'REQUIRED', path: ['file', 'pdf'] } });
  expect(await importFile(acme, { format: 'CII' }, '')).toMatchObject({ status: 'FAILED', failure: { code: 'REQUIRED', path: ['file'] } });
  expect(await acme.get(LEDGER)).toEqual({ customers: { totalCount: 0, nodes: [] }, invoices: { nodes: [] } });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomSiren, type FirmVisitor } from './house.js';
import { importFile } from './import-file.js';
import { Network } from './network.js';

/** A natural person is never matched, by whatever way it came into the books and whenever it is found to be one. */
let network: Network;
beforeAll(async () => {
  network = await Network.start(1);
});
afterAll(() => network[Symbol.asyncDispose]());

const acme = (): FirmVisitor => network.members[0]!;

/** How many keys community holds of the customers with these references. */
async function keys(...references: readonly string[]): Promise<string> {
  await network.settle();
  const { rows } = await network.owner.query<{ reference: string }>(
    `select c.reference from portfolios.customer c join community.customer_key k on k.customer_id = c.id and k.subject is not null where c.reference = any($1) order by 1`, [references]);
  return rows.map(({ reference }) => reference).join(' ');
}

interface Upsert { readonly reference: string; readonly name?: string; readonly siren?: string | null; readonly naturalPerson?: boolean | null }

async function upsert({ reference, name = 'Garage Dupont', siren, naturalPerson }: Upsert): Promise<{ id: string; naturalPerson: boolean }> {
  const { customerUpsert } = await acme().get<{ customerUpsert: { customer: { id: string; naturalPerson: boolean } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id naturalPerson } userErrors { code } } }',
    { input: { reference, name, ...(siren !== undefined && { registration: siren === null ? null : { scheme: 'SIREN', value: siren } }), ...(naturalPerson !== undefined && { naturalPerson }) } });
  return customerUpsert.customer;
}

test('one that is flagged loses its key, and every other account of its legal unit with it; taken back, they have it again', async () => {
  const siren = randomSiren();
  await upsert({ reference: 'N1', siren });
  await upsert({ reference: 'N2', siren });
  await upsert({ reference: 'N3', siren: randomSiren() });
  await upsert({ reference: 'N4', siren: null });
  expect(await keys('N1', 'N2', 'N3', 'N4')).toBe('N1 N2 N3');
  expect((await upsert({ reference: 'N1', naturalPerson: true })).naturalPerson).toBe(true);
  expect(await keys('N1', 'N2', 'N3')).toBe('N3');
  // What is left out stays; another registration of the same unit changes nothing.
  expect((await upsert({ reference: 'N1', siren })).naturalPerson).toBe(true);
  await upsert({ reference: 'N5', siren });
  expect(await keys('N1', 'N2', 'N3', 'N5')).toBe('N3');
  expect((await upsert({ reference: 'N1', naturalPerson: null })).naturalPerson).toBe(false);
  expect(await keys('N1', 'N2', 'N3', 'N5')).toBe('N1 N2 N3 N5');
});

test.each([
  ['Dupont EI', true], ['EI Dupont', true], ['Jean Dupont Entrepreneur Individuel', true], ['Dupont (E.I.)', true], ['DUPONT EIRL', true], ['Müller e.K.', true], ['Auto-entrepreneur Martin', true],
  ['Eiffage', false], ['Ei Gourmand', false], ['Boulangerie EIFFEL', false], ['NEI Industrie', false], ['Garage Dupont', false],
])('the name %j says that it is a natural person: %s', async (name, isOne) => {
  const reference = randomUUID();
  expect((await upsert({ reference, name, siren: randomSiren() })).naturalPerson).toBe(isOne);
  expect(await keys(reference)).toBe(isOne ? '' : reference);
});

test('a name that says so takes the key back, and what was told with it is not matched any more', async () => {
  const reference = randomUUID();
  const { id } = await upsert({ reference, siren: randomSiren() });
  expect(await keys(reference)).toBe(reference);
  await upsert({ reference, name: 'Garage Dupont EI' });
  expect(await keys(reference)).toBe('');
  expect(await network.read(acme(), id)).toEqual({ __typename: 'BenchmarkUnavailable', metric: 'DSO' });
});

test('imports of every format come to the same: a name in a file counts like any other, and a later file that renames as well', async () => {
  const [csvSiren, laterSiren] = [randomSiren(), randomSiren()];
  const header = 'customer_reference,customer_name,registration_scheme,registration_value,invoice_number,issue_date,due_date,currency,amount';
  const row = (reference: string, name: string, siren: string, number: string): string => `${reference},${name},SIREN,${siren},${number},2026-01-05,2026-02-04,EUR,10.00`;
  const send = (format: string, body: string) => importFile(acme(), { format }, body);
  await send('CSV', [header, row('C1', 'Dupont EI', csvSiren, 'A1'), row('C2', 'Dupont SARL', laterSiren, 'A2')].join('\n'));
  expect(await keys('C1', 'C2')).toBe('C2');
  await send('CSV', [header, row('C2', 'Dupont EI', laterSiren, 'A2')].join('\n'));
  expect(await keys('C1', 'C2')).toBe('');
  // An accounting file names no registration: nobody is matched by a name alone.
  const fec = ['JournalCode\tEcritureNum\tEcritureDate\tCompteNum\tCompAuxNum\tCompAuxLib\tPieceRef\tDebit\tCredit\tEcritureLet',
    'VE\tV1\t20260105\t411000\tF1\tMartin EI\tFA1\t10,00\t0,00\t', 'VE\tV1\t20260105\t706000\t\t\tFA1\t0,00\t10,00\t'].join('\n');
  expect(await send('FEC', fec)).toMatchObject({ status: 'COMPLETED', rowsRejected: 0 });
  await upsert({ reference: 'F1', name: 'Martin EI', siren: randomSiren() });
  expect(await keys('F1')).toBe('');
  const siren = randomSiren();
  const ubl = (name: string, number: string): string => `<?xml version="1.0"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>${number}</cbc:ID><cbc:IssueDate>2026-01-05</cbc:IssueDate><cbc:DueDate>2026-02-04</cbc:DueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>Acme</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>${name}</cbc:RegistrationName><cbc:CompanyID schemeID="0002">${siren}</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal><cbc:TaxInclusiveAmount currencyID="EUR">10.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">10.00</cbc:PayableAmount></cac:LegalMonetaryTotal></Invoice>`;
  const job = await send('UBL', ubl('Petit Entrepreneur individuel', 'U1'));
  expect([job.status, job.rejections.nodes]).toEqual(['COMPLETED', []]);
  await network.settle();
  const { rows } = await network.owner.query('select k.subject from portfolios.customer c join community.customer_key k on k.customer_id = c.id where c.legal_unit = $1', [`SIREN:${siren}`]);
  expect(rows).toEqual([{ subject: null }]);
});

import { expect, test } from '@jest/globals';
import { matchByAmount, matchByNumber, takeFrom, type Candidate } from './credit-match.js';
import { referenceKeys } from './creditor-reference.js';
import { formatExact, parseExact } from './exact-decimal.js';
import { isWeak, mentionsIn, numberKey } from './invoice-mention.js';
import { payerNameKey } from './payer-name.js';
import { PayerRegister, type KnownCustomer, type StagedPayer } from './payer-register.js';

test.each([
  ['FA-2026/0012', 'FA20260012'], ['000123', '123'], [' inv 7 ', 'INV7'], ['0', ''], ['№ 12', '12'], ['é12', '12'], ['ſ1', '1'], ['', ''],
])('the number %j has the key %j', (number, key) => {
  expect(numberKey(number)).toBe(key);
});

test.each([['12', true], ['A12', true], ['123', false], ['A123', false], ['FA1', false], ['INV1', false], ['2026', true], ['1899', false], ['FA2026', false]])('the key %s alone is weak: %s', (key, weak) => {
  expect(isWeak(key)).toBe(weak);
});

/** Which of these numbers a text names, in its order. */
function named(text: string, numbers: readonly string[]): readonly string[] {
  const keys = new Map(numbers.map((number) => [numberKey(number), number]));
  const found: string[] = [];
  let free = 0;
  for (const { key, from, to } of mentionsIn(text)) {
    if (from < free || !keys.has(key)) continue;
    found.push(keys.get(key)!);
    free = to;
  }
  return found;
}

test.each([
  ['Facture FA-2026-0012', ['FA-2026-0012'], ['FA-2026-0012']],
  ['facture fa 2026 0012 merci', ['FA-2026-0012'], ['FA-2026-0012']],
  ['INV1003, INV1001;INV1002', ['INV1001', 'INV1002', 'INV1003'], ['INV1003', 'INV1001', 'INV1002']],
  // A bank breaks lines within a number.
  ['RG FA-20 26-0012', ['FA-2026-0012'], ['FA-2026-0012']],
  // Of two numbers the longer one.
  ['FA-2026-0012', ['2026', '12', 'FA-2026-0012'], ['FA-2026-0012']],
  ['000123', ['123'], ['123']],
  ['1234', ['123', '234'], []],
  ['X123', ['123'], []],
  // An account number, a day, an amount.
  ['IBAN FR7630006000011234567890189 FA1001', ['30006', 'FA1001', '1234567890189'], ['FA1001']],
  ['FR76 3000 6000 0112 3456 7890 189 1001', ['3000', '6000', '3456', '1001'], ['1001']],
  ['du 12/03/2026 1203', ['12032026', '2026', '1203'], ['1203']],
  ['2026-03-12', ['20260312', '2026', '0312'], []],
  ['31.12.25 et 1001', ['311225', '1001'], ['1001']],
  ['1001 EUR 250', ['1001', '250'], []],
  ['payé 1 500,00 pour 1500', ['150000', '1500'], ['1500']],
  ['1500.00', ['150000', '1500'], []],
  ['FA-2026.01', ['FA-2026.01'], ['FA-2026.01']],
  ['1 500,00 €', ['1500', '500'], []],
  ['', ['1'], []],
  ['no number at all', ['NONUMBER'], []],
])('%j names of %j only %j', (text, numbers, found) => {
  expect(named(text, numbers)).toEqual(found);
});

test('a text without end is read in no time', () => {
  const from = performance.now();
  for (const text of ['1 '.repeat(50_000), '1'.repeat(100_000), 'FR76 '.repeat(20_000), '1.'.repeat(50_000), `FR76${'0'.repeat(1_900)}`, '1 000'.repeat(400)]) mentionsIn(text);
  expect(performance.now() - from).toBeLessThan(1_000);
});

test.each([
  ['RF40 1001', ['1001']],
  ['RF401001', ['1001']],
  // The number within may have a national form of its own, here the Belgian one.
  ['RF18 5390 0754 7034', ['539007547034', '5390075470']],
  // Wrong check digits: it is taken as it stands.
  ['RF19539007547034', ['RF19539007547034']],
  ['000000001234', ['1234']],
  // Belgium, Switzerland, Finland: with the check digits first, then without.
  ['+++090/9337/55493+++', ['90933755493', '909337554']],
  ['21 00000 00003 13947 14300 09017', ['210000000003139471430009017', '21000000000313947143000901']],
  ['1232', ['1232', '123']],
  ['FA-2026-0012', ['FA20260012']],
  ['none', []],
])('the reference %j stands for %j', (reference, keys) => {
  expect(referenceKeys(reference)).toEqual(keys);
});

test.each([
  ['Éts Müller & Cie, S.A.R.L.', 'MULLER CIE'], ['MULLER CIE SARL', 'MULLER CIE'], ['S.A. Dupont', 'DUPONT'], ['S A R L DUPONT', 'DUPONT'], ['Société Générale', 'GENERALE'],
  ['Weiß GmbH', 'WEISS'], ["L'Œuvre", 'L OEUVRE'], ['SARL', 'SARL'], ['  ', ''], ['A.B.C. Ltd', 'ABC'], ['Saint-Gobain', 'SAINT GOBAIN'],
])('the name %j has the key %j', (name, key) => {
  expect(payerNameKey(name)).toBe(key);
});

test.each([['18.150', 'EUR', '18.15'], ['5442.09000', 'RON', '5442.09'], ['0.12345', 'EUR', '0.12345'], ['2700', 'JPY', '2700'], ['1', 'EUR', '1.00'], ['2.5', 'TND', '2.500']])('%s %s is %s', (text, currency, written) => {
  expect(formatExact(parseExact(text)!, currency)).toBe(written);
});

test.each([['-1'], ['1,5'], ['1e3'], [''], ['0.1234567891'], ['1234567890123456789']])('%j is no amount of a statement', (text) => {
  expect(parseExact(text)).toBeUndefined();
});

function invoice(number: string, customerId: string, openMinor: bigint, more: Partial<Candidate> = {}): Candidate {
  return { invoiceId: `${customerId}:${number}`, customerId, number, currency: 'EUR', issueDate: '2026-01-01', openMinor, statedMinor: 0n, ...more };
}

/** Matches a credit of 100.00 with these invoices by their numbers; the numbers it takes from, or nothing. */
function match(text: string, invoices: readonly Candidate[], more: { payerId?: string; references?: readonly string[]; currency?: string; amountMinor?: bigint } = {}): { rule: string; customerId: string; numbers: readonly string[] } | undefined {
  const byKey = Map.groupBy(invoices, ({ number }) => numberKey(number));
  const credit = {
    currency: 'EUR', amountMinor: 10_000n, bookedOn: '2026-02-01', payerId: null, ...more, references: (more.references ?? []).map(referenceKeys), mentions: mentionsIn(text),
  };
  const found = matchByNumber(credit, byKey);
  return found && { rule: found.rule, customerId: found.customerId, numbers: found.invoices.map(({ number }) => number) };
}

test('the structured reference comes before the text', () => {
  const invoices = [invoice('FA-1', 'a', 500n), invoice('1001', 'a', 500n), invoice('1002', 'a', 500n)];
  expect(match('1002', invoices, { references: ['RF471001'] })).toMatchObject({ rule: 'NUMBERS', numbers: ['1002'] });
  expect(match('1002', invoices, { references: ['1001'] })).toEqual({ rule: 'REFERENCE', customerId: 'a', numbers: ['1001'] });
  // Two documents, in the order written.
  expect(match('', invoices, { references: ['1002', '1001'] })).toEqual({ rule: 'REFERENCE', customerId: 'a', numbers: ['1002', '1001'] });
  // A reference is the firm's own: whoever pays.
  expect(match('', invoices, { references: ['1001'], payerId: 'b' })).toMatchObject({ customerId: 'a' });
});

test('what could be meant for two customers is nobody\'s', () => {
  const twins = [invoice('1001', 'a', 500n), invoice('1001', 'b', 700n)];
  expect(match('1001', twins)).toBeUndefined();
  expect(match('1001', twins, { payerId: 'b' })).toMatchObject({ customerId: 'b' });
  expect(match('1001', twins, { amountMinor: 700n })).toMatchObject({ customerId: 'b' });
  expect(match('1001', twins, { references: ['1001'] })).toBeUndefined();
  // The second number is only one customer's.
  expect(match('1001 1002', [...twins, invoice('1002', 'a', 1n)])).toMatchObject({ customerId: 'a', numbers: ['1001', '1002'] });
  // A settled one is nobody's, but the payer's own.
  const settled = [invoice('1001', 'a', 0n), invoice('1001', 'b', 700n)];
  expect(match('1001', settled)).toMatchObject({ customerId: 'b' });
  expect(match('1001', settled, { payerId: 'a' })).toMatchObject({ customerId: 'a' });
});

test('a known payer settles another customer\'s invoice only to the cent', () => {
  const invoices = [invoice('1001', 'a', 9_999n), invoice('1002', 'a', 10_000n)];
  expect(match('1001', invoices, { payerId: 'b' })).toBeUndefined();
  expect(match('1002', invoices, { payerId: 'b' })).toMatchObject({ customerId: 'a' });
});

test('a weak number counts only for its payer, a number in another currency never', () => {
  const invoices = [invoice('12', 'a', 500n), invoice('2026', 'a', 500n), invoice('777', 'a', 500n, { currency: 'USD' })];
  expect(match('12 2026', invoices)).toBeUndefined();
  expect(match('12 2026', invoices, { payerId: 'a' })).toMatchObject({ numbers: ['12', '2026'] });
  expect(match('777', invoices)).toBeUndefined();
  expect(match('777', invoices, { currency: 'USD' })).toMatchObject({ numbers: ['777'] });
});

test('an amount matches the one invoice of the payer that is open by it, issued by then', () => {
  const credit = { currency: 'EUR', amountMinor: 500n, bookedOn: '2026-02-01', payerId: 'a', references: [], mentions: [] };
  const one = invoice('1', 'a', 500n);
  expect(matchByAmount(credit, [one, invoice('2', 'a', 501n), invoice('3', 'b', 500n), invoice('4', 'a', 500n, { currency: 'USD' }), invoice('5', 'a', 500n, { issueDate: '2026-02-02' })])?.invoices).toEqual([one]);
  expect(matchByAmount(credit, [one, invoice('2', 'a', 500n)])).toBeUndefined();
  expect(matchByAmount({ ...credit, payerId: null }, [one])).toBeUndefined();
  // What a file stated as settled is not open.
  expect(matchByAmount(credit, [invoice('6', 'a', 0n, { statedMinor: 500n })])).toBeUndefined();
});

test('each invoice takes what is open of it, then what was only stated as settled, and the rest stays', () => {
  const first = invoice('1', 'a', 300n);
  const second = invoice('2', 'a', 100n, { statedMinor: 150n });
  const third = invoice('3', 'a', 900n);
  expect(takeFrom(1_000n, [first, second, third]).map(({ invoice: { number }, minor }) => [number, minor])).toEqual([['1', 300n], ['2', 250n], ['3', 450n]]);
  expect([first.openMinor, second.openMinor, second.statedMinor, third.openMinor]).toEqual([0n, 0n, 0n, 450n]);
  expect(takeFrom(10n, [first])).toEqual([]);
});

const DUPONT: KnownCustomer = { id: 'dupont', name: 'Dupont SARL', unit: 'SIREN:732829320' };
const NAMESAKE: KnownCustomer = { id: 'namesake', name: 'DUPONT', unit: null };

test.each<readonly [string, readonly KnownCustomer[], readonly StagedPayer[], string | null]>([
  ['a name', [DUPONT], [{ name: 'dupont', units: [] }], 'dupont'],
  ['a registration under another name', [DUPONT, NAMESAKE], [{ name: 'Other', units: ['SIREN:732829320'] }], 'dupont'],
  ['a name that two have', [DUPONT, NAMESAKE], [{ name: 'Dupont', units: [] }], null],
  ['a name of two, and the registration of one', [DUPONT, NAMESAKE], [{ name: 'Dupont', units: ['SIREN:732829320'] }], 'dupont'],
  ['a name with another registration of the same register', [DUPONT], [{ name: 'Dupont', units: ['SIREN:552100554'] }], null],
  ['a name with a registration of another register', [DUPONT], [{ name: 'Dupont', units: ['LEI:529900T8BM49AURSDO55'] }], 'dupont'],
  ['a registration that two have', [DUPONT, { ...NAMESAKE, name: 'Other', unit: DUPONT.unit }], [{ name: null, units: ['SIREN:732829320'] }], null],
  ['the ultimate payer, unknown, and its bank customer', [DUPONT], [{ name: 'Somebody', units: [] }, { name: 'Dupont', units: [] }], 'dupont'],
  ['nobody', [DUPONT], [], null],
  ['no name left', [DUPONT, { ...NAMESAKE, name: '...' }], [{ name: '---', units: [] }], null],
])('by %s', (_, customers, payers, found) => {
  const register = new PayerRegister();
  payers.forEach((payer) => register.expect(payer));
  customers.forEach((customer) => register.tell(customer));
  expect(register.find(payers)).toBe(found);
});

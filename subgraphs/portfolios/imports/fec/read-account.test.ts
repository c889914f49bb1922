import { expect, test } from '@jest/globals';
import { SIDES } from './entry-side.js';
import { NOTHING_KNOWN, readAccount, type AccountEntry, type KnownAccount } from './read-account.js';

const SALE = SIDES.SALES_JOURNAL | SIDES.REVENUE | SIDES.TAX;
const BANK = SIDES.TREASURY_JOURNAL | SIDES.TREASURY;
const OPENING = SIDES.OPENING_JOURNAL;

/** An entry on an account: its sides, day, amount (debit above zero), letter, piece. */
function entry(line: number, sides: number, day: string, minor: number, letter: string | null = null, more: Partial<AccountEntry> = {}): AccountEntry {
  const journal = (sides & SIDES.TREASURY) !== 0 ? 'BQ' : (sides & OPENING) !== 0 ? 'AN' : 'VE';
  return { line, journal, entry: String(line), day, piece: `P${line}`, pieceDay: null, dueDay: null, minor: BigInt(minor), letter, letterDay: letter && '2026-12-31', sides, ...more };
}

/** What was read, short: documents as `name amount`, matches as `source>invoice amount day`. */
function brief(entries: readonly AccountEntry[], known: KnownAccount = NOTHING_KNOWN) {
  const { invoices, receipts, matches, referred, openingDiffers } = readAccount(entries, known);
  return {
    invoices: invoices.map(({ number, kind, amountMinor }) => `${number} ${kind === 'INVOICE' ? '' : '-'}${amountMinor}`),
    receipts: receipts.map(({ reference, amountMinor }) => `${reference} ${amountMinor}`),
    matches: matches.map(({ receiptReference, creditNoteNumber, invoiceNumber, amountMinor, appliedOn }) => `${receiptReference ?? creditNoteNumber}>${invoiceNumber} ${amountMinor} ${appliedOn}`),
    ...(referred.length > 0 && { referred }),
    ...(openingDiffers && { openingDiffers }),
  };
}

test.each<[string, readonly AccountEntry[], object]>([
  ['a sale and its payment', [entry(1, SALE, '2026-01-05', 100, 'A'), entry(2, BANK, '2026-02-04', -100, 'A')],
    { invoices: ['P1 100'], receipts: ['BQ 2 2026-02-04 100'], matches: ['BQ 2 2026-02-04>P1 100 2026-02-04'] }],
  ['a payment in part', [entry(1, SALE, '2026-01-05', 100, 'a'), entry(2, BANK, '2026-02-04', -60, 'a')],
    { invoices: ['P1 100'], receipts: ['BQ 2 2026-02-04 60'], matches: ['BQ 2 2026-02-04>P1 60 2026-02-04'] }],
  ['one payment for several invoices, the oldest first', [entry(1, SALE, '2026-01-05', 40, 'A'), entry(2, SALE, '2026-01-06', 50, 'A'), entry(3, BANK, '2026-02-04', -80, 'A')],
    { invoices: ['P1 40', 'P2 50'], receipts: ['BQ 3 2026-02-04 80'], matches: ['BQ 3 2026-02-04>P1 40 2026-02-04', 'BQ 3 2026-02-04>P2 40 2026-02-04'] }],
  ['the same amount before the oldest', [entry(1, SALE, '2026-01-05', 40, 'A'), entry(2, SALE, '2026-01-06', 50, 'A'), entry(3, BANK, '2026-02-04', -50, 'A'), entry(4, BANK, '2026-03-04', -40, 'A')],
    { invoices: ['P1 40', 'P2 50'], receipts: ['BQ 3 2026-02-04 50', 'BQ 4 2026-03-04 40'], matches: ['BQ 3 2026-02-04>P2 50 2026-02-04', 'BQ 4 2026-03-04>P1 40 2026-03-04'] }],
  ['the same piece before the same amount', [entry(1, SALE, '2026-01-05', 50, 'A'), entry(2, SALE, '2026-01-06', 50, 'A'), entry(3, BANK, '2026-02-04', -50, 'A', { piece: 'P2' })],
    { invoices: ['P1 50', 'P2 50'], receipts: ['BQ 3 2026-02-04 50'], matches: ['BQ 3 2026-02-04>P2 50 2026-02-04'] }],
  ['a payment in advance settles on the day of issue', [entry(1, BANK, '2026-01-02', -100, 'A'), entry(2, SALE, '2026-01-05', 100, 'A')],
    { invoices: ['P2 100'], receipts: ['BQ 1 2026-01-02 100'], matches: ['BQ 1 2026-01-02>P2 100 2026-01-05'] }],
  ['what is not lettered is not matched', [entry(1, SALE, '2026-01-05', 100), entry(2, BANK, '2026-02-04', -100)],
    { invoices: ['P1 100'], receipts: ['BQ 2 2026-02-04 100'], matches: [] }],
  ['a credit note', [entry(1, SALE, '2026-01-05', 100, 'A'), entry(2, SALE, '2026-01-20', -30, 'A')],
    { invoices: ['P1 100', 'P2 -30'], receipts: [], matches: ['P2>P1 30 2026-01-20'] }],
  ['a credit note of the same piece has a number of its own', [entry(1, SALE, '2026-01-05', 100), entry(2, SALE, '2026-01-20', -30, null, { piece: 'P1' })],
    { invoices: ['P1 100', 'P1 (VE 2 2026-01-20) -30'], receipts: [], matches: [] }],
  ['a loss is written off as a credit note', [entry(1, SIDES.EXPENSE, '2026-01-20', -1)], { invoices: ['P1 -1'], receipts: [], matches: [] }],
  ['a set-off with another third party is a receipt', [entry(1, SIDES.THIRD_PARTY, '2026-01-20', -9)], { invoices: [], receipts: ['VE 1 2026-01-20 9'], matches: [] }],
  ['a credit with no other side, in a journal of sales', [entry(1, SIDES.SALES_JOURNAL, '2026-01-20', -9)], { invoices: ['P1 -9'], receipts: [], matches: [] }],
  ['a credit with no other side, in any other journal', [entry(1, 0, '2026-01-20', -9)], { invoices: [], receipts: ['VE 1 2026-01-20 9'], matches: [] }],
  ['a payment that came back is owed again, under no piece of an invoice',
    [entry(1, SALE, '2026-01-05', 100, 'A', { piece: 'F1' }), entry(2, BANK, '2026-02-04', -100, 'A', { piece: 'F1' }), entry(3, BANK, '2026-02-10', 100, null, { piece: 'F1' })],
    { invoices: ['F1 100', 'BQ 3 2026-02-10 100'], receipts: ['BQ 2 2026-02-04 100'], matches: ['BQ 2 2026-02-04>F1 100 2026-02-04'] }],
  ['several lines of one entry with one piece are one invoice', [entry(1, SALE, '2026-01-05', 100), entry(2, SALE, '2026-01-05', 20, null, { entry: '1', piece: 'P1' })],
    { invoices: ['P1 120'], receipts: [], matches: [] }],
  ['instalments of one entry are several', [entry(1, SALE, '2026-01-05', 50, null, { dueDay: '2026-02-01' }), entry(2, SALE, '2026-01-05', 50, null, { entry: '1', piece: 'P1', dueDay: '2026-03-01' })],
    { invoices: ['P1 50', 'P1 (VE 1 2026-01-05 #2) 50'], receipts: [], matches: [] }],
  ['two invoices of one piece', [entry(1, SALE, '2026-01-05', 50), entry(2, SALE, '2026-01-06', 70, null, { piece: 'P1' })],
    { invoices: ['P1 50', 'P1 (VE 2 2026-01-06) 70'], receipts: [], matches: [] }],
  ['a piece without a digit is no number', [entry(1, SALE, '2026-01-05', 50, null, { piece: 'sans' }), entry(2, SALE, '2026-01-06', 70, null, { piece: null })],
    { invoices: ['VE 1 2026-01-05 50', 'VE 2 2026-01-06 70'], receipts: [], matches: [] }],
  ['an entry of nothing', [entry(1, SALE, '2026-01-05', 0)], { invoices: [], receipts: [], matches: [] }],
  ['opening balances of a ledger without a past', [entry(1, OPENING, '2026-01-01', 50, 'A', { piece: 'RAN' }), entry(2, OPENING, '2026-01-01', -5, null, { piece: 'RAN' }), entry(3, BANK, '2026-01-09', -50, 'A')],
    { invoices: ['AN 1 2026-01-01 50'], receipts: ['AN 2 2026-01-01 5', 'BQ 3 2026-01-09 50'], matches: ['BQ 3 2026-01-09>AN 1 2026-01-01 50 2026-01-09'] }],
])('%s', (_, entries, expected) => {
  expect(brief(entries)).toEqual(expected);
});

test.each<[string, readonly AccountEntry[], readonly string[]]>([
  ['a letter is used again on another day', [
    entry(1, SALE, '2026-01-05', 100, 'A', { letterDay: '2026-01-31' }), entry(2, BANK, '2026-01-20', -100, 'A', { letterDay: '2026-01-31' }),
    // Without the days the second payment would settle what is left of the group before: nothing.
    entry(3, SALE, '2026-01-02', 70, 'A', { letterDay: '2026-02-28' }), entry(4, BANK, '2026-02-20', -70, 'A', { letterDay: '2026-02-28' }),
  ], ['BQ 2 2026-01-20>P1 100 2026-01-20', 'BQ 4 2026-02-20>P3 70 2026-02-20']],
  ['one letter set on two days', [entry(1, SALE, '2026-01-05', 100, 'A', { letterDay: '2026-01-31' }), entry(2, BANK, '2026-01-20', -40, 'A', { letterDay: '2026-01-31' }), entry(3, BANK, '2026-02-20', -60, 'A', { letterDay: '2026-02-28' })],
    ['BQ 2 2026-01-20>P1 40 2026-01-20', 'BQ 3 2026-02-20>P1 60 2026-02-20']],
  ['a letter of another case is another letter', [entry(1, SALE, '2026-01-05', 100, 'A'), entry(2, BANK, '2026-01-20', -100, 'a')], []],
])('%s', (_, entries, matches) => {
  expect(brief(entries).matches).toEqual(matches);
});

/** A ledger with two open invoices of last year, 30 and 70, and 5 paid in advance. */
const LAST_YEAR: KnownAccount = {
  hasPast: true,
  invoices: new Map([
    ['F1', { kind: 'INVOICE', issueDay: '2025-10-01', amountMinor: 30n, openMinor: 30n }],
    ['F2', { kind: 'INVOICE', issueDay: '2025-11-01', amountMinor: 100n, openMinor: 70n }],
    ['F0', { kind: 'INVOICE', issueDay: '2025-09-01', amountMinor: 10n, openMinor: 0n }],
  ]),
  receipts: new Map([['BQ 9 2025-12-01', { receivedOn: '2025-12-01', amountMinor: 25n, openMinor: 5n }]]),
};

test.each<[string, readonly AccountEntry[], object]>([
  ['one opening balance for all', [entry(1, OPENING, '2026-01-01', 95, null, { piece: 'RAN' })],
    { invoices: [], receipts: [], matches: [], referred: ['F1', 'F2'], openingDiffers: { line: 1, saidMinor: 95n, knownMinor: 95n } }],
  ['opening balances line by line', [
    entry(1, OPENING, '2026-01-01', 70, 'B', { piece: 'sans' }), entry(2, OPENING, '2026-01-01', 30, 'A', { piece: 'sans' }), entry(3, OPENING, '2026-01-01', -5, 'A', { piece: 'sans' }),
    entry(4, BANK, '2026-01-10', -70, 'B'), entry(5, BANK, '2026-01-11', -25, 'A'),
  ], {
    invoices: [], receipts: ['BQ 9 2025-12-01 25', 'BQ 4 2026-01-10 70', 'BQ 5 2026-01-11 25'],
    matches: ['BQ 4 2026-01-10>F2 70 2026-01-10', 'BQ 9 2025-12-01>F1 5 2025-12-01', 'BQ 5 2026-01-11>F1 25 2026-01-11'], referred: ['F2', 'F1'],
  }],
  ['opening balances by piece', [entry(1, OPENING, '2026-01-01', 30, 'A', { piece: 'F1' }), entry(2, OPENING, '2026-01-01', 70, null, { piece: 'F2' }), entry(3, BANK, '2026-01-10', -30, 'A')],
    { invoices: [], receipts: ['BQ 3 2026-01-10 30'], matches: ['BQ 3 2026-01-10>F1 30 2026-01-10'], referred: ['F1', 'F2'] }],
  ['an opening balance that differs', [entry(1, OPENING, '2026-01-01', 60, null, { piece: 'RAN' })],
    { invoices: [], receipts: [], matches: [], referred: ['F1', 'F2'], openingDiffers: { line: 1, saidMinor: 60n, knownMinor: 95n } }],
  ['a piece that last year had too, for another invoice', [entry(1, SALE, '2026-01-05', 33, null, { piece: 'F1' })], { invoices: ['F1 (VE 1 2026-01-05) 33'], receipts: [], matches: [] }],
  ['a piece that last year had too, for another invoice of the same amount', [entry(1, SALE, '2026-10-01', 30, null, { piece: 'F1' })], { invoices: ['F1 (VE 1 2026-10-01) 30'], receipts: [], matches: [] }],
  ['an invoice that the ledger has under its piece', [entry(1, SALE, '2025-10-02', 30, null, { piece: 'F1' })], { invoices: ['F1 30'], receipts: [], matches: [] }],
])('of a ledger with a past, %s', (_, entries, expected) => {
  const { openingDiffers, ...told } = brief(entries, LAST_YEAR) as { openingDiffers?: { saidMinor: bigint; knownMinor: bigint } };
  const { openingDiffers: differs, ...rest } = expected as { openingDiffers?: { saidMinor: bigint; knownMinor: bigint } };
  expect(told).toEqual(rest);
  // Where both say the same there is nothing to tell.
  expect(openingDiffers).toEqual(differs && differs.saidMinor !== differs.knownMinor ? differs : undefined);
});

test('books of two years: what the second opens with is what the first closed with', () => {
  const years = (balance: number) => [
    entry(1, SALE, '2025-03-01', 100, 'A', { piece: '1' }), entry(2, BANK, '2025-04-01', -100, 'A', { piece: null }), entry(3, SALE, '2025-05-01', 60, null, { piece: '2' }), entry(4, BANK, '2025-06-01', -7, null, { piece: null }),
    entry(5, OPENING, '2026-01-01', balance, 'A', { piece: 'RAN' }), entry(6, BANK, '2026-02-01', -20, 'A', { piece: null }), entry(7, SALE, '2026-03-01', 100, null, { piece: '1' }),
  ];
  expect(brief(years(53))).toEqual({
    invoices: ['1 100', '2 60', '1 (VE 7 2026-03-01) 100'], receipts: ['BQ 2 2025-04-01 100', 'BQ 4 2025-06-01 7', 'BQ 6 2026-02-01 20'],
    matches: ['BQ 2 2025-04-01>1 100 2025-04-01', 'BQ 6 2026-02-01>2 20 2026-02-01'],
  });
  expect(brief(years(54))).toMatchObject({ openingDiffers: { line: 5, saidMinor: 54n, knownMinor: 53n } });
});

test('debits less credits are what is outstanding less what is unapplied, whatever the entries', () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 300; round += 1) {
    const entries = Array.from({ length: 1 + random(30) }, (_, index) =>
      entry(index + 1, random(512) & ~(SIDES.OPENING_JOURNAL | SIDES.EQUITY), `2026-0${1 + random(9)}-1${random(10)}`, random(9) * (random(2) === 0 ? 1 : -1), random(3) === 0 ? null : 'ABC'[random(3)]!, { piece: random(4) === 0 ? null : `P${random(6)}`, letterDay: random(3) === 0 ? null : `2026-1${random(3)}-01`, entry: String(random(12)) }),
    );
    const { invoices, receipts, matches } = readAccount(entries, NOTHING_KNOWN);
    const of = (kind: string): bigint => invoices.reduce((sum, invoice) => sum + (invoice.kind === kind ? invoice.amountMinor : 0n), 0n);
    const said = entries.reduce((sum, { minor }) => sum + minor, 0n);
    expect(of('INVOICE') - of('CREDIT_NOTE') - receipts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)).toBe(said);
    // Every document has a name of its own, and none is matched beyond its amount.
    const left = new Map<string, bigint>([...invoices.map(({ number, amountMinor }) => [`i ${number}`, amountMinor] as const), ...receipts.map(({ reference, amountMinor }) => [`r ${reference}`, amountMinor] as const)]);
    expect(left.size).toBe(invoices.length + receipts.length);
    for (const { invoiceNumber, receiptReference, creditNoteNumber, amountMinor } of matches) {
      for (const name of [`i ${invoiceNumber}`, receiptReference === null ? `i ${creditNoteNumber}` : `r ${receiptReference}`]) left.set(name, left.get(name)! - amountMinor);
    }
    expect([...left.values()].filter((minor) => minor < 0n)).toEqual([]);
  }
});

// A firm that keeps all of its customers on one account has all of its books there: more than a call takes arguments.
test('an account has hundreds of thousands of entries, all of one letter', () => {
  const count = 130_000;
  const entries = Array.from({ length: 2 * count }, (_, index) => (index < count ? entry(index, SALE, '2026-01-05', 100, 'A') : entry(index, BANK, '2026-02-04', -100, 'A')));
  const { invoices, receipts, matches } = readAccount(entries, NOTHING_KNOWN);
  expect([invoices.length, receipts.length, matches.length]).toEqual([count, count, count]);
});

import { expect, test } from '@jest/globals';
import { readXml } from '../xml/read-xml.js';
import { childrenOf, type XmlElement } from '../xml/xml-element.js';
import { parseExact } from './exact-decimal.js';
import { readEntry } from './read-entry.js';
import { reconcile, type Balance } from './statement.js';
import { readTransaction } from './transaction.js';

const balance = (code: string, amount: string, currency = 'EUR'): Balance => ({ code, currency, exact: amount.startsWith('-') ? -parseExact(amount.slice(1))! : parseExact(amount) });

/** Holds balances to entries that move so much in euros. */
function verdict(balances: readonly Balance[], moved: string, more: { paged?: boolean; unreadableLine?: number; other?: string } = {}): string {
  const movements = new Map([['EUR', balance('', moved).exact!]]);
  if (more.other) movements.set(more.other, 0n);
  const found = reconcile({ balances, movements, paged: more.paged ?? false, unreadableLine: more.unreadableLine });
  return found.verdict === 'REFUSED' ? (found.difference ?? found.reason) : found.verdict;
}

test.each<readonly [string, readonly Balance[], string, string, Parameters<typeof verdict>[2]?]>([
  ['opening and closing', [balance('OPBD', '10'), balance('CLBD', '12.50')], '2.5', 'RECONCILED'],
  ['the closing balance of the day before', [balance('PRCD', '10'), balance('CLBD', '12.50')], '2.5', 'RECONCILED'],
  ['both: the opening balance counts', [balance('PRCD', '9'), balance('OPBD', '10'), balance('CLBD', '12.50')], '2.5', 'RECONCILED'],
  ['an overdraft', [balance('OPBD', '-10'), balance('CLBD', '-12.50')], '-2.5', 'RECONCILED'],
  // A five-digit difference is none to be rounded away.
  ['the last digit', [balance('OPBD', '10'), balance('CLBD', '12.50001')], '2.5', '0.00001 EUR'],
  ['too little', [balance('OPBD', '10'), balance('CLBD', '12')], '2.5', '-0.50 EUR'],
  ['no entry', [balance('OPBD', '10'), balance('CLBD', '10')], '0', 'RECONCILED'],
  ['no closing balance', [balance('OPBD', '10')], '2.5', 'OPEN'],
  ['no balance', [balance('CLAV', '10')], '2.5', 'OPEN'],
  ['the first page', [balance('OPBD', '10'), balance('ITBD', '12.50')], '2.5', 'RECONCILED', { paged: true }],
  ['the last page', [balance('ITBD', '10'), balance('CLBD', '12.50')], '2.5', 'RECONCILED', { paged: true }],
  ['a page between', [balance('ITBD', '10'), balance('ITBD', '12.50')], '2.5', 'RECONCILED', { paged: true }],
  ['an interim balance of no page', [balance('ITBD', '10'), balance('CLBD', '99')], '2.5', 'OPEN'],
  ['two currencies', [balance('OPBD', '10'), balance('CLBD', '12.50', 'SEK')], '2.5', 'its opening balance is in EUR and its closing balance in SEK'],
  ['an entry in another currency', [balance('OPBD', '10'), balance('CLBD', '12.50')], '2.5', 'its balances are in EUR and an entry in SEK', { other: 'SEK' }],
  ['a balance that cannot be read', [{ code: 'OPBD', currency: 'EUR', exact: undefined }, balance('CLBD', '12.50')], '2.5', 'its opening balance is no plain decimal'],
  ['an entry that cannot be read', [balance('OPBD', '10'), balance('CLBD', '12.50')], '2.5', 'the amount of its entry of line 7 cannot be read, so that it cannot be added up', { unreadableLine: 7 }],
])('a statement with %s', (...[, balances, moved, outcome, more]) => {
  expect(verdict(balances, moved, more)).toBe(outcome);
});

async function xml(text: string): Promise<XmlElement> {
  return readXml((async function* () { yield Buffer.from(text); })(), 'utf-8', { bytes: 1e6, elements: 1e4, milliseconds: 1e4 });
}

/** What an entry of these insides comes to: credits as amount, day and reference, refusals as their code. */
async function read(inside: string): Promise<readonly string[]> {
  const entry = await xml(`<Ntry>${inside}</Ntry>`);
  const transactions = [entry, ...childrenOf(entry, 'NtryDtls')].flatMap((at) => childrenOf(at, 'TxDtls')).map(readTransaction);
  const { rows } = readEntry({ line: 1, account: 'ACC', fields: entry.children.filter(({ name }) => name !== 'TxDtls'), transactions });
  return rows.map((row) => ('rejections' in row ? row.rejections.map(({ code }) => code).join() : `${row.amountMinor} ${row.currency} ${row.bookedOn}${row.returned ? ' returned' : ''}`));
}

const head = '<Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>';
const day = '<BookgDt><Dt>2026-03-02</Dt></BookgDt>';

test.each<readonly [string, string, readonly string[]]>([
  ['a day', head + day, ['1000 EUR 2026-03-02']],
  ['a time of it, as written', `${head}<BookgDt><DtTm>2026-03-02T23:30:00-05:00</DtTm></BookgDt>`, ['1000 EUR 2026-03-02']],
  ['a day with a zone', `${head}<BookgDt><Dt>2026-03-02+01:00</Dt></BookgDt>`, ['1000 EUR 2026-03-02']],
  ['only a day of value', `${head}<ValDt><Dt>2026-03-05</Dt></ValDt>`, ['1000 EUR 2026-03-05']],
  ['no day', head, ['VALUE_MISSING']],
  ['a day that is none', `${head}<BookgDt><Dt>2026-02-30</Dt></BookgDt>`, ['DATE_UNREADABLE']],
  ['a day beyond the ledger', `${head}<BookgDt><Dt>2200-01-01</Dt></BookgDt>`, ['DATE_UNREADABLE']],
  ['a status of version 8', head.replace('BOOK', '<Cd>BOOK</Cd>') + day, ['1000 EUR 2026-03-02']],
  ['a pending status', head.replace('BOOK', 'PDNG') + day, []],
  ['no amount', '<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>', ['VALUE_MISSING']],
  ['no side', '<Amt Ccy="EUR">1</Amt><Sts>BOOK</Sts>', ['VALUE_MISSING']],
  ['zeros beyond the currency', head.replace('10.00', '10.00000') + day, ['1000 EUR 2026-03-02']],
  ['digits beyond the currency', head.replace('10.00', '10.00001') + day, ['AMOUNT_TOO_PRECISE']],
  ['a currency without digits', head.replace('"EUR">10.00', '"JPY">10') + day, ['10 JPY 2026-03-02']],
  ['a currency of nobody', head.replace('EUR', 'EUX') + day, ['CURRENCY_UNKNOWN']],
  ['no currency', head.replace(' Ccy="EUR"', '') + day, ['CURRENCY_UNKNOWN']],
  ['nothing', head.replace('10.00', '0') + day, ['AMOUNT_ZERO']],
  ['less than nothing', head.replace('10.00', '-1') + day, ['AMOUNT_NEGATIVE']],
  ['an amount that is none', head.replace('10.00', 'ten') + day, ['AMOUNT_UNREADABLE']],
  ['more than a ledger holds', head.replace('10.00', '99999999999999.00') + day, ['AMOUNT_TOO_LARGE']],
  ['one transaction of another amount: what was booked counts', `${head + day}<NtryDtls><TxDtls><Amt Ccy="SEK">0</Amt></TxDtls></NtryDtls>`, ['1000 EUR 2026-03-02']],
  ['two of its own', `${head + day}<NtryDtls><TxDtls><Amt Ccy="EUR">4</Amt></TxDtls><TxDtls><Amt Ccy="EUR">6</Amt></TxDtls></NtryDtls>`, ['400 EUR 2026-03-02', '600 EUR 2026-03-02']],
  ['two in the words of version 2', `${head + day}<NtryDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">4</Amt></TxAmt></AmtDtls></TxDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy="EUR">6</Amt></InstdAmt></AmtDtls></TxDtls></NtryDtls>`, ['400 EUR 2026-03-02', '600 EUR 2026-03-02']],
  ['two in the place of version 1', `${head + day}<TxDtls><Amt Ccy="EUR">4</Amt></TxDtls><TxDtls><Amt Ccy="EUR">6</Amt></TxDtls>`, ['400 EUR 2026-03-02', '600 EUR 2026-03-02']],
  ['a debit among them', `${head + day}<NtryDtls><TxDtls><Amt Ccy="EUR">12</Amt></TxDtls><TxDtls><Amt Ccy="EUR">2</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls>`, ['1200 EUR 2026-03-02']],
  ['two that do not add up', `${head + day}<NtryDtls><TxDtls><Amt Ccy="EUR">4</Amt></TxDtls><TxDtls><Amt Ccy="EUR">5</Amt></TxDtls></NtryDtls>`, ['BATCH_DIFFERS']],
  ['two before charges', `${head.replace('10.00', '9.50') + day}<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">0.50</TtlChrgsAndTaxAmt></Chrgs><NtryDtls><TxDtls><Amt Ccy="EUR">4</Amt></TxDtls><TxDtls><Amt Ccy="EUR">6</Amt></TxDtls></NtryDtls>`, ['400 EUR 2026-03-02', '600 EUR 2026-03-02']],
  ['two before charges of version 2', `${head.replace('10.00', '9.50') + day}<Chrgs><Amt Ccy="EUR">0.30</Amt></Chrgs><Chrgs><Amt Ccy="EUR">0.20</Amt></Chrgs><NtryDtls><TxDtls><Amt Ccy="EUR">4</Amt></TxDtls><TxDtls><Amt Ccy="EUR">6</Amt></TxDtls></NtryDtls>`, ['400 EUR 2026-03-02', '600 EUR 2026-03-02']],
  ['two without amounts: one credit of nobody', `${head + day}<NtryDtls><TxDtls/><TxDtls/></NtryDtls>`, ['1000 EUR 2026-03-02']],
  ['a debit taken back', `${head + day}<RvslInd>true</RvslInd>`, ['1000 EUR 2026-03-02 returned']],
  ['a credit taken back', `${head.replace('CRDT', 'DBIT') + day}<RvslInd>true</RvslInd>`, ['CREDIT_TAKEN_BACK']],
  ['a direct debit sent back', `${head.replace('CRDT', 'DBIT') + day}<NtryDtls><TxDtls><RtrInf/></TxDtls></NtryDtls>`, ['CREDIT_TAKEN_BACK']],
  ['a debit', head.replace('CRDT', 'DBIT') + day, []],
])('an entry with %s', async (_, inside, outcome) => {
  expect(await read(inside)).toEqual(outcome);
});

test('a transaction tells who paid, from where and what for, in the words of every version', async () => {
  const inside = (dbtr: string): string => `<TxDtls><Refs><AcctSvcrRef>NONREF</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId><TxId>T1</TxId></Refs><RltdPties><Dbtr>${dbtr}</Dbtr><DbtrAcct><Id><IBAN>de89 3704 0044 0532 0130 00</IBAN></Id></DbtrAcct><UltmtDbtr><Nm>Real  Payer</Nm></UltmtDbtr></RltdPties>
    <RmtInf><Ustrd>first
    line</Ustrd><Ustrd>second</Ustrd><Strd><RfrdDocInf><Nb>FA-2</Nb></RfrdDocInf><CdtrRefInf><Ref>RF40 1001</Ref></CdtrRefInf><AddtlRmtInf>more</AddtlRmtInf></Strd></RmtInf></TxDtls>`;
  const party = '<Nm>Bank Name</Nm><Id><OrgId><LEI>529900T8BM49AURSDO55</LEI><Othr><Id>732 829 320</Id><SchmeNm><Cd>SREN</Cd></SchmeNm></Othr><Othr><Id>732829320</Id></Othr><Othr><Id>FR44732829320</Id></Othr></OrgId></Id>';
  for (const dbtr of [party, `<Pty>${party}</Pty>`]) {
    expect(readTransaction(await xml(inside(dbtr)))).toMatchObject({
      bankReference: undefined, otherReferences: ['T1'], payerAccount: 'DE89370400440532013000', references: ['RF40 1001', 'FA-2'], remittance: 'first line second more', returned: false,
      payers: [{ name: 'Real  Payer', units: [] }, { name: 'Bank Name', units: ['LEI:529900T8BM49AURSDO55', 'SIREN:732829320'] }],
    });
  }
});

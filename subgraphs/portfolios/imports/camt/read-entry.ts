import { createHash } from 'node:crypto';
import { parseDay } from '../../../../src/values/day.js';
import { isCurrency, parseMinor } from '../../../../src/values/money.js';
import { parseLabel } from '../../ledger/label.js';
import { parseAmount } from '../parse-amount.js';
import { REJECTION_CODES, showValue, type Rejection, type RejectionCode } from '../rejection.js';
import { childrenOf, elementAt, textAt, type XmlElement } from '../xml/xml-element.js';
import { formatExact, parseExact } from './exact-decimal.js';
import type { Movement } from './statement.js';
import { given, tidy, toWrittenAmount, type Transaction, type WrittenAmount } from './transaction.js';

/** Money that came in, as the statement tells it. */
export interface Credit {
  readonly line: number;
  /** Tells it from the other credits of the account, whichever statement tells of it; two that share it differ by their order. */
  readonly reference: string;
  readonly bookedOn: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  /** `undefined`: of several payments, or of none, nobody can say what belongs to whom. */
  readonly transaction: Transaction | undefined;
  /** Money of the firm's own that came back: no customer paid it. */
  readonly returned: boolean;
}

/** An entry that is not taken, or a part of it. */
export interface RefusedCredit {
  readonly line: number;
  readonly rejections: readonly Rejection[];
}

export interface Entry {
  /** Null when it is not booked, and moves nothing. */
  readonly movement: Movement | null | undefined;
  readonly rows: readonly (Credit | RefusedCredit)[];
}

/** An entry as it lies in the file: its own elements without its transactions, and these. */
export interface WrittenEntry {
  readonly line: number;
  readonly account: string;
  readonly fields: readonly XmlElement[];
  readonly transactions: readonly Transaction[];
}

/**
 * Reads an entry of a statement. Only booked ones count. Each transaction of a booked credit is a credit of its own, of an
 * amount that must add up to the entry's (before the bank's charges); a single one is worth what was booked, whatever was
 * instructed or exchanged. A debit moves the balance and is nothing more, unless it takes a credit back: that is refused by
 * name, for the receipt stands in the ledger.
 */
export function readEntry({ line, account, fields, transactions }: WrittenEntry): Entry {
  const entry: XmlElement = { name: 'Ntry', namespace: '', attributes: new Map(), children: fields, text: '', line };
  if (!isBooked(entry)) return { movement: null, rows: [] };
  const refuse = (code: RejectionCode, column: string, value?: string, at = line): RefusedCredit => refuseAt(at, code, column, value);

  const element = elementAt(entry, 'Amt');
  const indicator = textAt(entry, 'CdtDbtInd');
  if (!element || (indicator !== 'CRDT' && indicator !== 'DBIT')) return { movement: undefined, rows: [refuse('VALUE_MISSING', element ? 'Ntry/CdtDbtInd' : 'Ntry/Amt', indicator)] };
  const amount = toWrittenAmount(element);
  const exact = parseExact(amount.text);
  const movement = exact === undefined ? undefined : { currency: amount.currency, exact: indicator === 'CRDT' ? exact : -exact };
  const reversed = ['true', '1'].includes(textAt(entry, 'RvslInd') ?? '');
  const returned = transactions.length > 0 && transactions.every((transaction) => transaction.returned);
  if (indicator === 'DBIT') {
    const takesBack = reversed || returned;
    return { movement, rows: takesBack ? [refuse('CREDIT_TAKEN_BACK', 'Ntry', `${amount.text} ${amount.currency}`)] : exact === undefined ? [refuse('AMOUNT_UNREADABLE', 'Ntry/Amt', amount.text)] : [] };
  }
  if (!isCurrency(amount.currency)) return { movement, rows: [refuse('CURRENCY_UNKNOWN', 'Ntry/Amt/@Ccy', amount.currency)] };
  const day = readBookingDay(entry);
  if (day.bookedOn === undefined) return { movement, rows: [refuse(day.text === undefined ? 'VALUE_MISSING' : 'DATE_UNREADABLE', 'Ntry/BookgDt', day.text)] };
  const { bookedOn } = day;

  const bankReference = given(textAt(entry, 'AcctSvcrRef'));
  const take = (written: WrittenAmount, at: number, column: string, transaction: Transaction | undefined): Credit | RefusedCredit => {
    const minor = minorOf(written);
    if (typeof minor !== 'bigint') return refuse(minor, column, written.text, at);
    const reference = referenceOf(account, bookedOn, transaction?.bankReference ?? bankReference, { written: { ...written, text: minor.toString() }, transaction });
    return { line: at, reference, bookedOn, currency: written.currency, amountMinor: minor, transaction, returned: reversed || (transaction?.returned ?? false) };
  };
  const described = describe(entry, transactions);
  const parts = described.length > 1 ? partsOf(described, amount.currency) : undefined;
  if (!parts) return { movement, rows: [take(amount, line, 'Ntry/Amt', described.length > 1 ? undefined : described[0])] };
  const sum = parts.reduce((total, { signed }) => total + signed, 0n);
  if (exact === undefined || (sum !== exact && sum - chargesOf(entry, amount.currency) !== exact)) {
    return { movement, rows: [refuse('BATCH_DIFFERS', 'Ntry/Amt', exact === undefined ? amount.text : `${formatExact(sum - exact, amount.currency)} ${amount.currency}`)] };
  }
  return { movement, rows: parts.filter(({ signed }) => signed >= 0n).map(({ transaction, written }) => take(written, transaction.line, 'TxDtls/Amt', transaction)) };
}

function refuseAt(line: number, code: RejectionCode, column: string, value: string | undefined): RefusedCredit {
  return { line, rejections: [{ line, column, value: value === undefined ? null : showValue(value), code, message: `The row is not taken: ${REJECTION_CODES[code]}.` }] };
}

/** Until version 7 the status is the text of `Sts`, from then on that of its `Cd`. */
function isBooked(entry: XmlElement): boolean {
  const status = elementAt(entry, 'Sts');
  return (textAt(status, 'Cd') ?? textAt(status, 'Prtry') ?? status?.text) === 'BOOK';
}

/** The day of booking, else of value, as the bank writes it: a time has no say in which day it was. */
function readBookingDay(entry: XmlElement): { readonly text: string | undefined; readonly bookedOn: string | undefined } {
  const text = ['BookgDt', 'ValDt'].flatMap((name) => textAt(entry, name, 'Dt') ?? textAt(entry, name, 'DtTm') ?? []).at(0);
  const written = /^(\d{4}-\d{2}-\d{2})(?:$|[TZ+-])/.exec(text ?? '')?.[1];
  return { text, bookedOn: written === undefined ? undefined : parseDay(written)?.toString() };
}

function minorOf({ text, currency }: WrittenAmount): bigint | RejectionCode {
  const minor = parseMinor(text, currency);
  if (minor === undefined) {
    const code = parseAmount(text, currency);
    return typeof code === 'bigint' ? 'AMOUNT_UNREADABLE' : code;
  }
  return minor > 0n ? minor : minor === 0n ? 'AMOUNT_ZERO' : 'AMOUNT_NEGATIVE';
}

/** Some banks tell of a payment without a word about the remittance but in the entry itself. */
function describe(entry: XmlElement, transactions: readonly Transaction[]): readonly Transaction[] {
  const text = tidy(textAt(entry, 'AddtlNtryInf') ?? '');
  if (text === '' || transactions.length > 1) return transactions;
  const [only] = transactions;
  if (only) return only.remittance === '' && only.references.length === 0 ? [{ ...only, remittance: text }] : transactions;
  // A batch without its payments is several payers' money.
  const isBatch = elementAt(entry, 'NtryDtls') !== undefined || childrenOf(entry, 'Btch').length > 0;
  const nothing = { line: entry.line, amounts: [], indicator: undefined, bankReference: undefined, otherReferences: [], payers: [], payerAccount: undefined, references: [], returned: false };
  return isBatch ? [] : [{ ...nothing, remittance: text }];
}

interface Part {
  readonly transaction: Transaction;
  readonly written: WrittenAmount;
  /** In billionths. */
  readonly signed: bigint;
}

/** What each transaction of a batch amounts to; `undefined` when one of them does not say so in the entry's currency. */
function partsOf(transactions: readonly Transaction[], currency: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (const transaction of transactions) {
    const written = transaction.amounts.find((amount) => amount.currency === currency);
    const exact = written && parseExact(written.text);
    if (!written || exact === undefined) return undefined;
    parts.push({ transaction, written, signed: transaction.indicator === 'DBIT' ? -exact : exact });
  }
  return parts;
}

/** What the bank took off before it booked, in billionths. */
function chargesOf(entry: XmlElement, currency: string): bigint {
  const exactOf = (element: XmlElement | undefined): bigint => (element?.attributes.get('Ccy') === currency ? (parseExact(element.text) ?? 0n) : 0n);
  let sum = 0n;
  for (const charges of childrenOf(entry, 'Chrgs')) {
    const total = elementAt(charges, 'TtlChrgsAndTaxAmt');
    if (total) sum += exactOf(total);
    else for (const record of [charges, ...childrenOf(charges, 'Rcrd')]) sum += textAt(record, 'CdtDbtInd') === 'CRDT' ? -exactOf(elementAt(record, 'Amt')) : exactOf(elementAt(record, 'Amt'));
  }
  return sum;
}

/**
 * The bank's own reference, with its account and day. Without one it is what the payment says of itself: another statement
 * of the same day says the same, though it numbers its entries anew.
 */
function referenceOf(account: string, bookedOn: string, bankReference: string | undefined, { written, transaction }: { readonly written: WrittenAmount; readonly transaction: Transaction | undefined }): string {
  const label = bankReference === undefined ? undefined : parseLabel(tidy(`${account} ${bookedOn} ${bankReference}`));
  if (label !== undefined && label.length <= LONGEST_REFERENCE) return label;
  const said = JSON.stringify([
    bankReference, written.text, written.currency, transaction?.otherReferences, transaction?.payers.map(({ name }) => name), transaction?.payerAccount, transaction?.references, transaction?.remittance,
  ]);
  return `${account} ${bookedOn} ~${createHash('sha256').update(said).digest('base64url').slice(0, 22)}`;
}

/** Room for a number behind it, of those that share it. */
const LONGEST_REFERENCE = 190;

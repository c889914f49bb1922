import { childrenOf, elementAt, textAt, type XmlElement } from '../xml/xml-element.js';
import { readPayer, type Payer } from './payer.js';

/** An amount as a file writes it. */
export interface WrittenAmount {
  readonly text: string;
  readonly currency: string;
}

/** One payment within an entry: a transfer, or one of a batch. */
export interface Transaction {
  readonly line: number;
  /** What it is said to amount to, the bank's own word first. */
  readonly amounts: readonly WrittenAmount[];
  /** CRDT or DBIT; `undefined`: as its entry. */
  readonly indicator: string | undefined;
  readonly bankReference: string | undefined;
  /** What the payer, the bank or the network call it; together they tell one payment from the next. */
  readonly otherReferences: readonly string[];
  /** The ultimate debtor first. */
  readonly payers: readonly Payer[];
  readonly payerAccount: string | undefined;
  /** Structured references and numbers of documents, in the order written. */
  readonly references: readonly string[];
  /** What the payer wrote, its lines joined by spaces. */
  readonly remittance: string;
  /** A payment that came back. */
  readonly returned: boolean;
}

/** More of a remittance than this says nothing more. */
const LONGEST_REMITTANCE = 2_000;

/** More structured references than these are not one payment's. */
const MOST_REFERENCES = 500;

/** Reads a `TxDtls`. */
export function readTransaction(details: XmlElement): Transaction {
  const references = elementAt(details, 'Refs');
  const parties = elementAt(details, 'RltdPties');
  const remittance = elementAt(details, 'RmtInf');
  const structured = childrenOf(remittance, 'Strd');
  const written = [...childrenOf(remittance, 'Ustrd').map(({ text }) => text), ...structured.flatMap((strd) => childrenOf(strd, 'AddtlRmtInf').map(({ text }) => text))];
  const account = elementAt(parties, 'DbtrAcct', 'Id');
  return {
    line: details.line,
    amounts: [elementAt(details, 'Amt'), ...['TxAmt', 'InstdAmt', 'CntrValAmt'].map((name) => elementAt(details, 'AmtDtls', name, 'Amt'))].flatMap((amount) => (amount ? [toWrittenAmount(amount)] : [])),
    indicator: textAt(details, 'CdtDbtInd'),
    bankReference: given(textAt(references, 'AcctSvcrRef')),
    otherReferences: ['EndToEndId', 'TxId', 'UETR', 'InstrId', 'MndtId', 'PmtInfId'].flatMap((name) => given(textAt(references, name)) ?? []),
    payers: [elementAt(parties, 'UltmtDbtr'), elementAt(parties, 'Dbtr')].flatMap((party) => readPayer(party) ?? []),
    payerAccount: textAt(account, 'IBAN')?.replaceAll(' ', '').toUpperCase() ?? textAt(account, 'Othr', 'Id'),
    references: structured.flatMap((strd) => [
      ...(textAt(strd, 'CdtrRefInf', 'Ref') ?? textAt(strd, 'CdtrRefInf', 'CdtrRef') ? [(textAt(strd, 'CdtrRefInf', 'Ref') ?? textAt(strd, 'CdtrRefInf', 'CdtrRef'))!] : []),
      ...childrenOf(strd, 'RfrdDocInf').flatMap((document) => textAt(document, 'Nb') ?? textAt(document, 'RfrdDocNb') ?? []),
    ]).slice(0, MOST_REFERENCES),
    remittance: tidy(written.length > 0 ? written.join(' ') : (textAt(details, 'AddtlTxInf') ?? '')),
    returned: elementAt(details, 'RtrInf') !== undefined,
  };
}

export function toWrittenAmount(amount: XmlElement): WrittenAmount {
  return { text: amount.text, currency: amount.attributes.get('Ccy') ?? '' };
}

/** A text in one line, without control characters, and not without end. */
export function tidy(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim().slice(0, LONGEST_REMITTANCE).toWellFormed();
}

/** Banks write that there is no reference where the form wants one. */
export function given(reference: string | undefined): string | undefined {
  return reference !== undefined && /^(?:NONREF|NOTPROVIDED|NOT PROVIDED|N\/?A|NONE|-|0+)$/i.test(reference) ? undefined : reference;
}

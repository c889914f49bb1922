import { childrenOf, elementAt, type XmlElement } from '../xml/xml-element.js';
import { latestOf, statedAt, statedBy, type Stated, type StatedBuyer, type StatedInvoice, type StatedParty } from './stated-invoice.js';

/** Whether this is the root of an invoice in UN/CEFACT CII, which Factur-X and ZUGFeRD 2 embed too. */
export function isCii({ name, namespace }: XmlElement): boolean {
  return name === 'CrossIndustryInvoice' && namespace === 'urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100';
}

const SETTLEMENT = ['SupplyChainTradeTransaction', 'ApplicableHeaderTradeSettlement'];
const TOTALS = [...SETTLEMENT, 'SpecifiedTradeSettlementHeaderMonetarySummation'];
const SELLER = ['SupplyChainTradeTransaction', 'ApplicableHeaderTradeAgreement', 'SellerTradeParty'];
const BUYER = ['SupplyChainTradeTransaction', 'ApplicableHeaderTradeAgreement', 'BuyerTradeParty'];
const TERMS = [...SETTLEMENT, 'SpecifiedTradePaymentTerms'];

/** What an invoice in CII says (EN 16931-3-3). Credit notes are told by their type alone. */
export function invoiceOfCii(root: XmlElement): StatedInvoice {
  const at = (...path: readonly string[]): Stated => statedAt(root, [], ...path);
  const due = childrenOf(elementAt(root, ...SETTLEMENT), 'SpecifiedTradePaymentTerms').filter((terms) => elementAt(terms, 'DueDateDateTime'));
  return {
    line: root.line,
    isCreditNote: false,
    number: at('ExchangedDocument', 'ID'),
    type: at('ExchangedDocument', 'TypeCode'),
    issueDate: dayAt(root, [], 'ExchangedDocument', 'IssueDateTime'),
    dueDate: latestOf(due.map((terms) => dayAt(terms, TERMS, 'DueDateDateTime'))) ?? at(...TERMS, 'DueDateDateTime', 'DateTimeString'),
    currency: at(...SETTLEMENT, 'InvoiceCurrencyCode'),
    total: at(...TOTALS, 'GrandTotalAmount'),
    prepaid: at(...TOTALS, 'TotalPrepaidAmount'),
    rounding: at(...TOTALS, 'RoundingAmount'),
    payable: at(...TOTALS, 'DuePayableAmount'),
    seller: partyOf(root, SELLER),
    buyer: buyerOf(root),
  };
}

function buyerOf(root: XmlElement): StatedBuyer {
  const at = (...path: readonly string[]): Stated => statedAt(root, [], ...BUYER, ...path);
  return {
    ...partyOf(root, BUYER),
    name: at('Name'),
    tradingName: at('SpecifiedLegalOrganization', 'TradingBusinessName'),
    country: at('PostalTradeAddress', 'CountryID'),
  };
}

function partyOf(root: XmlElement, path: readonly string[]): StatedParty {
  const at = (...below: readonly string[]): Stated => statedAt(root, [], ...path, ...below);
  const party = elementAt(root, ...path);
  const taxes = childrenOf(party, 'SpecifiedTaxRegistration').map((element) => statedAt(element, [...path, 'SpecifiedTaxRegistration'], 'ID'));
  return {
    identifiers: ['ID', 'GlobalID'].flatMap((name) => childrenOf(party, name).map((element) => statedBy(element, [...path, name].join('/')))),
    legal: at('SpecifiedLegalOrganization', 'ID'),
    vat: taxes.find(({ qualifier }) => qualifier === 'VA') ?? { text: '', qualifier: undefined, line: root.line, column: [...path, 'SpecifiedTaxRegistration', 'ID'].join('/') },
    endpoint: at('URIUniversalCommunication', 'URIID'),
  };
}

/** A day in format 102 of UNTDID 2379, `yyyyMMdd`, or an instant of XML Schema. */
function dayAt(from: XmlElement, at: readonly string[], ...path: readonly string[]): Stated {
  if (elementAt(from, ...path, 'DateTime')) {
    const instant = statedAt(from, at, ...path, 'DateTime');
    return { ...instant, text: instant.text.replace(/^(\d{4}-\d\d-\d\d)T.*$/, '$1') };
  }
  const day = statedAt(from, at, ...path, 'DateTimeString');
  return (day.qualifier ?? '102') === '102' ? { ...day, text: day.text.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3') } : day;
}

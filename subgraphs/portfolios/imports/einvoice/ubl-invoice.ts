import { childrenOf, elementAt, type XmlElement } from '../xml/xml-element.js';
import { latestOf, statedAt, statedBy, type Stated, type StatedBuyer, type StatedInvoice, type StatedParty } from './stated-invoice.js';

const UBL = 'urn:oasis:names:specification:ubl:schema:xsd';

/** Whether this is the root of an invoice or a credit note in UBL 2. */
export function isUbl({ name, namespace }: XmlElement): boolean {
  return (name === 'Invoice' || name === 'CreditNote') && namespace === `${UBL}:${name}-2`;
}

/** What an invoice or a credit note in UBL says (EN 16931-3-2). */
export function invoiceOfUbl(root: XmlElement): StatedInvoice {
  const at = (...path: readonly string[]): Stated => statedAt(root, [], ...path);
  const isCreditNote = root.name === 'CreditNote';
  const due = [
    ...childrenOf(root, 'DueDate').map((element) => statedBy(element, 'DueDate')),
    ...['PaymentMeans', 'PaymentTerms'].flatMap((parent) => childrenOf(root, parent).flatMap((element) => childrenOf(element, 'PaymentDueDate').map((date) => statedBy(date, `${parent}/PaymentDueDate`)))),
  ].map(toDay);
  return {
    line: root.line,
    isCreditNote,
    number: at('ID'),
    type: at(isCreditNote ? 'CreditNoteTypeCode' : 'InvoiceTypeCode'),
    issueDate: toDay(at('IssueDate')),
    dueDate: latestOf(due) ?? at('DueDate'),
    currency: at('DocumentCurrencyCode'),
    total: at('LegalMonetaryTotal', 'TaxInclusiveAmount'),
    prepaid: at('LegalMonetaryTotal', 'PrepaidAmount'),
    rounding: at('LegalMonetaryTotal', 'PayableRoundingAmount'),
    payable: at('LegalMonetaryTotal', 'PayableAmount'),
    seller: partyOf(root, 'AccountingSupplierParty'),
    buyer: buyerOf(root),
  };
}

function buyerOf(root: XmlElement): StatedBuyer {
  const at = (...below: readonly string[]): Stated => statedAt(root, [], 'AccountingCustomerParty', 'Party', ...below);
  return {
    ...partyOf(root, 'AccountingCustomerParty'),
    name: at('PartyLegalEntity', 'RegistrationName'),
    tradingName: at('PartyName', 'Name'),
    country: at('PostalAddress', 'Country', 'IdentificationCode'),
  };
}

function partyOf(root: XmlElement, side: 'AccountingCustomerParty' | 'AccountingSupplierParty'): StatedParty {
  const path = [side, 'Party'];
  const at = (...below: readonly string[]): Stated => statedAt(root, [], ...path, ...below);
  const party = elementAt(root, ...path);
  const identifiers = childrenOf(party, 'PartyIdentification').map((element) => statedAt(element, [...path, 'PartyIdentification'], 'ID'));
  const taxes = childrenOf(party, 'PartyTaxScheme').filter((element) => elementAt(element, 'TaxScheme', 'ID')?.text === 'VAT');
  return {
    identifiers: identifiers.toSorted((one, other) => Number(one.qualifier !== undefined) - Number(other.qualifier !== undefined)),
    legal: at('PartyLegalEntity', 'CompanyID'),
    vat: taxes[0] ? statedAt(taxes[0], [...path, 'PartyTaxScheme'], 'CompanyID') : { text: '', qualifier: undefined, line: root.line, column: [...path, 'PartyTaxScheme', 'CompanyID'].join('/') },
    endpoint: at('EndpointID'),
  };
}

/** XML Schema's days may name a zone; a day of a ledger has none. */
function toDay(stated: Stated): Stated {
  return { ...stated, text: stated.text.replace(/^(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)$/, '$1') };
}

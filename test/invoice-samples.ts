/** What the sample documents say; every field can be said otherwise, and one that is null is left out. */
export interface SampleInvoice {
  readonly number: string | null;
  readonly type: string | null;
  readonly issued: string | null;
  readonly due: string | null;
  readonly currency: string | null;
  readonly amountCurrency: string | null;
  readonly total: string | null;
  readonly prepaid: string | null;
  readonly rounding: string | null;
  readonly payable: string | null;
  readonly buyerId: string | null;
  readonly buyerScheme: string | null;
  readonly legal: string | null;
  readonly legalScheme: string | null;
  readonly vat: string | null;
  readonly endpoint: string | null;
  readonly name: string | null;
  readonly country: string | null;
  /** The seller's SIREN or SIRET. */
  readonly seller: string | null;
}

const PLAIN: SampleInvoice = {
  number: 'F-2026-001', type: '380', issued: '2026-01-05', due: '2026-02-04', currency: 'EUR', amountCurrency: 'EUR', total: '120.00', prepaid: null, rounding: null, payable: '120.00', buyerId: 'C-17',
  buyerScheme: null, legal: '732829320', legalScheme: '0002', vat: 'FR44732829320', endpoint: null, name: 'Fleurs Zoé SARL', country: 'FR', seller: null,
};

/** An element with a text, if there is one. */
function element(name: string, text: string | null, attributes: Readonly<Record<string, string | null>> = {}): string {
  const written = Object.entries(attributes).filter(([, value]) => value !== null).map(([key, value]) => ` ${key}="${value}"`).join('');
  return text === null ? '' : `<${name}${written}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`;
}

/** An invoice in UBL, or a credit note, an element of the header a line. */
export function ublSample(said: Partial<SampleInvoice> = {}, root: 'Invoice' | 'CreditNote' = 'Invoice'): string {
  const it = { ...PLAIN, ...said };
  const amount = (name: string, text: string | null): string => element(`cbc:${name}`, text, { currencyID: it.amountCurrency });
  return `<?xml version="1.0" encoding="UTF-8"?>
<${root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:${root}-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
${element('cbc:ID', it.number)}
${element('cbc:IssueDate', it.issued)}
${root === 'Invoice' ? element('cbc:DueDate', it.due) : ''}
${element(`cbc:${root}TypeCode`, it.type)}
${element('cbc:DocumentCurrencyCode', it.currency)}
<cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>Us</cbc:RegistrationName>${element('cbc:CompanyID', it.seller, { schemeID: '0002' })}</cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
${element('cbc:EndpointID', it.endpoint, { schemeID: 'EM' })}
${it.buyerId === null ? '' : `<cac:PartyIdentification>${element('cbc:ID', it.buyerId, { schemeID: it.buyerScheme })}</cac:PartyIdentification>`}
${it.country === null ? '' : `<cac:PostalAddress><cac:Country>${element('cbc:IdentificationCode', it.country)}</cac:Country></cac:PostalAddress>`}
${it.vat === null ? '' : `<cac:PartyTaxScheme>${element('cbc:CompanyID', it.vat)}<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>`}
<cac:PartyLegalEntity>${element('cbc:RegistrationName', it.name)}${element('cbc:CompanyID', it.legal, { schemeID: it.legalScheme })}</cac:PartyLegalEntity>
</cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal>
${amount('TaxInclusiveAmount', it.total)}
${amount('PrepaidAmount', it.prepaid)}
${amount('PayableRoundingAmount', it.rounding)}
${amount('PayableAmount', it.payable)}
</cac:LegalMonetaryTotal>
<cac:${root}Line><cbc:ID>1</cbc:ID></cac:${root}Line>
</${root}>
`;
}

/** An invoice in CII, an element of the header a line. */
export function ciiSample(said: Partial<SampleInvoice> = {}): string {
  const it = { ...PLAIN, ...said };
  const day = (name: string, text: string | null): string => (text === null ? '' : `<ram:${name}>${element('udt:DateTimeString', text.replaceAll('-', ''), { format: '102' })}</ram:${name}>`);
  return `<?xml version='1.0' encoding='UTF-8'?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocument>
${element('ram:ID', it.number)}
${element('ram:TypeCode', it.type)}
${day('IssueDateTime', it.issued)}
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID></ram:AssociatedDocumentLineDocument></ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeAgreement>
<ram:SellerTradeParty><ram:Name>Us</ram:Name>${it.seller === null ? '' : `<ram:SpecifiedLegalOrganization>${element('ram:ID', it.seller, { schemeID: '0002' })}</ram:SpecifiedLegalOrganization>`}</ram:SellerTradeParty>
<ram:BuyerTradeParty>
${it.buyerScheme === null ? element('ram:ID', it.buyerId) : element('ram:GlobalID', it.buyerId, { schemeID: it.buyerScheme })}
${element('ram:Name', it.name)}
${it.legal === null ? '' : `<ram:SpecifiedLegalOrganization>${element('ram:ID', it.legal, { schemeID: it.legalScheme })}</ram:SpecifiedLegalOrganization>`}
${it.country === null ? '' : `<ram:PostalTradeAddress>${element('ram:CountryID', it.country)}</ram:PostalTradeAddress>`}
${it.endpoint === null ? '' : `<ram:URIUniversalCommunication>${element('ram:URIID', it.endpoint, { schemeID: 'EM' })}</ram:URIUniversalCommunication>`}
${it.vat === null ? '' : `<ram:SpecifiedTaxRegistration>${element('ram:ID', it.vat, { schemeID: 'VA' })}</ram:SpecifiedTaxRegistration>`}
</ram:BuyerTradeParty>
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement>
${element('ram:InvoiceCurrencyCode', it.currency)}
${it.due === null ? '' : `<ram:SpecifiedTradePaymentTerms>${day('DueDateDateTime', it.due)}</ram:SpecifiedTradePaymentTerms>`}
<ram:SpecifiedTradeSettlementHeaderMonetarySummation>
${element('ram:RoundingAmount', it.rounding)}
${element('ram:GrandTotalAmount', it.total, { currencyID: it.amountCurrency })}
${element('ram:TotalPrepaidAmount', it.prepaid)}
${element('ram:DuePayableAmount', it.payable)}
</ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
`;
}

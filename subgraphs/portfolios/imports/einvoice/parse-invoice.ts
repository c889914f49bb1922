import { isCountry } from '../../../../src/values/country.js';
import { parseDay } from '../../../../src/values/day.js';
import { isCurrency } from '../../../../src/values/money.js';
import { legalUnit, type Registration } from '../../../../src/values/registration.js';
import { LONGEST_LABEL, parseLabel } from '../../ledger/label.js';
import type { Warning } from '../import-warning.js';
import { parseAmount } from '../parse-amount.js';
import type { LedgerRow, RefusedRow } from '../parse-row.js';
import { REJECTION_CODES, showValue, type Rejection, type RejectionCode } from '../rejection.js';
import { documentType } from './document-type.js';
import { registrationOf, registrationsOf, wrongRegistration } from './party-registration.js';
import type { Stated, StatedInvoice } from './stated-invoice.js';

/**
 * What an electronic invoice says, as a row of the ledger, or all that is wrong with it.
 *
 * Its amount is its total with VAT and rounding (BT-112 + BT-114). What was prepaid is settled on the day of issue, so that
 * what is open is what it asks for (BT-115). Prepaid beyond the total is no part of it: that comes as a receipt. A debt
 * carried over, which documents state as prepaid below zero, is part of the amount. A total below zero makes of an invoice
 * a credit note; of a credit note, which then could mean either, nothing. `own` is how the firm is registered.
 */
export function parseInvoice(stated: StatedInvoice, own: Registration | null): { readonly row: LedgerRow | RefusedRow; readonly warnings: readonly Warning[] } {
  const { line, buyer } = stated;
  const rejections: Rejection[] = [];
  const refuse = (code: RejectionCode, { line: at, column, text }: Stated): undefined => {
    rejections.push({ line: at, column, value: text === '' ? null : showValue(text), code, message: `The invoice is not taken: ${REJECTION_CODES[code]}.` });
  };
  const label = (given: Stated): string | undefined =>
    given.text === '' ? undefined : (parseLabel(given.text) ?? refuse(given.text.normalize('NFC').length > LONGEST_LABEL ? 'VALUE_TOO_LONG' : 'VALUE_UNREADABLE', given));
  const day = (given: Stated): string | undefined => (given.text === '' ? undefined : (parseDay(given.text)?.toString() ?? refuse('DATE_UNREADABLE', given)));

  const number = stated.number.text === '' ? refuse('VALUE_MISSING', stated.number) : label(stated.number);
  const called = referenceOf(stated);
  const ownReferenceGiven = called.text !== '' && called.qualifier === undefined && buyer.identifiers.includes(called);
  const reference = called.text === '' ? refuse('VALUE_MISSING', buyer.name) : label(called);
  const name = label(buyer.name.text === '' ? buyer.tradingName : buyer.name);
  const countryCode = buyer.country.text.toUpperCase();
  const country = countryCode === '' ? undefined : (COUNTRIES[countryCode] ?? countryCode);
  if (country !== undefined && !isCountry(country)) refuse('COUNTRY_UNKNOWN', buyer.country);
  const type = stated.type.text === '' && !stated.isCreditNote ? refuse('VALUE_MISSING', stated.type) : (documentType(stated.type.text, stated.isCreditNote) ?? refuse('KIND_UNKNOWN', stated.type));
  if (type === 'NO_CLAIM') refuse('NO_CLAIM', stated.type);
  const issueDate = stated.issueDate.text === '' ? refuse('VALUE_MISSING', stated.issueDate) : day(stated.issueDate);
  const dueDate = day(stated.dueDate);

  const currency = stated.currency.text.toUpperCase();
  if (currency === '') refuse('VALUE_MISSING', stated.currency);
  else if (!isCurrency(currency)) refuse('CURRENCY_UNKNOWN', stated.currency);
  const owed = isCurrency(currency) ? parseOwed(stated, currency, refuse) : undefined;
  if (owed?.isNegative && type === 'CREDIT_NOTE') refuse('AMOUNT_NEGATIVE', stated.total);

  const ownUnit = own && legalUnit(own);
  const isUnit = (unit: string): boolean => unit === ownUnit;
  const sellerUnits = registrationsOf(stated.seller).map(legalUnit);
  if (registrationsOf(buyer).map(legalUnit).some(isUnit) && !sellerUnits.some(isUnit)) refuse('OWN_PURCHASE', buyer.name);

  if (rejections.length > 0 || reference === undefined || number === undefined || type === undefined || type === 'NO_CLAIM' || issueDate === undefined || owed === undefined) {
    return { row: { line, reference: ownReferenceGiven ? reference : undefined, number, rejections }, warnings: [] };
  }
  const { amountMinor, openMinor, isNegative } = owed;
  const registration = registrationOf(buyer);
  const warnings: Warning[] = [];
  const sellerUnit = ownUnit && sellerUnits.find((unit) => unit.split(':')[0] === ownUnit.split(':')[0]);
  if (sellerUnit && !sellerUnits.some(isUnit)) warnings.push({ line, code: 'ANOTHER_FIRM', message: `The seller of invoice ${number} is ${sellerUnit.replace(':', ' ')}, not your firm.` });
  const wrong = registration ? undefined : wrongRegistration(buyer);
  if (wrong) warnings.push({ line: wrong.line, code: 'REGISTRATION_LEFT_OUT', message: `${JSON.stringify(showValue(wrong.text))} of the buyer of invoice ${number} has wrong check digits; the customer is taken without a registration.` });
  if (dueDate !== undefined && dueDate < issueDate) warnings.push({ line: stated.dueDate.line, code: 'DUE_DATE_MOVED', message: `Invoice ${number} of ${issueDate} says that it was due on ${dueDate}; the day of issue is taken.` });
  const row: LedgerRow = {
    line, reference, number, issueDate, currency, amountMinor,
    kind: isNegative ? 'CREDIT_NOTE' : type,
    name: name ?? null, country: country ?? null, registration: registration ?? null,
    // Some ask for what was due before they were written: nothing is late before it is asked for.
    dueDate: dueDate !== undefined && dueDate < issueDate ? issueDate : (dueDate ?? null),
    settledOn: openMinor < amountMinor ? issueDate : null,
    openMinor: openMinor < amountMinor && openMinor > 0n ? openMinor : null,
    ...(!ownReferenceGiven && registration && { legalUnit: legalUnit(registration) }),
  };
  return { row, warnings };
}

/** Codes of countries that EN 16931 and VAT know beside ISO 3166-1. */
const COUNTRIES: Readonly<Record<string, string>> = { '1A': 'XK', EL: 'GR', XI: 'GB' };

/** What the buyer is called: the seller's number for it, else its legal registration, VAT number, address, or name. */
function referenceOf({ buyer: { identifiers, legal, vat, endpoint, name, tradingName } }: StatedInvoice): Stated {
  return [...identifiers, legal, vat, endpoint, name, tradingName].find(({ text }) => text !== '') ?? name;
}

interface Owed {
  /** Above zero. */
  readonly amountMinor: bigint;
  /** From zero to the amount. */
  readonly openMinor: bigint;
  readonly isNegative: boolean;
}

/** What is owed by the totals of a document; `undefined` when they cannot be read, disagree, or are zero. */
function parseOwed(stated: StatedInvoice, currency: string, refuse: (code: RejectionCode, at: Stated) => undefined): Owed | undefined {
  const amount = (given: Stated): bigint | undefined => {
    if (given.text === '') return 0n;
    if (given.qualifier !== undefined && given.qualifier.toUpperCase() !== currency) return refuse('CURRENCY_DIFFERS', given);
    return parseSigned(given, currency, refuse);
  };
  if (stated.total.text === '') return refuse('VALUE_MISSING', stated.total);
  if (stated.payable.text === '') return refuse('VALUE_MISSING', stated.payable);
  const [total, prepaid, rounding, payable] = [amount(stated.total), amount(stated.prepaid), amount(stated.rounding), amount(stated.payable)];
  if (total === undefined || prepaid === undefined || rounding === undefined || payable === undefined) return undefined;
  const whole = total + rounding;
  // The least profile has no field for what was prepaid: then it is what the two totals differ by.
  const settled = stated.prepaid.text === '' ? whole - payable : prepaid;
  if (whole - settled !== payable) return refuse('TOTALS_DISAGREE', stated.payable);
  const isNegative = whole < 0n;
  const sign = isNegative ? -1n : 1n;
  const amountMinor = settled * sign < 0n ? payable * sign : whole * sign;
  if (stated.prepaid.text === '' && settled * sign < 0n) return refuse('TOTALS_DISAGREE', stated.payable);
  if (amountMinor === 0n) return refuse('AMOUNT_ZERO', stated.total);
  return { amountMinor, openMinor: payable * sign < 0n ? 0n : payable * sign, isNegative };
}

/** An amount of XML Schema: a decimal with a sign, and with a point, never a comma. */
function parseSigned(given: Stated, currency: string, refuse: (code: RejectionCode, at: Stated) => undefined): bigint | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(given.text);
  if (!match || (match[2] === '' && !match[3])) return refuse('AMOUNT_UNREADABLE', given);
  const minor = parseAmount(`${match[2]!.replace(/^0+(?=\d)/, '') || '0'}${match[3] ? `.${match[3]}` : ''}`, currency);
  if (typeof minor !== 'bigint') return refuse(minor, given);
  return match[1] === '-' ? -minor : minor;
}

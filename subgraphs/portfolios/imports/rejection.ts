/** Why a row is not taken, each code with what it means. A client may rely on the codes; the list may grow. */
export const REJECTION_CODES = {
  ROW_MALFORMED: 'a quote that opens in it is never closed',
  ROW_LENGTH: 'it has more or fewer cells than the header',
  VALUE_MISSING: 'a required cell is empty',
  VALUE_TOO_LONG: 'a cell is longer than 200 characters',
  VALUE_UNREADABLE: 'a cell holds control characters',
  DATE_UNREADABLE: 'a date has another format, does not exist or lies outside 1970–2099',
  DUE_BEFORE_ISSUE: 'it is due before it was issued',
  SETTLED_BEFORE_ISSUE: 'it is settled before it was issued',
  AMOUNT_UNREADABLE: 'an amount is no plain decimal',
  AMOUNT_NEGATIVE: 'an amount is below zero; a credit note is its own kind, with an amount above zero',
  AMOUNT_ZERO: 'the amount is zero',
  AMOUNT_TOO_PRECISE: 'an amount has more digits than its currency',
  AMOUNT_TOO_LARGE: 'an amount is beyond 10¹⁵ minor units',
  OPEN_ABOVE_AMOUNT: 'more is open than was invoiced',
  SETTLED_YET_OPEN: 'it has a day of settlement and an open amount',
  TOTALS_DISAGREE: 'the payable amount is not the total less what was prepaid, plus the rounding',
  CURRENCY_UNKNOWN: 'the currency is not in ISO 4217',
  CURRENCY_DIFFERS: 'an amount is in another currency than the document',
  KIND_UNKNOWN: 'the kind is neither INVOICE nor CREDIT_NOTE',
  SENSE_UNKNOWN: 'the sense of the amount is neither D (debit) nor C (credit)',
  OWN_PURCHASE: 'the firm itself is the buyer: it owes it',
  NO_CLAIM: 'it is pro forma or for the accounts alone: nobody owes anything by it',
  COUNTRY_UNKNOWN: 'the country is not in ISO 3166-1',
  REGISTRATION_INCOMPLETE: 'of scheme and value only one is given',
  REGISTRATION_SCHEME_UNKNOWN: 'the scheme is not one of ours',
  REGISTRATION_INVALID: 'the check digits or the form are wrong',
  CONTRADICTS_EARLIER_ROW: 'an earlier row of the file says otherwise about the same invoice',
  CONTRADICTS_LEDGER: 'the number is known as another kind of document or in another currency',
  CONTRADICTS_PAYMENTS: 'payments or credit notes applied to the invoice are more than its amount or earlier than its issue',
  CONTRADICTS_RECEIPT: 'a receipt of this reference is known with another day, currency or amount',
  STATEMENT_UNBALANCED: 'the statement that holds it does not reconcile: its opening balance and its entries do not give its closing balance',
  BATCH_DIFFERS: 'the transactions of the entry do not add up to its amount; the value is what they are above it',
  CREDIT_TAKEN_BACK: 'the bank takes back an earlier credit; what was taken of that stands and is yours to correct',
  FILE_UNREADABLE: 'of a zip, nothing of this file is taken; the others are',
  NOTHING_CLOSED: 'because of this row, which names no invoice, the snapshot closed nothing that it lacks',
} as const;
export type RejectionCode = keyof typeof REJECTION_CODES;

export interface Rejection {
  /** The line of the file on which the row begins; the header is line 1. */
  readonly line: number;
  /** The column's name in the file; null when it is about the whole row. */
  readonly column: string | null;
  /** What the cell holds, at most 200 characters of it. */
  readonly value: string | null;
  readonly code: RejectionCode;
  readonly message: string;
}

/** As much of a refused value as is shown. */
const SHOWN_CHARACTERS = 200;

/** A value as a rejection shows it: cut, and without the characters that no text column takes. */
export function showValue(value: string): string {
  return value.replaceAll('\u0000', '\uFFFD').slice(0, SHOWN_CHARACTERS).toWellFormed();
}

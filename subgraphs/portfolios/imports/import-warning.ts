/** What a person should know of a file that is taken all the same, each code with what it means. The list may grow. */
export const WARNING_CODES = {
  MATCH_SHORTENED: 'an invoice is settled by less than the file says, because the ledger has less open of it or less left of what settles it',
  BALANCE_MISSING: 'a statement has no opening or no closing balance and is taken as it is, without being added up',
  DATE_LEFT_OUT: 'a date that is not essential cannot be read, and is left out',
  FOREIGN_AMOUNT: 'a line has an amount in a foreign currency too; the one in the currency of the books is taken',
  ENTRY_UNBALANCED: 'the debits and credits of an accounting entry differ',
  OPENING_DIFFERS: "an opening balance differs from what the ledger has of that customer; nothing is added, the ledger's own stays",
  ANOTHER_FIRM: "the file's name, or the seller of an invoice, has another registration than the firm",
  REGISTRATION_LEFT_OUT: "a customer's registrations have wrong check digits and are left out: it is not shared with the community",
  DUE_DATE_MOVED: 'an invoice says that it was due before its issue; the day of issue is taken',
} as const;
export type WarningCode = keyof typeof WARNING_CODES;

/** More warnings than this say nothing more; the rest is left out. */
export const MOST_WARNINGS = 100;

export interface Warning {
  /** The name of the file in a zip; null when the upload is one file. */
  readonly file?: string | null;
  /** The line of the file; null when it is about the whole of it. */
  readonly line: number | null;
  readonly code: WarningCode;
  readonly message: string;
}

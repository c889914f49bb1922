/** What a person should know of a file that is taken all the same, each code with what it means. The list may grow. */
export const WARNING_CODES = {
  MATCH_SHORTENED: 'an invoice is settled by less than the file says, because the ledger has less open of it or less left of what settles it',
} as const;
export type WarningCode = keyof typeof WARNING_CODES;

/** More warnings than this say nothing more; the rest is left out. */
export const MOST_WARNINGS = 100;

export interface Warning {
  /** The line of the file; null when it is about the whole of it. */
  readonly line: number | null;
  readonly code: WarningCode;
  readonly message: string;
}

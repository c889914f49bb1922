import type { ImportFormat } from './import-job.table.js';

/** The steps of a merge, in their order. */
export const MERGE_STEPS = [
  /** What a format staged of its own is turned into invoices, receipts and matches. */
  'TURN',
  /** The file's invoices are compared with the ledger. */
  'PLAN',
  /** Its receipts and matches are. */
  'MATCH',
  /** New invoices are written. */
  'INVOICES',
  /** What is settled of them is. */
  'SETTLEMENTS',
  /** Other rooms are told of them. */
  'TELL',
  /** Invoices that differ are changed. */
  'CHANGES',
  /** Receipts and what they settle are written. */
  'RECEIPTS',
  /** What was staged is thrown away. */
  'END',
] as const;
export type MergeStep = (typeof MERGE_STEPS)[number];

/** What a merge has to do, as far as it is known. */
export interface MergeWork {
  readonly format: ImportFormat;
  readonly dryRun: boolean;
  /** Rows of the file that are taken. */
  readonly rows: number;
  /** Invoices that are new to the ledger. */
  readonly fresh: number;
  /** Invoices that differ from the ledger's. */
  readonly changed: number;
}

/** How long the steps take, one beside the other: measured with files of 36,000 to 300,000 rows, in microseconds a row of an idle machine. */
export function weighMerge({ format, dryRun, rows, fresh, changed }: MergeWork): Readonly<Record<MergeStep, number>> {
  const receipts = format === 'CAMT053' || format === 'FEC' ? rows : 0;
  const written = dryRun ? 0 : 1;
  return {
    TURN: 100 * receipts,
    PLAN: format === 'CAMT053' ? 0 : 15 * rows,
    MATCH: 40 * receipts,
    INVOICES: 50 * fresh * written,
    SETTLEMENTS: 20 * (format === 'FEC' ? 0 : fresh) * written,
    TELL: 6 * fresh * written,
    CHANGES: 80 * changed * written,
    RECEIPTS: 100 * receipts * written,
    END: 6 * rows,
  };
}

import { readCamt } from './camt/read-camt.js';
import { readFec } from './fec/read-fec.js';
import { readFacturx } from './einvoice/read-facturx.js';
import { readCii, readUbl } from './einvoice/read-invoice.js';
import { readCsv } from './read-csv.js';
import type { ClaimedImport } from './claim-import.js';
import type { ImportField } from './import-field.js';
import type { ImportFormat } from './import-job.table.js';
import type { LedgerRow, RefusedRow } from './parse-row.js';
import type { StagedRow } from './staged-table.js';

/** One row of a file, as it is to be staged. */
export type ReadRow = LedgerRow | RefusedRow | StagedRow;

/** What a format makes of a file. */
export interface Reading {
  /** What the file could have said of an invoice: of these fields an empty one says something too. */
  readonly fields: readonly ImportField[];
  /**
   * What it says, in its own order, row by row or several at once: a step of an asynchronous loop costs as much as a row.
   * Nothing is read before it is asked for.
   */
  readonly rows: AsyncIterable<ReadRow | readonly ReadRow[]>;
}

/** The rows that came at once. */
export function rowsOf(read: ReadRow | readonly ReadRow[]): readonly ReadRow[] {
  return Array.isArray(read) ? (read as readonly ReadRow[]) : [read as ReadRow];
}

/** Begins to read a file. What cannot be such a file is a `Refusal`, here or while its rows are asked for. */
export type ReadFormat = (bytes: AsyncIterable<Uint8Array>, encoding: string, job: ClaimedImport) => Promise<Reading>;

/** What reads each format. */
export const FORMATS: Readonly<Record<ImportFormat, ReadFormat>> = {
  CSV: readCsv,
  CAMT053: readCamt,
  FEC: readFec,
  UBL: readUbl,
  CII: readCii,
  FACTURX: readFacturx,
};

import type { EntityManager } from '@mikro-orm/postgresql';
import type { Refusal } from '../../../src/errors.js';
import { turnCredits } from './camt/turn-credits.js';
import { turnEntries } from './fec/turn-entries.js';
import type { ImportFormat } from './import-job.table.js';
import type { StagedImport } from './plan-import.js';

/**
 * Turns what a format staged of its own into invoices (`import_row`), receipts (`import_receipt`) and matches
 * (`import_application`), in the transaction of the merge and before anything is compared with the ledger. It may read the
 * ledger and writes nothing but staging tables, rejections and warnings; `told` takes how far it is, from 0 to 1. The rows that it refuses on its own account, and why
 * nothing of the file can be taken, where that shows only here.
 */
export type TurnStaged = (em: EntityManager, job: StagedImport, told: (share: number) => Promise<void>) => Promise<{ readonly refused: number; readonly failure?: Refusal }>;

/** The formats that need it; the others stage what the merge takes as it is. */
export const TURN_STAGED: Readonly<Partial<Record<ImportFormat, TurnStaged>>> = {
  CAMT053: turnCredits,
  FEC: turnEntries,
};

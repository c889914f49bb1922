import type { FirmDatabase } from '../../../src/database/room-database.js';
import { listRejections } from '../imports/import-job.table.js';
import { csvRow } from './csv-cell.js';

const BATCH_ROWS = 2_000;

/** What was refused of an import as CSV, in the order of its file, a batch to a chunk and to a transaction. */
export async function* streamRejections(firm: FirmDatabase, jobId: string): AsyncGenerator<string, void, void> {
  yield csvRow(['line', 'column', 'value', 'code', 'message', 'file']);
  for (let after = { line: 0, position: 0 }; ; ) {
    const rows = await firm.transaction((em) => listRejections(em, jobId, BATCH_ROWS, after));
    if (rows.length > 0) yield rows.map(({ fileLine, column, value, code, message, file }) => csvRow([fileLine, column, value, code, message, file])).join('');
    if (rows.length < BATCH_ROWS) return;
    after = rows.at(-1)!;
  }
}

import type { FirmDatabase } from '../../../src/database/room-database.js';
import { Refusal } from '../../../src/errors.js';
import { ISO_DAY, parseDayFormat } from '../../../src/values/day.js';
import { demandLabel } from '../ledger/demand-label.js';
import type { PaymentTerms } from '../terms/due-date.js';
import { mappingFault, type ColumnMapping } from './import-field.js';
import { ImportJobTable, type ImportFormat, type ImportMode } from './import-job.table.js';

/** The currency of rows that name none, when the import names none either. */
const DEFAULT_CURRENCY = 'EUR';

export interface ImportRequest {
  readonly format: ImportFormat;
  readonly mode: ImportMode;
  readonly dryRun: boolean;
  readonly currency: string | undefined;
  readonly terms: PaymentTerms | undefined;
  readonly mapping: readonly ColumnMapping[] | undefined;
  readonly dateFormat: string | undefined;
  readonly delimiter: string | undefined;
  readonly fileName: string | undefined;
}

/** Opens an import and returns its id. Whatever can be found wrong before the file is seen is refused here. */
export async function createImport(firm: FirmDatabase, request: ImportRequest): Promise<string> {
  if (request.format === 'CAMT053' && request.mode === 'SNAPSHOT') throw new Refusal('INVALID', 'A bank statement says nothing of what is open: it is a DELTA.', ['input', 'mode']);
  const fault = request.mapping && mappingFault(request.mapping);
  if (fault) throw new Refusal(fault.code, fault.message, ['input', 'mapping', ...(fault.index === undefined ? [] : [String(fault.index)])]);
  const dateFormat = request.dateFormat ?? ISO_DAY.pattern;
  if (!parseDayFormat(dateFormat)) {
    throw new Refusal('INVALID', 'A date format has a year (yyyy or yy), a month (MM, M or MMM), a day (dd or d) and what stands between them.', ['input', 'dateFormat']);
  }
  if (request.delimiter !== undefined && !/^[^\p{L}\p{N}\p{Cs}"'.\r\n\0]$/u.test(request.delimiter)) {
    throw new Refusal('INVALID', 'A delimiter is one character, such as a comma, a semicolon, a tab or a bar.', ['input', 'delimiter']);
  }
  const fileName = request.fileName === undefined ? null : demandLabel(request.fileName, ['input', 'fileName']);
  return firm.transaction(async (em) => {
    const job = em.create(ImportJobTable, {
      format: request.format, mode: request.mode, dryRun: request.dryRun, currency: request.currency ?? DEFAULT_CURRENCY,
      termsDays: request.terms?.days ?? null, termsEndOfMonth: request.terms?.endOfMonth ?? null, termsFixedDay: request.terms?.fixedDay ?? null,
      mapping: request.mapping ?? null, dateFormat, delimiter: request.delimiter ?? null, fileName,
    });
    await em.flush();
    return job.id;
  });
}

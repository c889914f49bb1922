import type { StagedTable } from '../staged-table.js';

/** A credit of a statement, before anybody asks the ledger whose it is. */
export const STAGED_CREDIT: StagedTable = {
  name: 'import_credit',
  columns: ['line', 'position', 'statement', 'receipt_reference', 'booked_on', 'currency', 'amount_minor', 'payers', 'payer_account', 'reference_keys', 'remittance', 'returned'],
  numbered: ['position', 'statement'],
  counts: true,
};

/** A statement, why it is not taken (null when it is), and the account that it is of. */
export const STAGED_STATEMENT: StagedTable = {
  name: 'import_statement',
  columns: ['line', 'position', 'refusal', 'account'],
  numbered: ['position'],
  counts: false,
};

/** A refusal of a whole statement: it is no row of the file. */
export const STAGED_REFUSAL: StagedTable = {
  name: 'import_rejection',
  columns: ['line', 'position', 'column_name', 'value', 'code', 'message'],
  counts: false,
};

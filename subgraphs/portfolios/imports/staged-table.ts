/** A table that a format stages rows of its own into, beside the invoices; its rows go when the import ends. */
export interface StagedTable {
  readonly name: string;
  /** What a staged row says, in this order. Its first is the line of the file. */
  readonly columns: readonly string[];
  /** Columns that number something of a file, from 1: through the files of a zip they count on, as lines do. */
  readonly numbered?: readonly string[];
  /** Whether such a row counts as a row of the file. */
  readonly counts: boolean;
}

/** One row on its way into such a table. The cells stand in the order of the columns. */
export interface StagedRow {
  readonly table: StagedTable;
  readonly cells: readonly (string | number | bigint | boolean | null)[];
}

/** One entry of a customer's account. */
export const STAGED_ENTRY: StagedTable = {
  name: 'import_entry',
  columns: ['line', 'account', 'name', 'journal', 'entry', 'entry_day', 'piece', 'piece_day', 'due_day', 'minor', 'letter', 'letter_day'],
  counts: true,
};

/** What lies on the other sides of an accounting entry. */
export const STAGED_ENTRY_SIDE: StagedTable = {
  name: 'import_entry_side',
  columns: ['line', 'journal', 'entry', 'entry_day', 'sides', 'balance_minor'],
  counts: false,
};

/** What a person should know of a file that is taken all the same. It outlives the import. */
export const STAGED_WARNING: StagedTable = {
  name: 'import_warning',
  columns: ['line', 'code', 'message'],
  counts: false,
};

/** A file of a zip: its first line is the one after this. It outlives the import. */
export const STAGED_FILE: StagedTable = {
  name: 'import_file',
  columns: ['line', 'name'],
  counts: false,
};

/** A staged row in the text form of COPY. */
export function copyCells(cells: StagedRow['cells']): string {
  return `${cells.map(copyCell).join('\t')}\n`;
}

function copyCell(cell: StagedRow['cells'][number]): string {
  if (cell === null) return '\\N';
  if (typeof cell !== 'string') return String(cell);
  return cell.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

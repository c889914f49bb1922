/** The columns of a FEC (LPF art. A47 A-1) that are read, under the names of the decree. */
export const FEC_COLUMNS = [
  'JournalCode', 'JournalLib', 'EcritureNum', 'EcritureDate', 'CompteNum', 'CompteLib', 'CompAuxNum', 'CompAuxLib', 'PieceRef', 'PieceDate', 'EcritureLib',
  'Debit', 'Credit', 'Montant', 'Sens', 'EcritureLet', 'DateLet', 'ValidDate', 'Montantdevise', 'Idevise', 'DateEcheance',
] as const;
export type FecColumn = (typeof FEC_COLUMNS)[number];

/** Without these nothing can be said of a customer's account. */
const REQUIRED: readonly FecColumn[] = ['JournalCode', 'EcritureNum', 'EcritureDate', 'CompteNum', 'PieceRef'];

/** A due date is not of the decree; programs that add one name it in these ways. */
const DUE_DATE_NAMES: ReadonlySet<string> = new Set(['dateecheance', 'datedecheance', 'echeance', 'echeancedate', 'dateech', 'duedate']);

/** Where a file has each column. */
export interface FecLayout {
  /** The header, as it stands in the file. */
  readonly columns: readonly string[];
  readonly positions: ReadonlyMap<FecColumn, number>;
}

/** Finds the columns by their names, whatever their case and order; columns of other names are left alone. */
export function readFecLayout(header: readonly string[]): FecLayout | { readonly message: string } {
  const columns = header.map((cell) => cell.trim());
  const positions = new Map<FecColumn, number>();
  for (const [position, column] of columns.entries()) {
    const plain = plainName(column);
    const name = DUE_DATE_NAMES.has(plain) ? 'DateEcheance' : FEC_COLUMNS.find((known) => known.toLowerCase() === plain);
    if (name === undefined) continue;
    if (positions.has(name)) return { message: `Line 1, the header, has several columns ${name}.` };
    positions.set(name, position);
  }
  const missing: string[] = REQUIRED.filter((name) => !positions.has(name));
  const split = positions.has('Debit') && positions.has('Credit');
  const signed = positions.has('Montant') && positions.has('Sens');
  if (!split && !signed) missing.push(positions.has('Montant') || positions.has('Sens') ? 'Montant and Sens' : 'Debit and Credit');
  if (missing.length > 0) return { message: `Line 1, the header, is not of a FEC: it has no column ${missing.join(', ')}.` };
  return { columns, positions };
}

function plainName(column: string): string {
  return column.normalize('NFD').replace(/[^A-Za-z]/g, '').toLowerCase();
}

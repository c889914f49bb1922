/** What a column of an imported file can mean. */
export const IMPORT_FIELDS = [
  'CUSTOMER_REFERENCE',
  'CUSTOMER_NAME',
  'REGISTRATION_SCHEME',
  'REGISTRATION_VALUE',
  'COUNTRY',
  'INVOICE_NUMBER',
  'INVOICE_KIND',
  'ISSUE_DATE',
  'DUE_DATE',
  'CURRENCY',
  'AMOUNT',
  'SETTLED_ON',
  'OPEN_AMOUNT',
] as const;
export type ImportField = (typeof IMPORT_FIELDS)[number];

/** Without these a row says nothing about an invoice. */
const REQUIRED_FIELDS: readonly ImportField[] = ['CUSTOMER_REFERENCE', 'INVOICE_NUMBER', 'ISSUE_DATE', 'AMOUNT'];

export interface ColumnMapping {
  readonly column: string;
  readonly field: ImportField;
}

/** Where a file keeps each field. */
export interface Layout {
  /** The header, as it stands in the file. */
  readonly columns: readonly string[];
  /** The index of each field's column; absent when the file has none. */
  readonly positions: ReadonlyMap<ImportField, number>;
}

/** Why a mapping or a header cannot be used. */
export interface LayoutFault {
  readonly code: 'INVALID' | 'REQUIRED';
  readonly message: string;
  /** The index of the mapping at fault; absent when it is about the whole. */
  readonly index?: number;
}

/** What is wrong with a mapping by itself, before any file is seen; `undefined` when nothing is. */
export function mappingFault(mapping: readonly ColumnMapping[]): LayoutFault | undefined {
  const seen = new Set<ImportField>();
  for (const [index, { column, field }] of mapping.entries()) {
    if (column.trim() === '') return { code: 'INVALID', message: `The column of ${field} has no name.`, index };
    if (seen.has(field)) return { code: 'INVALID', message: `${field} is mapped twice.`, index };
    seen.add(field);
  }
  return setFault(seen, (field) => `No column is mapped to ${field}.`);
}

/**
 * Finds each field's column in a header. With a mapping every column it names must be there, once; without one the
 * columns are the field names in lower case, and what has another name is left alone.
 */
export function readLayout(header: readonly string[], mapping: readonly ColumnMapping[] | null): Layout | LayoutFault {
  const columns = header.map((cell) => cell.trim());
  const positions = new Map<ImportField, number>();
  const wanted = mapping ?? IMPORT_FIELDS.map((field) => ({ column: field.toLowerCase(), field }));
  for (const { column, field } of wanted) {
    const name = column.trim();
    const position = columns.indexOf(name);
    if (position < 0) {
      if (mapping) return { code: 'INVALID', message: `The file has no column ${JSON.stringify(name)}, which ${field} is mapped to.` };
      continue;
    }
    if (columns.indexOf(name, position + 1) >= 0) return { code: 'INVALID', message: `The file has several columns ${JSON.stringify(name)}.` };
    positions.set(field, position);
  }
  return setFault(new Set(positions.keys()), (field) => `The file has no column ${JSON.stringify(field.toLowerCase())}; name its column in a mapping.`) ?? { columns, positions };
}

/** What a set of fields lacks to describe invoices. */
function setFault(fields: ReadonlySet<ImportField>, say: (field: ImportField) => string): LayoutFault | undefined {
  const missing = REQUIRED_FIELDS.find((field) => !fields.has(field));
  if (missing) return { code: 'REQUIRED', message: say(missing) };
  if (fields.has('REGISTRATION_SCHEME') !== fields.has('REGISTRATION_VALUE')) {
    return { code: 'REQUIRED', message: 'A registration needs both columns, REGISTRATION_SCHEME and REGISTRATION_VALUE.' };
  }
  return undefined;
}

import { isCountry } from '../../../src/values/country.js';
import { parseDay, type DayFormat } from '../../../src/values/day.js';
import { isCurrency } from '../../../src/values/money.js';
import { parseRegistration, REGISTRATION_SCHEMES, type Registration } from '../../../src/values/registration.js';
import { LONGEST_LABEL, parseLabel } from '../ledger/label.js';
import { withoutApostrophe } from '../exports/csv-cell.js';
import type { ImportField, Layout } from './import-field.js';
import { parseAmount } from './parse-amount.js';
import { REJECTION_CODES, showValue, type Rejection, type RejectionCode } from './rejection.js';

/** What one row of a file says about one invoice. Days are `yyyy-MM-dd`; null where the row says nothing. */
export interface LedgerRow {
  readonly line: number;
  readonly reference: string;
  readonly number: string;
  readonly name: string | null;
  readonly country: string | null;
  readonly registration: Registration | null;
  readonly kind: 'INVOICE' | 'CREDIT_NOTE';
  readonly issueDate: string;
  readonly dueDate: string | null;
  readonly currency: string;
  readonly amountMinor: bigint;
  /** The day on which it was settled in full; with an open amount, the day on which all but that was, and more may have been since. */
  readonly settledOn: string | null;
  readonly openMinor: bigint | null;
  /** The customer's legal unit, where the reference is not the firm's own word for it: a customer known by it is meant. */
  readonly legalUnit?: string | undefined;
}

/** A row that is not taken. It may still say which invoice it means. */
export interface RefusedRow {
  readonly line: number;
  readonly reference: string | undefined;
  readonly number: string | undefined;
  readonly rejections: readonly Rejection[];
}

/** How cells are to be read. */
export interface RowRules {
  readonly dayFormat: DayFormat;
  /** The currency of rows that name none. */
  readonly currency: string;
}

/** A file repeats few dates and registrations very often; more than these are not kept. */
const REMEMBERED = 10_000;

/** The same function, that remembers what it found. */
function remembering<Found>(find: (text: string) => Found): (text: string) => Found {
  const known = new Map<string, Found>();
  return (text) => {
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    const found = find(text);
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, found);
    return found;
  };
}

/** Makes the reader of a file's rows: cells in, a row or all that is wrong with it out. It reads nothing else. */
export function rowReader(layout: Layout, rules: RowRules): (line: number, cells: readonly string[]) => LedgerRow | RefusedRow {
  const readDay = remembering((text) => parseDay(text, rules.dayFormat)?.toString());
  const readers = new Map(REGISTRATION_SCHEMES.map((scheme) => [scheme as string, remembering((text) => parseRegistration(scheme, text))]));
  const { columns, positions } = layout;

  return (line, cells) => {
    const rejections: Rejection[] = [];
    const refuse = (code: RejectionCode, field?: ImportField, value?: string): undefined => {
      const position = field && positions.get(field);
      const column = position === undefined ? null : columns[position]!;
      rejections.push({ line, column, value: value === undefined ? null : showValue(value), code, message: `The row is not taken: ${REJECTION_CODES[code]}.` });
    };
    /** The trimmed cell; `undefined` when it is empty, absent or refused. */
    const cell = (field: ImportField, required = false): string | undefined => {
      const position = positions.get(field);
      const text = position === undefined ? '' : withoutApostrophe(cells[position]!.trim());
      if (text === '') return required ? refuse('VALUE_MISSING', field) : undefined;
      return parseLabel(text) ?? refuse(text.normalize('NFC').length > LONGEST_LABEL ? 'VALUE_TOO_LONG' : 'VALUE_UNREADABLE', field, text);
    };
    const day = (field: ImportField, required = false): string | undefined => {
      const text = cell(field, required);
      return text === undefined ? undefined : (readDay(text) ?? refuse('DATE_UNREADABLE', field, text));
    };
    const amount = (field: ImportField, currency: string, required = false): bigint | undefined => {
      const text = cell(field, required);
      if (text === undefined) return undefined;
      const minor = parseAmount(text, currency);
      return typeof minor === 'bigint' ? minor : refuse(minor, field, text);
    };

    if (cells.length !== columns.length) {
      refuse('ROW_LENGTH', undefined, `${cells.length} cells instead of ${columns.length}`);
      return { line, reference: undefined, number: undefined, rejections };
    }
    const reference = cell('CUSTOMER_REFERENCE', true);
    const number = cell('INVOICE_NUMBER', true);
    const name = cell('CUSTOMER_NAME');
    const country = cell('COUNTRY')?.toUpperCase();
    if (country !== undefined && !isCountry(country)) refuse('COUNTRY_UNKNOWN', 'COUNTRY', country);

    const schemeText = cell('REGISTRATION_SCHEME')?.toUpperCase();
    const valueText = cell('REGISTRATION_VALUE');
    let registration: Registration | undefined;
    if (schemeText !== undefined && valueText !== undefined) {
      const readRegistration = readers.get(schemeText);
      if (!readRegistration) refuse('REGISTRATION_SCHEME_UNKNOWN', 'REGISTRATION_SCHEME', schemeText);
      else if (!(registration = readRegistration(valueText))) refuse('REGISTRATION_INVALID', 'REGISTRATION_VALUE', valueText);
    } else if (valueText !== undefined) {
      refuse('REGISTRATION_INCOMPLETE', 'REGISTRATION_SCHEME');
    } else if (schemeText !== undefined) {
      refuse('REGISTRATION_INCOMPLETE', 'REGISTRATION_VALUE');
    }

    const kindText = cell('INVOICE_KIND');
    const kind = kindText === undefined ? 'INVOICE' : readKind(kindText);
    if (!kind) refuse('KIND_UNKNOWN', 'INVOICE_KIND', kindText);

    const issueDate = day('ISSUE_DATE', true);
    const dueDate = day('DUE_DATE');
    const settledOn = day('SETTLED_ON');
    // Days of this form sort as texts.
    if (issueDate !== undefined && dueDate !== undefined && dueDate < issueDate) refuse('DUE_BEFORE_ISSUE', 'DUE_DATE', dueDate);
    if (issueDate !== undefined && settledOn !== undefined && settledOn < issueDate) refuse('SETTLED_BEFORE_ISSUE', 'SETTLED_ON', settledOn);

    const currency = cell('CURRENCY')?.toUpperCase() ?? rules.currency;
    let amountMinor: bigint | undefined;
    let openMinor: bigint | undefined;
    if (isCurrency(currency)) {
      amountMinor = amount('AMOUNT', currency, true);
      openMinor = amount('OPEN_AMOUNT', currency);
      if (amountMinor === 0n) refuse('AMOUNT_ZERO', 'AMOUNT', cells[positions.get('AMOUNT')!]);
      if (amountMinor !== undefined && openMinor !== undefined && openMinor > amountMinor) refuse('OPEN_ABOVE_AMOUNT', 'OPEN_AMOUNT', cells[positions.get('OPEN_AMOUNT')!]);
      if (settledOn !== undefined && openMinor !== undefined && openMinor > 0n) refuse('SETTLED_YET_OPEN', 'OPEN_AMOUNT', cells[positions.get('OPEN_AMOUNT')!]);
    } else {
      // An amount without a known currency has no digits to be checked against.
      refuse('CURRENCY_UNKNOWN', 'CURRENCY', currency);
    }

    if (rejections.length > 0 || reference === undefined || number === undefined || !kind || issueDate === undefined || amountMinor === undefined) {
      return { line, reference, number, rejections };
    }
    return {
      line, reference, number, kind, issueDate, currency, amountMinor,
      name: name ?? null, country: country ?? null, registration: registration ?? null,
      dueDate: dueDate ?? null, settledOn: settledOn ?? null, openMinor: openMinor ?? null,
    };
  };
}

function readKind(text: string): LedgerRow['kind'] | undefined {
  const name = text.toUpperCase().replace(/[\s-]+/g, '_');
  return name === 'INVOICE' || name === 'CREDIT_NOTE' ? name : undefined;
}

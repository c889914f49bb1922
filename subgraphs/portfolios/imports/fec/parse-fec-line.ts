import { parseDay, parseDayFormat, ISO_DAY, type DayFormat } from '../../../../src/values/day.js';
import { LONGEST_LABEL, parseLabel } from '../../ledger/label.js';
import type { Warning, WarningCode } from '../import-warning.js';
import { REJECTION_CODES, showValue, type Rejection, type RejectionCode } from '../rejection.js';
import { parseFecAmount } from './parse-fec-amount.js';
import type { FecColumn, FecLayout } from './fec-columns.js';

/** What one line of a FEC says. Days are `yyyy-MM-dd`. */
export interface FecLine {
  readonly line: number;
  readonly journal: string;
  readonly journalName: string;
  /** The number of the entry; its piece where it has none. */
  readonly entry: string;
  readonly day: string;
  readonly accountNumber: string;
  /** Debit above zero, credit below, in minor units. */
  readonly minor: bigint;
  /** Only of a customer's account. */
  readonly customer: FecCustomerLine | undefined;
}

export interface FecCustomerLine {
  /** The auxiliary account; the account itself where there is none. */
  readonly account: string;
  readonly name: string | null;
  readonly piece: string | null;
  readonly pieceDay: string | null;
  readonly dueDay: string | null;
  readonly letter: string | null;
  readonly letterDay: string | null;
}

export interface FecReading {
  readonly said: FecLine | undefined;
  readonly rejections: readonly Rejection[];
  readonly warnings: readonly Warning[];
}

/** The decree writes days as `yyyyMMdd`; programs export these too. */
const DAY_FORMATS: readonly DayFormat[] = ['yyyyMMdd', 'dd/MM/yyyy'].map((pattern) => parseDayFormat(pattern)).filter((format) => format !== undefined).concat(ISO_DAY);

/** A file repeats few dates very often; more than these are not kept. */
const REMEMBERED_DAYS = 10_000;

/** Makes the reader of a FEC's lines: cells in, what the line says or what is wrong with it out. It reads nothing else. */
export function fecLineReader({ columns, positions }: FecLayout, currency: string): (line: number, cells: readonly string[]) => FecReading {
  const days = new Map<string, string | undefined>();
  const toDay = (text: string): string | undefined => {
    if (days.has(text)) return days.get(text);
    const day = DAY_FORMATS.map((format) => parseDay(text, format)?.toString()).find((read) => read !== undefined);
    if (days.size >= REMEMBERED_DAYS) days.clear();
    days.set(text, day);
    return day;
  };
  // Cells behind the last one that is needed may be left out: so programs write columns that they have nothing for.
  const needed = Math.max(...['JournalCode', 'EcritureNum', 'EcritureDate', 'CompteNum', 'PieceRef', 'Credit', 'Debit', 'Montant', 'Sens'].map((name) => positions.get(name as FecColumn) ?? 0)) + 1;

  return (line, cells) => {
    const rejections: Rejection[] = [];
    const warnings: Warning[] = [];
    const refuse = (code: RejectionCode, name?: FecColumn, value?: string): undefined => {
      const column = name === undefined ? null : columns[positions.get(name)!]!;
      rejections.push({ line, column, value: value === undefined || value === '' ? null : showValue(value), code, message: `The row is not taken: ${REJECTION_CODES[code]}.` });
    };
    const warn = (code: WarningCode, message: string): void => void warnings.push({ line, code, message });
    const raw = (name: FecColumn): string => cells[positions.get(name) ?? -1]?.trim() ?? '';
    const label = (name: FecColumn, required = false): string | null => {
      const text = raw(name).replace(/\s+/g, ' ');
      if (text === '') return required ? (refuse('VALUE_MISSING', name) ?? null) : null;
      return parseLabel(text) ?? refuse(text.length > LONGEST_LABEL ? 'VALUE_TOO_LONG' : 'VALUE_UNREADABLE', name, text) ?? null;
    };
    /** A day that nothing depends on: one that cannot be read is as good as none, and is told. */
    const spareDay = (name: FecColumn): string | null => {
      const text = raw(name);
      const day = text === '' ? undefined : toDay(text);
      if (text !== '' && day === undefined) warn('DATE_LEFT_OUT', `${columns[positions.get(name)!]!} of line ${line} is no date and is left out: ${JSON.stringify(showValue(text))}.`);
      return day ?? null;
    };
    const amount = (name: FecColumn): bigint | undefined => {
      const minor = parseFecAmount(raw(name), currency);
      return typeof minor === 'bigint' ? minor : refuse(minor, name, raw(name));
    };

    if (cells.length < needed || cells.slice(columns.length).some((cell) => cell.trim() !== '')) {
      refuse('ROW_LENGTH', undefined, `${cells.length} cells instead of ${columns.length}`);
      return { said: undefined, rejections, warnings };
    }
    const journal = label('JournalCode', true);
    const entryNumber = label('EcritureNum');
    const piece = label('PieceRef');
    const dayText = raw('EcritureDate');
    const day = dayText === '' ? refuse('VALUE_MISSING', 'EcritureDate') : (toDay(dayText) ?? refuse('DATE_UNREADABLE', 'EcritureDate', dayText));
    const accountNumber = label('CompteNum', true);
    const minor = positions.has('Debit') && positions.has('Credit') ? difference(amount('Debit'), amount('Credit')) : signed(amount('Montant'), raw('Sens'), refuse);
    const account = accountNumber?.startsWith('411') ? (label('CompAuxNum') ?? accountNumber) : undefined;
    const customer = account === undefined ? undefined : {
      account,
      name: label(raw('CompAuxNum') === '' ? 'CompteLib' : 'CompAuxLib'),
      piece,
      pieceDay: spareDay('PieceDate'),
      dueDay: spareDay('DateEcheance'),
      letter: label('EcritureLet'),
      letterDay: spareDay('DateLet'),
    };
    if (customer) {
      spareDay('ValidDate');
      const foreign = raw('Idevise').toUpperCase();
      if (foreign !== '' && foreign !== currency) warn('FOREIGN_AMOUNT', `Line ${line} has an amount in ${showValue(foreign)} too; the one in ${currency} (debit and credit) is taken.`);
    }
    if (rejections.length > 0 || journal === null || day === undefined || accountNumber === null || minor === undefined) return { said: undefined, rejections, warnings };
    return { said: { line, journal, journalName: raw('JournalLib'), entry: entryNumber ?? piece ?? '', day, accountNumber, minor, customer }, rejections, warnings };
  };
}

function difference(debit: bigint | undefined, credit: bigint | undefined): bigint | undefined {
  return debit === undefined || credit === undefined ? undefined : debit - credit;
}

/** `Montant` with `Sens`: D or +1 is a debit, C or -1 a credit. */
function signed(minor: bigint | undefined, sense: string, refuse: (code: RejectionCode, name: FecColumn, value: string) => undefined): bigint | undefined {
  if (minor === undefined) return undefined;
  if (/^(d|\+?1)$/i.test(sense)) return minor;
  if (/^(c|-1)$/i.test(sense)) return -minor;
  return refuse('SENSE_UNKNOWN', 'Sens', sense);
}

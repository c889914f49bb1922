/**
 * Calendar days. Due dates, issue dates and payment dates are days, never instants: a day has no time and no zone.
 * A day is a `Temporal.PlainDate` in the domain and `yyyy-MM-dd` in rows, in events and on the wire.
 */

/** The first and last day a ledger may name: outside, a date is a typing error rather than a fact. */
export const EARLIEST_DAY = Temporal.PlainDate.from('1970-01-01');
export const LATEST_DAY = Temporal.PlainDate.from('2099-12-31');

/** A compiled date pattern of `y`, `M` and `d` letters, e.g. `M/d/yyyy` or `dd-MMM-yyyy`. */
export interface DayFormat {
  readonly pattern: string;
  readonly expression: RegExp;
  readonly order: readonly ('y' | 'M' | 'MMM' | 'd')[];
}

const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const;

/** Compiles a date pattern. `undefined` when it has another letter, or lacks a year, a month or a day. */
export function parseDayFormat(pattern: string): DayFormat | undefined {
  const order: ('y' | 'M' | 'MMM' | 'd')[] = [];
  let expression = '';
  for (const run of pattern.match(/y+|M+|d+|[^yMd]/g) ?? []) {
    const letter = run[0];
    if (letter === 'y' && run.length === 4) expression += String.raw`(\d{4})`;
    else if (letter === 'y' && run.length === 2) expression += String.raw`(\d{2})`;
    else if (run === 'MMM') expression += '([A-Za-z]{3})';
    else if ((letter === 'M' || letter === 'd') && run.length === 2) expression += String.raw`(\d{2})`;
    else if ((letter === 'M' || letter === 'd') && run.length === 1) expression += String.raw`(\d{1,2})`;
    else if (/[A-Za-z0-9]/.test(run) || letter === 'y' || letter === 'M' || letter === 'd') return undefined;
    else {
      expression += run.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
      continue;
    }
    order.push(run === 'MMM' ? 'MMM' : (letter as 'y' | 'M' | 'd'));
  }
  const kinds = order.map((part) => part[0]).toSorted().join('');
  return kinds === 'Mdy' ? { pattern, expression: new RegExp(`^${expression}$`), order } : undefined;
}

/** `yyyy-MM-dd`, the form of every day in this program. */
export const ISO_DAY: DayFormat = {
  pattern: 'yyyy-MM-dd',
  expression: /^(\d{4})-(\d{2})-(\d{2})$/,
  order: ['y', 'M', 'd'],
};

/**
 * Reads a day written in `format`. `undefined` when the text has another form, names a day that does not exist
 * (30 February) or lies outside 1970–2099. A year of two digits is taken from 1970 to 2069.
 */
export function parseDay(text: string, format: DayFormat = ISO_DAY): Temporal.PlainDate | undefined {
  const match = format.expression.exec(text);
  if (!match) return undefined;
  let year = 0;
  let month = 0;
  let day = 0;
  format.order.forEach((part, index) => {
    const digits = match[index + 1] ?? '';
    if (part === 'y') year = digits.length === 2 ? Number(digits) + (Number(digits) < 70 ? 2000 : 1900) : Number(digits);
    else if (part === 'MMM') month = MONTH_NAMES.indexOf(digits.toLowerCase() as (typeof MONTH_NAMES)[number]) + 1;
    else if (part === 'M') month = Number(digits);
    else day = Number(digits);
  });
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < EARLIEST_DAY.year || year > LATEST_DAY.year) return undefined;
  const plain = Temporal.PlainDate.from({ year, month, day });
  return plain.day === day ? plain : undefined;
}

const texts = new WeakMap<Temporal.PlainDate, string>();

/** A day as `yyyy-MM-dd`. One and the same object is asked for its text by every figure of a page: it is written once. */
export function isoOf(day: Temporal.PlainDate): string {
  let text = texts.get(day);
  if (text === undefined) texts.set(day, (text = day.toString()));
  return text;
}

/** Days from `from` to `to`; negative when `to` comes first. */
export function daysBetween(from: Temporal.PlainDate, to: Temporal.PlainDate): number {
  return from.until(to, { largestUnit: 'day' }).days;
}

/** The calendar month of a day, `2026-07`. */
export function monthOf(day: Temporal.PlainDate): string {
  return day.toPlainYearMonth().toString();
}

/** The last day of the month that `day` lies in. */
export function endOfMonth(day: Temporal.PlainDate): Temporal.PlainDate {
  return day.with({ day: day.daysInMonth });
}

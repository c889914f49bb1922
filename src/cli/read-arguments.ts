import { parseArgs } from 'node:util';

export const USAGE = `Usage: ardoise import FILE --format FORMAT [options]

Sends FILE (- reads standard input) to your ledger and waits until it is in.

  --format FORMAT        CSV, FEC, UBL, CII, FACTURX or CAMT053
  --firm FIRM            the name or the registration of your firm: nothing is sent when the credentials are another's
  --mode MODE            DELTA (what changed; the default) or SNAPSHOT (everything that is open)
  --dry-run              only count and report, change nothing
  --currency CODE        the currency of rows that name none; EUR when left out
  --terms DAYS[:END]     the terms of invoices without a due date, e.g. 30 or 45:END_OF_MONTH_THEN_DAYS
  --mapping COLUMN=FIELD what a column means, e.g. "Kunde=CUSTOMER_REFERENCE"; once for each column. CUSTOMER_REFERENCE,
                         INVOICE_NUMBER, ISSUE_DATE and AMOUNT are needed; there are CUSTOMER_NAME, REGISTRATION_SCHEME,
                         REGISTRATION_VALUE, COUNTRY, INVOICE_KIND, DUE_DATE, CURRENCY, SETTLED_ON and OPEN_AMOUNT. Without
                         a mapping the columns have these names
  --date-format PATTERN  how days are written, e.g. dd/MM/yyyy
  --delimiter CHARACTER  what stands between cells; "tab" for a tab
  --encoding NAME        utf-8 (the default) or windows-1252
  --url URL              where Ardoise is; http://localhost:4000 when left out
  --help                 this page

ardoise operator --help is for whoever runs the network.

Credentials: ARDOISE_API_KEY, else ARDOISE_EMAIL and ARDOISE_PASSWORD, else they are asked for.
Ends with 0 when every row was taken, 3 when some were not, 1 when nothing was, 2 when it was called wrongly.
`;

/** What the command line asks for. Values of the API are passed on as they are: the API says what is wrong with them. */
export interface ImportCommand {
  /** A path, or `-` for standard input. */
  readonly file: string;
  readonly firm: string | undefined;
  readonly url: string;
  readonly encoding: string | undefined;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What is wrong with the call. */
export class UsageError extends Error {}

/** Reads the arguments of a call; `undefined` when only help was asked for. Throws a `UsageError`. */
export function readArguments(given: readonly string[]): ImportCommand | undefined {
  const { values, positionals } = parse(given);
  if (values.help) return undefined;
  const [command, file, ...more] = positionals;
  if (command !== 'import') throw new UsageError(command === undefined ? 'Say what to do: import, or operator.' : `There is no command ${JSON.stringify(command)}: there are import and operator.`);
  if (file === undefined) throw new UsageError('Name the file to import.');
  if (more.length > 0) throw new UsageError(`One file at a time: ${JSON.stringify(more[0])} is one too many.`);
  if (values.format === undefined) throw new UsageError('Say the --format of the file.');
  const url = URL.parse(values.url ?? 'http://localhost:4000');
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new UsageError(`--url ${JSON.stringify(values.url)} is no address of a web server.`);
  return {
    file,
    firm: values.firm,
    url: url.href.replace(/\/(graphql)?\/*$/, ''),
    encoding: values.encoding,
    input: {
      format: oneOf('--format', values.format, ['CSV', 'FEC', 'UBL', 'CII', 'FACTURX', 'CAMT053']),
      mode: oneOf('--mode', values.mode ?? 'DELTA', ['DELTA', 'SNAPSHOT']),
      dryRun: values['dry-run'] ?? false,
      ...(values.currency !== undefined && { currency: values.currency.toUpperCase() }),
      ...(values.terms !== undefined && { terms: readTerms(values.terms) }),
      ...(values.mapping !== undefined && { mapping: values.mapping.map(readMapping) }),
      ...(values['date-format'] !== undefined && { dateFormat: values['date-format'] }),
      ...(values.delimiter !== undefined && { delimiter: values.delimiter === 'tab' || values.delimiter === String.raw`\t` ? '\t' : values.delimiter }),
      ...(file !== '-' && { fileName: file.split(/[/\\]/).at(-1) }),
    },
  };
}

function parse(given: readonly string[]): { values: { [Name in keyof typeof OPTIONS]?: (typeof OPTIONS)[Name] extends { multiple: true } ? string[] : (typeof OPTIONS)[Name]['type'] extends 'boolean' ? boolean : string }; positionals: string[] } {
  try {
    return parseArgs({ args: [...given], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]!.replace(/\.?$/, '.'));
  }
}

const OPTIONS = {
  format: { type: 'string' },
  firm: { type: 'string' },
  mode: { type: 'string' },
  'dry-run': { type: 'boolean' },
  currency: { type: 'string' },
  terms: { type: 'string' },
  mapping: { type: 'string', multiple: true },
  'date-format': { type: 'string' },
  delimiter: { type: 'string' },
  encoding: { type: 'string' },
  url: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** A word of a fixed few, whatever its case. */
function oneOf(option: string, given: string, known: readonly string[]): string {
  const word = given.toUpperCase().replace(/[-.]/g, '');
  if (!known.includes(word)) throw new UsageError(`${option} is one of ${known.join(', ')}, not ${JSON.stringify(given)}.`);
  return word;
}

function readTerms(given: string): { days: number; endOfMonth?: string } {
  const match = /^(\d{1,3})(?::([A-Za-z_-]+))?$/.exec(given);
  if (!match) throw new UsageError(`--terms are days, e.g. 30 or 45:END_OF_MONTH_THEN_DAYS, not ${JSON.stringify(given)}.`);
  const endOfMonth = match[2] && oneOfEnds(match[2]);
  return { days: Number(match[1]), ...(endOfMonth && { endOfMonth }) };
}

function oneOfEnds(given: string): string {
  const word = given.toUpperCase().replaceAll('-', '_');
  const known = ['NONE', 'END_OF_MONTH_THEN_DAYS', 'DAYS_THEN_END_OF_MONTH'];
  if (!known.includes(word)) throw new UsageError(`The end of month in --terms is one of ${known.join(', ')}.`);
  return word;
}

function readMapping(given: string): { column: string; field: string } {
  // A column's name may hold an equals sign, a field's does not.
  const place = given.lastIndexOf('=');
  if (place < 1 || place === given.length - 1) throw new UsageError(`--mapping is COLUMN=FIELD, not ${JSON.stringify(given)}.`);
  return { column: given.slice(0, place), field: given.slice(place + 1).toUpperCase() };
}

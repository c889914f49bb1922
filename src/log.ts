import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Structured lines on standard error, so that standard output stays what a person reads. */
export function openLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: nameError } }, pino.destination({ dest: 2, sync: false }));
}

/** What a database says of a row, and MikroORM of a statement's values. */
const ABOUT_ROWS: ReadonlySet<string> = new Set(['detail', 'where', 'hint', 'internalQuery', 'query', 'sql', 'parameters', 'params', 'values', 'entity']);

/** Ids, blind keys and tokens (the names of tables and constraints are in lower case), addresses, registrations. */
const NAMES = /(?=[\w-]*[\dA-Z])[\w-]{21,}|[\w.+-]+@[\w.-]+|\b\d{9,}\b/g;

/**
 * An error as a log may hold it: what kind it is and where in the program, not whom it was about.
 *
 * Claim: no id, key, token, address or registration in an error's words reaches a log, and nothing of a database's row.
 * Why: a log is read by more people than the database, and one line about a failed row says who shares which customer.
 */
export function nameError(error: unknown): unknown {
  return error instanceof Error ? withoutNames(pino.stdSerializers.err(error)) : withoutNames(error);
}

function withoutNames(value: unknown): unknown {
  // Behind "detail" MikroORM puts the row; a path of the program is no name.
  if (typeof value === 'string') return value.replaceAll(/\s+- detail: [^\n]*/g, '').split('\n').map((line) => (/^\s+at /.test(line) ? line : line.replaceAll(NAMES, '…'))).join('\n');
  if (Array.isArray(value)) return value.map(withoutNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, each]) => (ABOUT_ROWS.has(name) ? [] : [[name, withoutNames(each)]])));
}

import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { formatMinor } from '../../../src/values/money.js';
import { customerConditions, type CustomerConditions } from '../ledger/list-customers.js';
import { customerColumns, type CustomerRecord } from '../ledger/read-customer.js';
import { csvRow } from './csv-cell.js';
import type { ExportFormat } from './export.table.js';

/** So many rows are read at a time: some hundred kilobytes of text. */
const BATCH_ROWS = 2_000;

const HEADER = [
  'customer_reference', 'customer_name', 'registration_scheme', 'registration_value', 'country', 'terms_days', 'terms_end_of_month', 'terms_fixed_day', 'credit_limit', 'credit_limit_currency',
];

/**
 * The customers of a list as text, a batch to a chunk and to a transaction. They go by their reference, which never changes:
 * each comes once, as it is when its batch is read.
 */
export async function* streamCustomers(firm: FirmDatabase, conditions: CustomerConditions, format: ExportFormat): AsyncGenerator<string, void, void> {
  if (format === 'CSV') yield csvRow(HEADER);
  for (let last: CustomerRecord | undefined; ; ) {
    const behind = last === undefined ? sql`` : sql`and c.reference > ${last.reference}`;
    const { rows } = await firm.transaction((em) =>
      sql<CustomerRecord>`
        select ${customerColumns} from portfolios.customer c where ${customerConditions(conditions)} ${behind} order by c.reference limit ${BATCH_ROWS}
      `.execute(em.getKysely<unknown>()),
    );
    if (rows.length > 0) yield rows.map(format === 'CSV' ? toCsv : toJson).join('');
    if (rows.length < BATCH_ROWS) return;
    last = rows.at(-1);
  }
}

function toCsv(row: CustomerRecord): string {
  return csvRow([
    row.reference, row.name, row.registrationScheme, row.registrationValue, row.country, row.termsDays, row.termsEndOfMonth, row.termsFixedDay, limitOf(row), row.creditLimitCurrency,
  ]);
}

function toJson(row: CustomerRecord): string {
  const { id, reference, name, country } = row;
  const registration = row.registrationScheme === null ? null : { scheme: row.registrationScheme, value: row.registrationValue };
  const terms = row.termsDays === null ? null : { days: row.termsDays, endOfMonth: row.termsEndOfMonth, fixedDay: row.termsFixedDay };
  const creditLimit = row.creditLimitCurrency === null ? null : { amount: limitOf(row), currency: row.creditLimitCurrency };
  return `${JSON.stringify({ id, reference, name, country, registration, terms, creditLimit })}\n`;
}

function limitOf({ creditLimitMinor, creditLimitCurrency }: CustomerRecord): string | null {
  return creditLimitMinor === null || creditLimitCurrency === null ? null : formatMinor(BigInt(creditLimitMinor), creditLimitCurrency);
}

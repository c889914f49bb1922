import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { formatMinor } from '../../../src/values/money.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { invoiceConditions } from '../ledger/list-invoices.js';
import { invoiceColumns, type InvoiceRecord } from '../ledger/read-invoice.js';
import { csvRow } from './csv-cell.js';
import type { ExportFilter, ExportFormat } from './export.table.js';

/** So many rows are read at a time: some hundred kilobytes of text. */
const BATCH_ROWS = 2_000;

interface ExportedInvoice extends InvoiceRecord {
  readonly customerReference: string;
  readonly customerName: string;
  readonly country: string | null;
  readonly registrationScheme: string | null;
  readonly registrationValue: string | null;
  /** Whether a file that names the last day says all there is of how the invoice was settled. */
  readonly settledAtOnce: boolean;
}

/** The columns of an import come first, then what an import leaves alone. */
const HEADER = [
  'customer_reference', 'customer_name', 'registration_scheme', 'registration_value', 'country', 'invoice_number', 'invoice_kind', 'issue_date', 'due_date', 'currency',
  'amount', 'settled_on', 'open_amount', 'assumed_due_date', 'last_settled_on',
];

/**
 * The invoices of a list as text, a batch to a chunk and to a transaction. They go by what never changes of an invoice, its
 * customer and number: each comes once, as it is when its batch is read. An import of the CSV changes nothing.
 */
export async function* streamInvoices(firm: FirmDatabase, filter: ExportFilter, asOf: Temporal.PlainDate, format: ExportFormat): AsyncGenerator<string, void, void> {
  if (format === 'CSV') yield csvRow(HEADER);
  if (filter.customerId !== null && !isUuid(filter.customerId)) return;
  // An import takes an invoice for one that counts: one that is cancelled would come back by it.
  const counting = format === 'CSV' ? sql`not i.cancelled` : sql`true`;
  const ofCustomer = filter.customerId === null ? sql`` : sql`and i.customer_id = ${filter.customerId}::uuid`;
  for (let last: ExportedInvoice | undefined; ; ) {
    const behind = last === undefined ? sql`` : sql`and (i.customer_id, i.number) > (${last.customerId}::uuid, ${last.number})`;
    const { rows } = await firm.transaction((em) =>
      sql<ExportedInvoice>`
        with page as (
          select i.* from portfolios.invoice i
          where ${counting} and ${invoiceConditions({ ...filter, asOf: asOf.toString() })} ${ofCustomer} ${behind}
          order by i.customer_id, i.number limit ${BATCH_ROWS}
        )
        select ${invoiceColumns}, c.reference as "customerReference", c.name as "customerName", c.country,
          c.registration_scheme as "registrationScheme", c.registration_value as "registrationValue",
          i.settled_on is not null and not exists (
            select from portfolios.application a
            where a.invoice_id = i.id and a.receipt_id is null and a.credit_note_id is null and a.applied_on <> i.settled_on
          ) as "settledAtOnce"
        -- One look into an index each: joined as a whole, every batch would read all customers.
        from page i cross join lateral (select * from portfolios.customer where id = i.customer_id limit 1) c order by i.customer_id, i.number
      `.execute(em.getKysely<unknown>()),
    );
    if (rows.length > 0) yield rows.map(format === 'CSV' ? toCsv : toJson).join('');
    if (rows.length < BATCH_ROWS) return;
    last = rows.at(-1);
  }
}

/** A due date that was assumed is left to be assumed again, and a day of settlement that does not say all to the last columns. */
function toCsv(row: ExportedInvoice): string {
  return csvRow([
    row.customerReference, row.customerName, row.registrationScheme, row.registrationValue, row.country, row.number, row.kind, row.issueDate, row.dueDateAssumed ? null : row.dueDate,
    row.currency, amountOf(row), row.settledAtOnce ? row.settledOn : null, openOf(row), row.dueDateAssumed ? row.dueDate : null, row.settledOn,
  ]);
}

function toJson(row: ExportedInvoice): string {
  const { id, number, kind, issueDate, dueDate, dueDateAssumed, currency, settledOn, cancelled, customerId, customerReference, customerName } = row;
  const customer = { id: customerId, reference: customerReference, name: customerName };
  return `${JSON.stringify({ id, customer, number, kind, issueDate, dueDate, dueDateAssumed, currency, amount: amountOf(row), openAmount: openOf(row), settledOn, cancelled })}\n`;
}

function amountOf({ amountMinor, currency }: ExportedInvoice): string {
  return formatMinor(BigInt(amountMinor), currency);
}

function openOf({ amountMinor, appliedMinor, currency, cancelled }: ExportedInvoice): string {
  return formatMinor(cancelled ? 0n : BigInt(amountMinor) - BigInt(appliedMinor), currency);
}

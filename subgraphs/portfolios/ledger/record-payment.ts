import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Money } from '../../../src/values/money.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { ApplicationTable } from './application.table.js';
import { CustomerTable } from './customer.table.js';
import { demandLabel } from './demand-label.js';
import { InvoiceTable, type InvoiceRow } from './invoice.table.js';
import { ReceiptTable, type ReceiptRow } from './receipt.table.js';
import { tellLedgerChange } from './tell-ledger-change.js';

/** A remittance that names more invoices than this is a file, and files are imported. */
const MOST_NAMED_INVOICES = 500;

export interface Payment {
  readonly customerId: string;
  readonly reference: string;
  readonly receivedOn: Temporal.PlainDate;
  readonly amount: Money;
  /** In the order in which they take from it. */
  readonly invoiceNumbers: readonly string[];
}

export interface RecordedPayment {
  /** The named invoices, in the given order. */
  readonly invoiceIds: readonly string[];
  readonly unapplied: Money;
}

/**
 * Takes a payment. The named invoices take from it in their order, each at most what is open of it; what is left stays
 * unapplied. The same reference again changes nothing; with another content it is refused.
 */
export async function recordPayment(firm: FirmDatabase, firmId: string, payment: Payment): Promise<RecordedPayment> {
  const reference = demandLabel(payment.reference, ['input', 'reference']);
  const numbers = demandNumbers(payment.invoiceNumbers);
  if (!isUuid(payment.customerId)) throw notFound(['input', 'customerId']);
  return firm.transaction(async (em) => {
    const customer = await em.findOne(CustomerTable, { id: payment.customerId });
    if (!customer) throw notFound(['input', 'customerId']);
    // The same payment twice at once: one inserts, the other waits for it here and then finds its row.
    const { rows: inserted } = await sql<{ id: string }>`
      insert into portfolios.receipt (customer_id, reference, received_on, currency, amount_minor, named_invoices)
      values (${customer.id}, ${reference}, ${payment.receivedOn.toString()}, ${payment.amount.currency}, ${payment.amount.minor.toString()}, ${numbers})
      on conflict (firm_id, customer_id, reference) do nothing returning id
    `.execute(em.getKysely<unknown>());
    const receipt = await em.findOneOrFail(ReceiptTable, { customerId: customer.id, reference });
    if (inserted.length === 0) demandSame(receipt, payment, numbers);
    const invoices = await lockInvoices(em, customer.id, numbers);
    if (inserted.length > 0) {
      const changed = await applyPayment(em, receipt, invoices);
      await em.flush();
      await tellLedgerChange(em, firmId, changed);
    }
    return {
      invoiceIds: invoices.map((invoice) => invoice.id),
      unapplied: { minor: receipt.amountMinor - receipt.appliedMinor, currency: receipt.currency },
    };
  });
}

/** The numbers of a remittance, each at most once. */
export function demandNumbers(given: readonly string[]): readonly string[] {
  const path = ['input', 'invoiceNumbers'];
  if (given.length > MOST_NAMED_INVOICES) throw new Refusal('INVALID', `A payment names at most ${MOST_NAMED_INVOICES} invoices.`, path);
  const numbers = given.map((number, index) => demandLabel(number, [...path, String(index)]));
  const twice = numbers.findIndex((number, index) => numbers.indexOf(number) !== index);
  if (twice !== -1) throw new Refusal('INVALID', 'This invoice is named twice.', [...path, String(twice)]);
  return numbers;
}

function demandSame(receipt: ReceiptRow, payment: Payment, numbers: readonly string[]): void {
  const differing =
    receipt.receivedOn !== payment.receivedOn.toString() ? 'receivedOn'
    : receipt.currency !== payment.amount.currency || receipt.amountMinor !== payment.amount.minor ? 'amount'
    : JSON.stringify(receipt.namedInvoices) !== JSON.stringify(numbers) ? 'invoiceNumbers'
    : undefined;
  if (differing) throw new Refusal('CONFLICT', 'A payment with this reference was recorded with another content.', ['input', differing]);
}

/**
 * The named invoices, in the given order. They are locked in the order of their ids, so that two payments that name the
 * same invoices in different orders wait for one another instead of for ever.
 */
export async function lockInvoices(em: EntityManager, customerId: string, numbers: readonly string[]): Promise<readonly InvoiceRow[]> {
  if (numbers.length === 0) return [];
  const rows = await em.find(InvoiceTable, { customerId, number: { $in: [...numbers] } }, { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } });
  const byNumber = new Map(rows.map((row) => [row.number, row]));
  return numbers.map((number, index) => {
    const invoice = byNumber.get(number);
    if (!invoice) throw notFound(['input', 'invoiceNumbers', String(index)]);
    return invoice;
  });
}

/** Lets each invoice take what is open of it. The ids of those that took something. */
export async function applyPayment(em: EntityManager, receipt: ReceiptRow, invoices: readonly InvoiceRow[]): Promise<readonly string[]> {
  invoices.forEach((invoice, index) => {
    const path = ['input', 'invoiceNumbers', String(index)];
    if (invoice.kind !== 'INVOICE') throw new Refusal('INVALID', 'A payment does not settle a credit note.', path);
    if (invoice.cancelled) throw new Refusal('NOT_ALLOWED', 'This invoice is cancelled.', path);
    if (invoice.currency !== receipt.currency) throw new Refusal('INVALID', `This invoice is in ${invoice.currency}.`, path);
  });
  const lastDays = await lastApplicationDays(em, invoices);
  const changed: string[] = [];
  for (const invoice of invoices) {
    const left = receipt.amountMinor - receipt.appliedMinor;
    const open = invoice.amountMinor - invoice.appliedMinor;
    const taken = left < open ? left : open;
    if (taken === 0n) continue;
    // A payment in advance settles nothing before there is an invoice; until then it is unapplied.
    const appliedOn = latest(receipt.receivedOn, invoice.issueDate);
    em.create(ApplicationTable, { customerId: invoice.customerId, invoiceId: invoice.id, receiptId: receipt.id, appliedOn, amountMinor: taken });
    receipt.appliedMinor += taken;
    invoice.appliedMinor += taken;
    invoice.settledOn = invoice.appliedMinor === invoice.amountMinor ? latest(appliedOn, lastDays.get(invoice.id) ?? appliedOn) : null;
    invoice.revision += 1n;
    changed.push(invoice.id);
  }
  return changed;
}

/** Payments are not always recorded in the order they came in: an invoice is settled on the latest day of them all. */
async function lastApplicationDays(em: EntityManager, invoices: readonly InvoiceRow[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ invoice_id: string; day: string }>`
    select invoice_id, max(applied_on)::text as day from portfolios.application
    where invoice_id = any(${invoices.map((invoice) => invoice.id)}::uuid[]) group by invoice_id
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map((row) => [row.invoice_id, row.day]));
}

function latest(day: string, other: string): string {
  return day > other ? day : other;
}

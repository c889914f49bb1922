import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { invariant, notFound, Refusal } from '../../../src/errors.js';
import type { Money } from '../../../src/values/money.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { DEFAULT_TERMS, dueDate, type EndOfMonth, type PaymentTerms } from '../terms/due-date.js';
import { CustomerTable, type CustomerRow } from './customer.table.js';
import { demandLabel } from './demand-label.js';
import { InvoiceTable, type InvoiceRow } from './invoice.table.js';
import type { InvoiceKind } from './read-invoice.js';
import { tellLedgerChange } from './tell-ledger-change.js';

export interface InvoiceFacts {
  readonly customerId: string;
  readonly number: string;
  readonly kind: InvoiceKind;
  readonly issueDate: Temporal.PlainDate;
  /** Left out: from the customer's terms, else 30 days. */
  readonly dueDate: Temporal.PlainDate | undefined;
  /** Above zero; a credit note's too. */
  readonly amount: Money;
}

/**
 * Takes an invoice or a credit note by its number and returns its id. The same again changes nothing; other dates or
 * another amount correct it, as long as what was already applied still fits.
 */
export async function upsertInvoice(firm: FirmDatabase, firmId: string, facts: InvoiceFacts): Promise<string> {
  const number = demandLabel(facts.number, ['input', 'number']);
  const { issueDate, amount } = facts;
  if (facts.dueDate && Temporal.PlainDate.compare(facts.dueDate, issueDate) < 0) {
    throw new Refusal('INVALID', 'An invoice cannot be due before it is issued.', ['input', 'dueDate']);
  }
  if (!isUuid(facts.customerId)) throw notFound(['input', 'customerId']);
  return firm.transaction(async (em) => {
    const customer = await em.findOne(CustomerTable, { id: facts.customerId });
    if (!customer) throw notFound(['input', 'customerId']);
    const due = facts.dueDate ?? dueDate(termsOf(customer) ?? DEFAULT_TERMS, issueDate);
    // Two at once with a new number: one inserts, the other waits for it here and then finds its row.
    const { rows: inserted } = await sql<{ id: string }>`
      insert into portfolios.invoice (customer_id, number, kind, issue_date, due_date, due_date_assumed, currency, amount_minor)
      values (${customer.id}, ${number}, ${facts.kind}, ${issueDate.toString()}, ${due.toString()}, ${facts.dueDate === undefined}, ${amount.currency}, ${amount.minor.toString()})
      on conflict (firm_id, customer_id, number) do nothing returning id
    `.execute(em.getKysely<unknown>());
    const id = inserted[0]?.id ?? (await correct(em, customer, number, facts));
    if (id !== undefined) {
      await tellLedgerChange(em, firmId, [id]);
      return id;
    }
    return (await em.findOneOrFail(InvoiceTable, { customerId: customer.id, number })).id;
  });
}

/** Corrects a known invoice; its id, or undefined when nothing differs. */
async function correct(em: EntityManager, customer: CustomerRow, number: string, facts: InvoiceFacts): Promise<string | undefined> {
  const invoice = await em.findOne(InvoiceTable, { customerId: customer.id, number }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  invariant(invoice, 'an invoice that conflicts is there');
  if (invoice.kind !== facts.kind) throw new Refusal('CONFLICT', 'This number stands for another kind of document.', ['input', 'kind']);
  if (invoice.currency !== facts.amount.currency) throw new Refusal('CONFLICT', `This invoice is in ${invoice.currency}.`, ['input', 'amount', 'currency']);
  if (facts.amount.minor < invoice.appliedMinor) throw new Refusal('CONFLICT', 'More than this amount is already applied to the invoice.', ['input', 'amount', 'amount']);
  const issueDate = facts.issueDate.toString();
  const due = dueOf(invoice, customer, facts);
  const same = invoice.issueDate === issueDate && invoice.dueDate === due.date && invoice.dueDateAssumed === due.assumed && invoice.amountMinor === facts.amount.minor && !invoice.cancelled;
  if (same) return undefined;
  const { first, last } = await applicationDays(em, invoice.id);
  if (first !== null && first < issueDate) throw new Refusal('CONFLICT', `A part of this invoice was settled on ${first}: it cannot be issued later.`, ['input', 'issueDate']);
  invoice.issueDate = issueDate;
  invoice.dueDate = due.date;
  invoice.dueDateAssumed = due.assumed;
  invoice.amountMinor = facts.amount.minor;
  invoice.settledOn = invoice.appliedMinor === invoice.amountMinor ? last : null;
  invoice.cancelled = false;
  invoice.revision += 1n;
  await em.flush();
  return invoice.id;
}

/** A due date once assumed stays while the issue date does, whatever became of the customer's terms since. */
function dueOf(invoice: InvoiceRow, customer: CustomerRow, facts: InvoiceFacts): { readonly date: string; readonly assumed: boolean } {
  if (facts.dueDate) return { date: facts.dueDate.toString(), assumed: false };
  if (invoice.issueDate === facts.issueDate.toString()) return { date: invoice.dueDate, assumed: invoice.dueDateAssumed };
  return { date: dueDate(termsOf(customer) ?? DEFAULT_TERMS, facts.issueDate).toString(), assumed: true };
}

function termsOf(customer: CustomerRow): PaymentTerms | undefined {
  if (customer.termsDays === null || customer.termsDays === undefined) return undefined;
  return { days: customer.termsDays, endOfMonth: (customer.termsEndOfMonth ?? 'NONE') as EndOfMonth, fixedDay: customer.termsFixedDay ?? null };
}

/** The first and the last day on which something was applied to an invoice. */
async function applicationDays(em: EntityManager, invoiceId: string): Promise<{ readonly first: string | null; readonly last: string | null }> {
  const { rows } = await sql<{ first: string | null; last: string | null }>`
    select min(applied_on)::text as first, max(applied_on)::text as last from portfolios.application where invoice_id = ${invoiceId} or credit_note_id = ${invoiceId}
  `.execute(em.getKysely<unknown>());
  return rows[0]!;
}

import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { demandLabel } from '../ledger/demand-label.js';
import { InvoiceTable, type InvoiceRow } from '../ledger/invoice.table.js';
import { tellCustomerChange } from '../ledger/tell-customer-change.js';
import { demandNote } from './demand-note.js';
import type { DisputeReason } from './dispute-reason.js';
import { DisputeTable, type DisputeRow } from './dispute.table.js';
import { readOpenAmounts } from './read-open-amount.js';

export interface Contest {
  readonly invoiceId: string;
  readonly reason: DisputeReason;
  readonly responsible: string;
  readonly note: string | null;
  /** Left out: today. */
  readonly openedOn: Temporal.PlainDate | undefined;
}

/**
 * Notes that a customer contests an invoice, and returns the dispute's id. An invoice has one open dispute at a time: the
 * same again changes nothing, another content is refused.
 */
export async function openDispute(firm: FirmDatabase, asker: Asker, contest: Contest, today: Temporal.PlainDate): Promise<string> {
  const responsible = demandLabel(contest.responsible, ['input', 'responsible']);
  const note = demandNote(contest.note, ['input', 'note']);
  const openedOn = contest.openedOn ?? today;
  if (Temporal.PlainDate.compare(openedOn, today) > 0) throw new Refusal('INVALID', 'A dispute is not opened in the future.', ['input', 'openedOn']);
  if (!isUuid(contest.invoiceId)) throw notFound(['input', 'invoiceId']);
  return firm.transaction(async (em) => {
    // Two at once wait for one another here; the second finds what the first opened.
    const invoice = await em.findOne(InvoiceTable, { id: contest.invoiceId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!invoice) throw notFound(['input', 'invoiceId']);
    const [latest] = await em.find(DisputeTable, { invoiceId: invoice.id }, { orderBy: { openedOn: 'desc', id: 'desc' }, limit: 1 });
    if (latest && !latest.resolvedOn) return demandSame(latest, contest, responsible, note);
    demandContestable(invoice, openedOn, latest);
    const amountMinor = await openAmount(em, invoice, openedOn);
    const dispute = em.create(DisputeTable, {
      customerId: invoice.customerId, invoiceId: invoice.id, reason: contest.reason, responsible, note,
      currency: invoice.currency, amountMinor, openedOn: openedOn.toString(), openedBy: asker.userId ?? null,
    });
    await em.flush();
    await tellCustomerChange(em, asker.firmId, today, invoice.customerId);
    return dispute.id;
  });
}

function demandSame(open: DisputeRow, contest: Contest, responsible: string, note: string | null): string {
  const differing =
    open.reason !== contest.reason ? 'reason'
    : open.responsible !== responsible ? 'responsible'
    : (open.note ?? null) !== note ? 'note'
    : contest.openedOn && open.openedOn !== contest.openedOn.toString() ? 'openedOn'
    : undefined;
  if (differing) throw new Refusal('CONFLICT', 'This invoice is in dispute already, with another content.', ['input', differing]);
  return open.id;
}

function demandContestable(invoice: InvoiceRow, openedOn: Temporal.PlainDate, earlier: DisputeRow | undefined): void {
  if (invoice.kind !== 'INVOICE') throw new Refusal('NOT_ALLOWED', 'A credit note is not contested.', ['input', 'invoiceId']);
  if (invoice.cancelled) throw new Refusal('NOT_ALLOWED', 'This invoice is cancelled.', ['input', 'invoiceId']);
  const day = openedOn.toString();
  if (day < invoice.issueDate) throw new Refusal('INVALID', 'An invoice is not contested before it is issued.', ['input', 'openedOn']);
  if (earlier?.resolvedOn && day < earlier.resolvedOn) throw new Refusal('INVALID', `An earlier dispute of this invoice lasted until ${earlier.resolvedOn}.`, ['input', 'openedOn']);
}

async function openAmount(em: EntityManager, invoice: InvoiceRow, day: Temporal.PlainDate): Promise<bigint> {
  const minor = (await readOpenAmounts(em, [invoice.id], day)).get(invoice.id) ?? 0n;
  if (minor === 0n) throw new Refusal('NOT_ALLOWED', 'Nothing of this invoice was open on that day.', ['input', 'invoiceId']);
  return minor;
}

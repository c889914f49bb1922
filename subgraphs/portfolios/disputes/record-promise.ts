import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Money } from '../../../src/values/money.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { InvoiceTable, type InvoiceRow } from '../ledger/invoice.table.js';
import { tellCustomerChange } from '../ledger/tell-customer-change.js';
import { demandNote } from './demand-note.js';
import { PaymentPromiseTable } from './payment-promise.table.js';
import { readOpenAmounts } from './read-open-amount.js';

/** A promise about more invoices than this is about the whole account. */
const MOST_PROMISED_INVOICES = 100;

export interface Promised {
  readonly invoiceIds: readonly string[];
  readonly promisedOn: Temporal.PlainDate;
  /** Left out: all that is open of the invoices. */
  readonly amount: Money | undefined;
  /** Left out: today. */
  readonly madeOn: Temporal.PlainDate | undefined;
  readonly note: string | null;
}

interface Earlier {
  readonly id: string;
  readonly made_on: string;
  readonly promised_on: string;
  readonly amount_minor: string;
  readonly left_minor: string;
  readonly same_invoices: boolean;
}

/**
 * Notes that a customer promised to pay invoices by a day, and returns the promise's id. The same again changes nothing;
 * a newer promise about one of its invoices takes the place of one that is still pending.
 */
export async function recordPromise(firm: FirmDatabase, asker: Asker, promised: Promised, today: Temporal.PlainDate): Promise<string> {
  const note = demandNote(promised.note, ['input', 'note']);
  const madeOn = promised.madeOn ?? today;
  if (Temporal.PlainDate.compare(madeOn, today) > 0) throw new Refusal('INVALID', 'A promise is not made in the future.', ['input', 'madeOn']);
  if (Temporal.PlainDate.compare(promised.promisedOn, madeOn) < 0) throw new Refusal('INVALID', 'A promise is about a day to come.', ['input', 'promisedOn']);
  demandIds(promised.invoiceIds);
  return firm.transaction(async (em) => {
    const invoices = await lockInvoices(em, promised.invoiceIds);
    const currency = demandPromisable(invoices, promised.amount, madeOn);
    const earlier = await readEarlier(em, promised.invoiceIds);
    const [latest] = earlier;
    if (latest && isSame(latest, promised, madeOn)) return latest.id;
    if (latest && latest.made_on > madeOn.toString()) throw new Refusal('CONFLICT', `A newer promise about these invoices was made on ${latest.made_on}.`, ['input', 'madeOn']);
    const openMinor = await openAmount(em, promised.invoiceIds, madeOn);
    const amountMinor = promised.amount?.minor ?? openMinor;
    if (amountMinor > openMinor) throw new Refusal('INVALID', 'More is promised than is open of these invoices.', ['input', 'amount', 'amount']);
    await replace(em, earlier, madeOn);
    const promise = em.create(PaymentPromiseTable, {
      customerId: invoices[0]!.customerId, madeOn: madeOn.toString(), promisedOn: promised.promisedOn.toString(), currency, amountMinor, leftMinor: openMinor - amountMinor,
      note, recordedBy: asker.userId ?? null,
    });
    await em.flush();
    await sql`insert into portfolios.payment_promise_invoice (promise_id, invoice_id) select ${promise.id}, id from unnest(${[...promised.invoiceIds]}::uuid[]) as named (id)`.execute(em.getKysely<unknown>());
    await tellCustomerChange(em, asker.firmId, today, promise.customerId);
    return promise.id;
  });
}

function demandIds(ids: readonly string[]): void {
  const path = ['input', 'invoiceIds'];
  if (ids.length === 0) throw new Refusal('REQUIRED', 'A promise is about an invoice.', path);
  if (ids.length > MOST_PROMISED_INVOICES) throw new Refusal('INVALID', `A promise is about at most ${MOST_PROMISED_INVOICES} invoices.`, path);
  ids.forEach((id, index) => {
    if (!isUuid(id)) throw notFound([...path, String(index)]);
    if (ids.indexOf(id) !== index) throw new Refusal('INVALID', 'This invoice is named twice.', [...path, String(index)]);
  });
}

/** The invoices in the given order, locked in the order of their ids: two promises at once wait for one another instead of for ever. */
async function lockInvoices(em: EntityManager, ids: readonly string[]): Promise<readonly InvoiceRow[]> {
  const rows = await em.find(InvoiceTable, { id: { $in: [...ids] } }, { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id, index) => {
    const invoice = byId.get(id);
    if (!invoice) throw notFound(['input', 'invoiceIds', String(index)]);
    return invoice;
  });
}

/** Their currency; refused when they are not one customer's invoices in one currency. */
function demandPromisable(invoices: readonly InvoiceRow[], amount: Money | undefined, madeOn: Temporal.PlainDate): string {
  const { customerId, currency } = invoices[0]!;
  invoices.forEach((invoice, index) => {
    const path = ['input', 'invoiceIds', String(index)];
    if (invoice.customerId !== customerId) throw new Refusal('INVALID', 'This invoice went to another customer.', path);
    if (invoice.currency !== currency) throw new Refusal('INVALID', `This invoice is in ${invoice.currency}.`, path);
    if (invoice.kind !== 'INVOICE') throw new Refusal('NOT_ALLOWED', 'Nobody promises to pay a credit note.', path);
    if (invoice.cancelled) throw new Refusal('NOT_ALLOWED', 'This invoice is cancelled.', path);
    if (madeOn.toString() < invoice.issueDate) throw new Refusal('INVALID', 'This invoice was not issued yet when the promise was made.', path);
  });
  if (amount && amount.currency !== currency) throw new Refusal('INVALID', `These invoices are in ${currency}.`, ['input', 'amount', 'currency']);
  return currency;
}

/** The promises about any of these invoices that nothing took the place of, the newest first. */
async function readEarlier(em: EntityManager, invoiceIds: readonly string[]): Promise<readonly Earlier[]> {
  const { rows } = await sql<Earlier>`
    select p.id, p.made_on::text, p.promised_on::text, p.amount_minor::text, p.left_minor::text,
      (select count(*) = ${invoiceIds.length} and bool_and(n.invoice_id = any(${[...invoiceIds]}::uuid[])) from portfolios.payment_promise_invoice n where n.promise_id = p.id) as same_invoices
    from portfolios.payment_promise p
    where p.replaced_on is null and exists (select from portfolios.payment_promise_invoice n where n.promise_id = p.id and n.invoice_id = any(${[...invoiceIds]}::uuid[]))
    order by p.made_on desc, p.id desc
  `.execute(em.getKysely<unknown>());
  return rows;
}

/** A promise of all that is open stays the same when a part of it is paid meanwhile. */
function isSame(latest: Earlier, { promisedOn, amount, madeOn: given }: Promised, madeOn: Temporal.PlainDate): boolean {
  const sameAmount = amount ? latest.amount_minor === amount.minor.toString() : latest.left_minor === '0';
  return latest.same_invoices && latest.promised_on === promisedOn.toString() && sameAmount && (given === undefined || latest.made_on === madeOn.toString());
}

async function openAmount(em: EntityManager, invoiceIds: readonly string[], day: Temporal.PlainDate): Promise<bigint> {
  const amounts = await readOpenAmounts(em, invoiceIds, day);
  invoiceIds.forEach((id, index) => {
    if ((amounts.get(id) ?? 0n) === 0n) throw new Refusal('NOT_ALLOWED', 'Nothing of this invoice is open.', ['input', 'invoiceIds', String(index)]);
  });
  return [...amounts.values()].reduce((sum, minor) => sum + minor, 0n);
}

/** Only what is still pending is replaced: a broken promise stays broken. */
async function replace(em: EntityManager, earlier: readonly Earlier[], madeOn: Temporal.PlainDate): Promise<void> {
  const day = madeOn.toString();
  const pending = earlier.filter(({ promised_on }) => promised_on >= day).map(({ id }) => id);
  if (pending.length > 0) await sql`update portfolios.payment_promise set replaced_on = ${day}::date where id = any(${pending}::uuid[])`.execute(em.getKysely<unknown>());
}

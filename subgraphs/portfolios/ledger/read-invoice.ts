import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';

export const INVOICE_KINDS = ['INVOICE', 'CREDIT_NOTE'] as const;
export type InvoiceKind = (typeof INVOICE_KINDS)[number];

/** An invoice as the database gives it. */
export interface InvoiceRecord {
  readonly id: string;
  readonly customerId: string;
  readonly number: string;
  readonly kind: InvoiceKind;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly dueDateAssumed: boolean;
  readonly currency: string;
  readonly amountMinor: string;
  readonly appliedMinor: string;
  readonly settledOn: string | null;
  readonly cancelled: boolean;
}

/** The columns of an `InvoiceRecord`, of an invoice `i`. */
export const invoiceColumns = sql`
  i.id, i.customer_id as "customerId", i.number, i.kind, i.issue_date::text as "issueDate", i.due_date::text as "dueDate",
  i.due_date_assumed as "dueDateAssumed", i.currency, i.amount_minor::text as "amountMinor", i.applied_minor::text as "appliedMinor",
  i.settled_on::text as "settledOn", i.cancelled
`;

/** Invoices by id; what is malformed, unknown or another firm's is null. */
export const readInvoices: BatchRead<string, InvoiceRecord> = async (request, ids) => {
  const known = ids.filter(isUuid);
  if (known.length === 0) return ids.map(() => null);
  const { rows } = await request.read((em) =>
    sql<InvoiceRecord>`select ${invoiceColumns} from portfolios.invoice i where i.id = any(${known}::uuid[])`.execute(em.getKysely<unknown>()),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

/** What was applied to an invoice after a day. */
export interface AppliedLaterKey {
  readonly invoiceId: string;
  readonly day: string;
}

/** Minor units applied to each invoice, or of each credit note, after a day. */
export const readAppliedLater: BatchRead<AppliedLaterKey, bigint> = async (request, keys) => {
  const { rows } = await request.read((em) =>
    sql<{ place: number; minor: string }>`
      select asked.place::int as place, sum(a.amount_minor)::text as minor
      from unnest(${keys.map((key) => key.invoiceId)}::uuid[], ${keys.map((key) => key.day)}::date[]) with ordinality as asked (invoice_id, day, place)
      cross join lateral (
        select amount_minor from portfolios.application where invoice_id = asked.invoice_id and applied_on > asked.day
        union all select amount_minor from portfolios.application where credit_note_id = asked.invoice_id and applied_on > asked.day
      ) a
      group by asked.place
    `.execute(em.getKysely<unknown>()),
  );
  const byPlace = new Map(rows.map((row) => [row.place, BigInt(row.minor)]));
  return keys.map((_, index) => byPlace.get(index + 1) ?? 0n);
};

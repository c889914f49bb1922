import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';

/** A receipt as the database gives it. */
export interface ReceiptRecord {
  readonly id: string;
  readonly customerId: string | null;
  readonly reference: string;
  readonly receivedOn: string;
  readonly currency: string;
  readonly amountMinor: string;
  readonly appliedMinor: string;
  readonly payer: string | null;
  readonly payerAccount: string | null;
  readonly remittance: string | null;
}

/** The columns of a `ReceiptRecord`, of a receipt `r`. */
export const receiptColumns = sql`
  r.id, r.customer_id as "customerId", r.reference, r.received_on::text as "receivedOn", r.currency, r.amount_minor::text as "amountMinor", r.applied_minor::text as "appliedMinor",
  r.payer, r.payer_account as "payerAccount", r.remittance
`;

/** Receipts by id; what is malformed, unknown or another firm's is null. */
export const readReceipts: BatchRead<string, ReceiptRecord> = async (request, ids) => {
  const known = ids.filter(isUuid);
  if (known.length === 0) return ids.map(() => null);
  const { rows } = await request.read((em) =>
    sql<ReceiptRecord>`select ${receiptColumns} from portfolios.receipt r where r.id = any(${known}::uuid[])`.execute(em.getKysely<unknown>()),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

/** What a receipt settled of one invoice. */
export interface ReceiptPart {
  readonly receiptId: string;
  readonly invoiceId: string;
  readonly amountMinor: string;
  readonly appliedOn: string;
}

/** What each receipt settled, in the order in which it was applied. */
export const readReceiptParts: BatchRead<string, readonly ReceiptPart[]> = async (request, ids) => {
  const { rows } = await request.read((em) =>
    sql<ReceiptPart>`
      select receipt_id as "receiptId", invoice_id as "invoiceId", amount_minor::text as "amountMinor", applied_on::text as "appliedOn"
      from portfolios.application where receipt_id = any(${ids.filter(isUuid)}::uuid[]) order by id
    `.execute(em.getKysely<unknown>()),
  );
  const byReceipt = Map.groupBy(rows, ({ receiptId }) => receiptId);
  return ids.map((id) => byReceipt.get(id) ?? []);
};

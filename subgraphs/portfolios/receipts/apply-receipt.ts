import { LockMode } from '@mikro-orm/postgresql';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound, Refusal } from '../../../src/errors.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { CustomerTable } from '../ledger/customer.table.js';
import { ReceiptTable } from '../ledger/receipt.table.js';
import { applyPayment, demandNumbers, lockInvoices } from '../ledger/record-payment.js';
import { tellLedgerChange } from '../ledger/tell-ledger-change.js';

export interface ReceiptUse {
  readonly receiptId: string;
  readonly customerId: string;
  /** In the order in which they take from it. */
  readonly invoiceNumbers: readonly string[];
}

/**
 * Says whose a receipt is, and lets the named invoices take what is left of it, each at most what is open of it. Sent again
 * it changes nothing: what it could take it has. A receipt that settled something stays its customer's.
 */
export async function applyReceipt(firm: FirmDatabase, firmId: string, { receiptId, customerId, invoiceNumbers }: ReceiptUse): Promise<{ readonly invoiceIds: readonly string[] }> {
  const numbers = demandNumbers(invoiceNumbers);
  if (!isUuid(receiptId)) throw notFound(['input', 'receiptId']);
  if (!isUuid(customerId)) throw notFound(['input', 'customerId']);
  return firm.transaction(async (em) => {
    // Whoever else uses this receipt waits here: receipts are locked before invoices, as everywhere.
    const receipt = await em.findOne(ReceiptTable, { id: receiptId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!receipt) throw notFound(['input', 'receiptId']);
    if (!(await em.findOne(CustomerTable, { id: customerId }))) throw notFound(['input', 'customerId']);
    if (receipt.customerId !== customerId) {
      if (receipt.appliedMinor > 0n) throw new Refusal('NOT_ALLOWED', 'This receipt has settled invoices of another customer.', ['input', 'customerId']);
      if (await em.findOne(ReceiptTable, { customerId, reference: receipt.reference })) throw new Refusal('CONFLICT', 'This customer has a receipt of the same reference.', ['input', 'customerId']);
      receipt.customerId = customerId;
    }
    const invoices = await lockInvoices(em, customerId, numbers);
    const changed = await applyPayment(em, receipt, invoices);
    await em.flush();
    await tellLedgerChange(em, firmId, changed);
    return { invoiceIds: invoices.map(({ id }) => id) };
  });
}

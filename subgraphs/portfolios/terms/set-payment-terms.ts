import type { FirmDatabase } from '../../../src/database/room-database.js';
import { demandCustomer } from '../credit/demand-customer.js';
import type { PaymentTerms } from './due-date.js';

/** Sets the terms agreed with a customer, for invoices to come; null takes them away. The same again changes nothing. */
export async function setPaymentTerms(firm: FirmDatabase, customerId: string, terms: PaymentTerms | null): Promise<void> {
  await firm.transaction(async (em) => {
    const customer = await demandCustomer(em, customerId);
    customer.termsDays = terms?.days ?? null;
    customer.termsEndOfMonth = terms?.endOfMonth ?? null;
    customer.termsFixedDay = terms?.fixedDay ?? null;
    await em.flush();
  });
}

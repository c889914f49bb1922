import { LockMode } from '@mikro-orm/postgresql';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound } from '../../../src/errors.js';
import type { Money } from '../../../src/values/money.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { CustomerTable } from './customer.table.js';

/** Sets what the firm is willing to be owed by a customer; null takes the limit away. The same again changes nothing. */
export async function setCreditLimit(firm: FirmDatabase, customerId: string, limit: Money | null): Promise<void> {
  if (!isUuid(customerId)) throw notFound(['input', 'customerId']);
  await firm.transaction(async (em) => {
    const customer = await em.findOne(CustomerTable, { id: customerId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!customer) throw notFound(['input', 'customerId']);
    customer.creditLimitMinor = limit?.minor ?? null;
    customer.creditLimitCurrency = limit?.currency ?? null;
    await em.flush();
  });
}

import type { Clock } from '../../../src/clock.js';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Money } from '../../../src/values/money.js';
import { changeCreditLimit } from './change-credit-limit.js';
import { demandCustomer } from './demand-customer.js';

/**
 * Sets what the firm is willing to be owed by a customer; null takes the limit away. Who changed it, when, and from what
 * to what is kept. The same again changes nothing.
 */
export async function setCreditLimit(firm: FirmDatabase, asker: Asker, customerId: string, limit: Money | null, clock: Clock): Promise<void> {
  await firm.transaction(async (em) => {
    const customer = await demandCustomer(em, customerId);
    await changeCreditLimit(em, customer, limit, { firmId: asker.firmId, changedBy: asker.userId ?? null, byKey: asker.byKey ?? false, requestId: null }, clock);
  });
}

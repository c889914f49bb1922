import type { Clock } from '../../../src/clock.js';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Money } from '../../../src/values/money.js';
import { tellCustomerChange } from '../ledger/tell-customer-change.js';
import { CreditLimitChangeTable } from './credit-limit-change.table.js';
import { demandCustomer } from './demand-customer.js';

/**
 * Sets what the firm is willing to be owed by a customer; null takes the limit away. Who changed it, when, and from what
 * to what is kept. The same again changes nothing.
 */
export async function setCreditLimit(firm: FirmDatabase, asker: Asker, customerId: string, limit: Money | null, clock: Clock): Promise<void> {
  await firm.transaction(async (em) => {
    const customer = await demandCustomer(em, customerId);
    const to = { minor: limit?.minor ?? null, currency: limit?.currency ?? null };
    const from = { minor: customer.creditLimitMinor ?? null, currency: customer.creditLimitCurrency ?? null };
    if (to.minor === from.minor && to.currency === from.currency) return;
    em.create(CreditLimitChangeTable, {
      customerId: customer.id, changedAt: new Date(clock.now().epochMilliseconds), changedBy: asker.userId ?? null, byKey: asker.byKey ?? false,
      fromMinor: from.minor, fromCurrency: from.currency, toMinor: to.minor, toCurrency: to.currency,
    });
    customer.creditLimitMinor = to.minor;
    customer.creditLimitCurrency = to.currency;
    await em.flush();
    await tellCustomerChange(em, asker.firmId, clock.today(), customer.id);
  });
}

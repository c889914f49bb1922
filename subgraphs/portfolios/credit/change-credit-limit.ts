import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../../src/clock.js';
import type { Money } from '../../../src/values/money.js';
import type { CustomerRow } from '../ledger/customer.table.js';
import { tellCustomerChange } from '../ledger/tell-customer-change.js';
import { CreditLimitChangeTable } from './credit-limit-change.table.js';

/** Who changes a limit, and by which approved request; null: directly. */
export interface LimitAuthor {
  readonly firmId: string;
  readonly changedBy: string | null;
  readonly byKey: boolean;
  readonly requestId: string | null;
}

/**
 * Gives a customer, whose row is locked, another limit, and keeps who changed it from what to what. The same again changes nothing; an
 * approval of what is set already is kept all the same, as evidence.
 */
export async function changeCreditLimit(em: EntityManager, customer: CustomerRow, limit: Money | null, { firmId, ...author }: LimitAuthor, clock: Clock): Promise<void> {
  const to = { minor: limit?.minor ?? null, currency: limit?.currency ?? null };
  const from = { minor: customer.creditLimitMinor ?? null, currency: customer.creditLimitCurrency ?? null };
  if (to.minor === from.minor && to.currency === from.currency && author.requestId === null) return;
  em.create(CreditLimitChangeTable, {
    customerId: customer.id, changedAt: new Date(clock.now().epochMilliseconds), ...author,
    fromMinor: from.minor, fromCurrency: from.currency, toMinor: to.minor, toCurrency: to.currency,
  });
  customer.creditLimitMinor = to.minor;
  customer.creditLimitCurrency = to.currency;
  await em.flush();
  await tellCustomerChange(em, firmId, clock.today(), customer.id);
}

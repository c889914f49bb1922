import type { Request } from '../../../src/server/request.js';
import type { Money } from '../../../src/values/money.js';
import type { CustomerRecord } from '../ledger/read-customer.js';
import { decideCredit, type CreditDecision, type CreditReason } from './credit-decision.js';
import type { Exposure } from './headroom.js';
import { readCreditWarnings } from './read-credit-warnings.js';
import { readExposures } from './read-exposure.js';
import { readStandingOrders } from './read-order-exposure.js';

export interface CreditChecked {
  readonly decision: CreditDecision;
  readonly reasons: readonly CreditReason[];
  readonly limit: Money | null;
  /** Without what the order that is checked already reserved. */
  readonly exposure: Exposure;
}

const NOTHING: Exposure = { outstandingMinor: 0n, ordersMinor: 0n };

/** Says whether more may be sold to a customer today. It reserves nothing: between the check and the order others may. */
export async function checkCredit(request: Request, customer: CustomerRecord, amount: Money, orderReference: string | null): Promise<CreditChecked> {
  const [exposure, warnings, own] = await Promise.all([
    request.batch(readExposures, customer.id),
    request.batch(readCreditWarnings, customer.id),
    orderReference === null ? null : request.batch(readStandingOrders, { customerId: customer.id, orderReference }),
  ]);
  const limit = limitOf(customer);
  const whole = exposure ?? NOTHING;
  const others = own && own.currency === limit?.currency ? { ...whole, ordersMinor: whole.ordersMinor - BigInt(own.amountMinor) } : whole;
  const facts = { limit, exposure: others, oldestDaysPastDue: 0, disputedCount: 0, litigationCount: 0, brokenPromiseCount: 0, ...warnings };
  return { ...decideCredit(facts, amount), limit, exposure: others };
}

/** The limit of a customer; null when none was set. */
export function limitOf({ creditLimitMinor, creditLimitCurrency }: Pick<CustomerRecord, 'creditLimitMinor' | 'creditLimitCurrency'>): Money | null {
  return creditLimitMinor !== null && creditLimitCurrency !== null ? { minor: BigInt(creditLimitMinor), currency: creditLimitCurrency } : null;
}

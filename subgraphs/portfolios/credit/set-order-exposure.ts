import type { EntityManager } from '@mikro-orm/postgresql';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Clock } from '../../../src/clock.js';
import type { Money } from '../../../src/values/money.js';
import type { CustomerRow } from '../ledger/customer.table.js';
import { demandLabel } from '../ledger/demand-label.js';
import { tellCustomerChange } from '../ledger/tell-customer-change.js';
import { demandCustomer } from './demand-customer.js';
import { headroom } from './headroom.js';
import { OrderExposureTable } from './order-exposure.table.js';
import { selectExposures } from './read-exposure.js';

export interface OrderToReserve {
  readonly customerId: string;
  readonly orderReference: string;
  readonly amount: Money;
  /** Keep it even beyond the headroom. */
  readonly override: boolean;
}

/**
 * Reserves a part of the headroom for an accepted order and returns the reservation's id. The headroom is looked at and
 * taken under the customer's lock: two orders at once never both get what is there for one. The same again changes
 * nothing; another amount under the same reference takes its place, and only what it adds needs headroom. An order that
 * was released is reserved anew. Without a limit nothing bounds it.
 */
export async function setOrderExposure(firm: FirmDatabase, asker: Asker, order: OrderToReserve, clock: Clock): Promise<string> {
  const orderReference = demandLabel(order.orderReference, ['input', 'orderReference']);
  const { amount, override } = order;
  if (override && !asker.scopes.includes('credit:write')) throw new Refusal('NOT_ALLOWED', 'Going beyond a limit needs the scope credit:write.', ['input', 'override']);
  return firm.transaction(async (em) => {
    const customer = await demandCustomer(em, order.customerId);
    const known = await em.findOne(OrderExposureTable, { customerId: customer.id, orderReference });
    const stands = known && !known.releasedAt ? { minor: known.amountMinor, currency: known.currency } : null;
    if (known && stands?.minor === amount.minor && stands.currency === amount.currency) return known.id;
    const refusal = await refusalOf(em, customer, stands, amount, clock.today());
    if (refusal && !override) throw refusal;
    const facts = { amountMinor: amount.minor, currency: amount.currency, setAt: new Date(clock.now().epochMilliseconds), overriddenBy: refusal ? (asker.userId ?? null) : null, releasedAt: null };
    const reserved = known ?? em.create(OrderExposureTable, { customerId: customer.id, orderReference, ...facts });
    Object.assign(reserved, facts);
    await em.flush();
    await tellCustomerChange(em, asker.firmId, clock.today(), customer.id);
    return reserved.id;
  });
}

/** Why the limit does not admit an amount in the place of what stands under the same reference; undefined when it does. */
async function refusalOf(em: EntityManager, customer: CustomerRow, stands: Money | null, amount: Money, today: Temporal.PlainDate): Promise<Refusal | undefined> {
  if (typeof customer.creditLimitMinor !== 'bigint') return undefined;
  if (customer.creditLimitCurrency !== amount.currency) {
    return new Refusal('NOT_ALLOWED', `The credit limit is in ${customer.creditLimitCurrency}: an order in ${amount.currency} cannot be held against it.`, ['input', 'amount', 'currency']);
  }
  const own = stands?.currency === amount.currency ? stands.minor : 0n;
  // What frees headroom is never refused, however far the limit is exceeded.
  if (amount.minor <= own) return undefined;
  const exposure = (await selectExposures(em, today, [customer.id])).get(customer.id)!;
  if (amount.minor - own <= headroom(customer.creditLimitMinor, exposure)) return undefined;
  return new Refusal('LIMIT_REACHED', 'The amount goes beyond what is left of the credit limit.', ['input', 'amount']);
}

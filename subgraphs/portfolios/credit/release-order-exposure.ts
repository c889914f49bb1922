import type { Clock } from '../../../src/clock.js';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import { demandLabel } from '../ledger/demand-label.js';
import { tellCustomerChange } from '../ledger/tell-customer-change.js';
import { demandCustomer } from './demand-customer.js';
import { OrderExposureTable } from './order-exposure.table.js';

/** Gives back what was reserved for an order: it was invoiced or cancelled. Returns the reservation's id. Releasing it again changes nothing. */
export async function releaseOrderExposure(firm: FirmDatabase, { firmId }: Asker, customerId: string, reference: string, clock: Clock): Promise<string> {
  const orderReference = demandLabel(reference, ['input', 'orderReference']);
  return firm.transaction(async (em) => {
    const customer = await demandCustomer(em, customerId);
    const order = await em.findOne(OrderExposureTable, { customerId: customer.id, orderReference });
    if (!order) throw notFound(['input', 'orderReference']);
    order.releasedAt ??= new Date(clock.now().epochMilliseconds);
    await em.flush();
    await tellCustomerChange(em, firmId, clock.today(), customer.id);
    return order.id;
  });
}

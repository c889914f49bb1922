import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import type { Reaction } from '../../../src/events/dispatch.js';
import { record } from '../../../src/events/record.js';
import { changeCreditLimit } from './change-credit-limit.js';
import { findCustomerLocked } from './demand-customer.js';

/**
 * Sets a limit that was approved, with who approved it as its author, and answers what became of it. However often it is told it is
 * set once. A change of the limit that was made after the request stands: whoever asked and whoever approved did not know of it.
 */
export const applyApprovedLimit: Reaction<'limit.approved'> = async (room, { firmId, data: { requestId, customerId, limitMinor, currency, approvedBy, byKey } }) => {
  invariant(firmId, 'limit.approved is about a firm');
  await room.db.forFirm(firmId).transaction(async (em) => {
    const customer = await findCustomerLocked(em, customerId);
    // Ids of requests and of changes are made by databases in the order of real time, whatever business time a sandbox has.
    const { rows: later } = await sql<{ own: boolean }>`
      select coalesce(request_id = ${requestId}::uuid, false) as own from portfolios.credit_limit_change
      where customer_id = ${customerId} and (id > ${requestId}::uuid or request_id = ${requestId}::uuid)
    `.execute(em.getKysely<unknown>());
    const isDone = later.some(({ own }) => own);
    const isOvertaken = !customer || (!isDone && later.length > 0);
    if (!isDone && !isOvertaken) await changeCreditLimit(em, customer, { minor: BigInt(limitMinor), currency }, { firmId, changedBy: approvedBy, byKey, requestId }, room.clock);
    await record(em, firmId, 'limit.settled', { requestId, outcome: isOvertaken ? 'OVERTAKEN' : 'APPLIED' });
  });
};

import { LockMode } from '@mikro-orm/postgresql';
import { invariant } from '../../../src/errors.js';
import type { Reaction } from '../../../src/events/dispatch.js';
import { CreditLimitRequestStepTable } from './credit-limit-request-step.table.js';
import { CreditLimitRequestTable } from './credit-limit-request.table.js';

/** Notes what the ledger did with an approved limit. Again it changes nothing. */
export const noteLimitSettled: Reaction<'limit.settled'> = async (room, { firmId, data: { requestId, outcome } }) => {
  invariant(firmId, 'limit.settled is about a firm');
  await room.db.forFirm(firmId).transaction(async (em) => {
    const request = await em.findOne(CreditLimitRequestTable, { id: requestId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (request?.state !== 'APPROVED') return;
    request.state = outcome;
    em.create(CreditLimitRequestStepTable, { requestId, state: outcome, at: new Date(room.clock.now().epochMilliseconds), takenBy: null, byKey: false, note: null });
    await em.flush();
  });
};

import { LockMode } from '@mikro-orm/postgresql';
import { notFound, Refusal } from '../../../src/errors.js';
import { record } from '../../../src/events/record.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { isWithin } from './amount-policy.js';
import { CreditLimitRequestStepTable } from './credit-limit-request-step.table.js';
import { CreditLimitRequestTable } from './credit-limit-request.table.js';
import { demandPerson } from './demand-person.js';
import { readPolicies } from './read-limit-policies.js';
import { demandDecidable, type Decision } from './request-state.js';

export interface RequestAnswer {
  readonly id: string;
  readonly decision: Decision;
  readonly note: string | null;
}

/**
 * Approves or rejects a request, as another person than who made it. It is decided under the request's lock, once: of two who decide
 * at the same time the second is refused. An approval needs a role whose bound reaches the limit, and tells the ledger to set it.
 */
export async function answerLimitRequest(room: Room, asker: Asker, { id, decision, note }: RequestAnswer): Promise<void> {
  const personId = demandPerson(asker);
  const path = ['input', 'id'];
  if (!isUuid(id)) throw notFound(path);
  const now = room.clock.now();
  await room.db.forFirm(asker.firmId).transaction(async (em) => {
    const request = await em.findOne(CreditLimitRequestTable, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!request) throw notFound(path);
    const { state, requestedBy, expiresOn, limitMinor, currency, customerId } = request;
    if (demandDecidable({ state, requestedBy, decidedBy: request.decidedBy ?? null, expiresOn }, decision, personId, room.clock.today()) === 'again') return;
    if (decision === 'APPROVED') {
      const policy = (await readPolicies(em)).find(({ role }) => role === asker.role);
      if (!policy || !isWithin(policy.upTo, { minor: limitMinor, currency })) throw new Refusal('NOT_ALLOWED', `A ${asker.role} may not approve this amount: see creditLimitPolicies.`, path);
    }
    const byKey = asker.byKey ?? false;
    const at = new Date(now.epochMilliseconds);
    Object.assign(request, { state: decision, decidedBy: personId, decidedByKey: byKey, decidedAt: at, note });
    em.create(CreditLimitRequestStepTable, { requestId: id, state: decision, at, takenBy: personId, byKey, note });
    await em.flush();
    if (decision === 'APPROVED') await record(em, asker.firmId, 'limit.approved', { requestId: id, customerId, limitMinor: limitMinor.toString(), currency, approvedBy: personId, byKey });
  });
}

import { LockMode } from '@mikro-orm/postgresql';
import { notFound } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { CreditLimitRequestStepTable } from './credit-limit-request-step.table.js';
import { CreditLimitRequestTable } from './credit-limit-request.table.js';
import { demandPerson } from './demand-person.js';
import { demandWithdrawable } from './request-state.js';

/** Takes a request back, as who made it, while nobody has decided. Again it changes nothing. */
export async function cancelLimitRequest(room: Room, asker: Asker, id: string): Promise<void> {
  const personId = demandPerson(asker);
  const path = ['input', 'id'];
  if (!isUuid(id)) throw notFound(path);
  await room.db.forFirm(asker.firmId).transaction(async (em) => {
    const request = await em.findOne(CreditLimitRequestTable, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!request) throw notFound(path);
    const { state, requestedBy, expiresOn } = request;
    if (demandWithdrawable({ state, requestedBy, decidedBy: request.decidedBy ?? null, expiresOn }, personId, room.clock.today()) === 'again') return;
    request.state = 'WITHDRAWN';
    em.create(CreditLimitRequestStepTable, { requestId: id, state: 'WITHDRAWN', at: new Date(room.clock.now().epochMilliseconds), takenBy: personId, byKey: asker.byKey ?? false, note: null });
    await em.flush();
  });
}

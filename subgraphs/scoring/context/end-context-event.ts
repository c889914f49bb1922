import { LockMode } from '@mikro-orm/postgresql';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isoOf } from '../../../src/values/day.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { appliesOn } from './context-event.js';
import { ContextEventTable } from './context-event.table.js';
import { markConcerned } from './mark-concerned.js';

/**
 * Ends a context event: from `on` (today when left out) it applies no more. The same again changes nothing; an end that is still to
 * come may be moved to an earlier day. Customers whom it concerned until today are scored again.
 */
export async function endContextEvent(room: Room, asker: Asker, id: string, on: Temporal.PlainDate | null): Promise<void> {
  const path = ['input', 'id'];
  if (!isUuid(id)) throw notFound(path);
  const today = isoOf(room.clock.today());
  const endedOn = on ? isoOf(on) : today;
  await room.db.forFirm(asker.firmId).transaction(async (em) => {
    const event = await em.findOne(ContextEventTable, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!event) throw notFound(path);
    if (event.endedOn && (event.endedOn === endedOn || (event.endedOn < today && !on))) return;
    if (event.endedOn && event.endedOn < endedOn) throw new Refusal('CONFLICT', `This event was ended on ${event.endedOn}.`, ['input', 'on']);
    if (endedOn < today) throw new Refusal('INVALID', 'An event is not ended in the past: scores were given under it.', ['input', 'on']);
    if (event.lastOn && event.lastOn < endedOn) throw new Refusal('INVALID', `The last day of this event is ${event.lastOn} anyway.`, ['input', 'on']);
    const applied = appliesOn({ startsOn: event.startsOn, lastOn: event.lastOn ?? null, endedOn: event.endedOn ?? null }, today);
    event.endedOn = endedOn;
    event.endedAt = new Date(room.clock.now().epochMilliseconds);
    event.endedBy = asker.userId ?? null;
    event.endedByKey = asker.byKey ?? false;
    await em.flush();
    if (applied && endedOn <= today) await markConcerned(em, id);
  });
}

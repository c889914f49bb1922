import type { Request } from '../../../src/server/request.js';
import { PulledEvents, watchTopic, type Look } from '../../../src/events/pulled-events.js';
import { readEpochs, type EpochRow } from './read-epoch.js';

/** A hint may be lost; then an epoch, which comes once a month, is heard of this much later. */
const LOOK_AGAIN_MILLISECONDS = 60_000;

/** Each epoch that is published from now on, once, in the order of publication. */
export async function watchEpochs(request: Request): Promise<AsyncIterableIterator<EpochRow>> {
  request.demand('community:read');
  const { room, db } = request;
  const read = (): Promise<readonly EpochRow[]> => db.transaction((em) => readEpochs(em, room.clock.today()));
  const told = new Set((await read()).map(({ id }) => id));
  const look = async (): Promise<Look<EpochRow>> => {
    const events = (await read()).filter(({ id }) => !told.has(id)).toReversed();
    for (const { id } of events) told.add(id);
    return { events, ended: false };
  };
  return new PulledEvents(look, watchTopic(room.hints, 'epochs', LOOK_AGAIN_MILLISECONDS), room.log);
}

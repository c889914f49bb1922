import { ApiError } from '../../../src/errors.js';
import { PulledEvents, watchTopic, type Look } from '../../../src/events/pulled-events.js';
import type { Room } from '../../../src/server/room.js';
import { alertTopic } from './raise-alerts.js';
import { readAlertsAfter, readLastNumber, readNumber, type AlertRecord } from './read-alerts.js';

/** Alerts read at a time. */
const BATCH = 50;

/** A hint may be lost; then an alert is heard of this much later, in milliseconds. */
const LOOK_AGAIN_MILLISECONDS = 5000;

/**
 * The alerts of a firm behind the one with the id `after` (without it: behind the last there is), then those to come: each
 * once, in the order of their commits. A hint only wakes it; it reads behind its cursor, as the firm, so none is missed
 * whatever process raised it.
 */
export async function receiveAlerts(room: Room, firmId: string, after: string | undefined): Promise<AsyncIterableIterator<AlertRecord>> {
  const db = room.db.forFirm(firmId);
  const start = after === undefined ? await readLastNumber(db.reads()) : await readNumber(db.reads(), after);
  if (start === undefined) throw new ApiError('NOT_FOUND', 'There is no such alert.');
  let cursor = start;
  const look = async (): Promise<Look<AlertRecord>> => {
    const events = await readAlertsAfter(db.reads(), cursor, BATCH);
    cursor = events.at(-1)?.number ?? cursor;
    return { events, ended: false };
  };
  return new PulledEvents(look, watchTopic(room.hints, alertTopic(firmId), LOOK_AGAIN_MILLISECONDS), room.log);
}

import { ApiError } from '../../../src/errors.js';
import { PulledEvents } from '../../../src/events/pulled-events.js';
import type { Room } from '../../../src/server/room.js';
import { conversationTopic } from './demand-conversation.js';
import { readEditsAfter, readEditStanding, type EditRow } from './read-edits.js';
import { watchChanges } from './watch-changes.js';

/** Edits read at a time. */
const BATCH = 50;

/**
 * The edits of a conversation after the one with the number `after`, then those to come, each once and in order; ends when it
 * is closed and all is told. As with messages, a hint only wakes it: every edit is read behind the cursor, as the firm.
 */
export async function receiveEdits(room: Room, firmId: string, peeringId: string, after: number | undefined): Promise<AsyncIterable<EditRow>> {
  const db = room.db.forFirm(firmId);
  const standing = await db.transaction((em) => readEditStanding(em, firmId, peeringId));
  if (!standing) throw new ApiError('NOT_FOUND', 'There is no such conversation.');
  let cursor = after ?? standing.last_edit;
  const look = () => db.transaction(async (em) => {
    // Asked first: once it is closed no edit comes after those read next.
    const { closed } = (await readEditStanding(em, firmId, peeringId)) ?? { closed: true };
    const events = await readEditsAfter(em, firmId, peeringId, cursor, BATCH);
    cursor = events.at(-1)?.number ?? cursor;
    return { events, ended: closed && events.length < BATCH };
  });
  return new PulledEvents(look, (wake) => {
    const unsubscribe = room.hints.subscribe(conversationTopic(peeringId), wake);
    const unwatch = watchChanges(room, 'conversation', peeringId, wake);
    return () => {
      unsubscribe();
      unwatch();
    };
  }, room.log);
}

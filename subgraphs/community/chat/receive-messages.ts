import { ApiError } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { conversationTopic, inboxTopic } from './demand-conversation.js';
import { PulledEvents } from '../../../src/events/pulled-events.js';
import { readRevisions, readStanding } from './read-conversations.js';
import { readMessagesAfter, type MessageRow } from './read-messages.js';
import { watchChanges } from './watch-changes.js';

/** Messages read at a time. */
const BATCH = 50;

/**
 * The messages of a conversation after `after`, then those to come, each once and in order; ends when it is closed and all
 * is told. A hint only wakes it: every message is read from the database behind the cursor, as the firm.
 */
export async function receiveMessages(room: Room, firmId: string, peeringId: string, after: number | undefined): Promise<AsyncIterable<MessageRow>> {
  const db = room.db.forFirm(firmId);
  const standing = await db.transaction((em) => readStanding(em, firmId, peeringId));
  if (!standing) throw new ApiError('NOT_FOUND', 'There is no such conversation.');
  let cursor = after ?? standing.last_seq;
  const look = () => db.transaction(async (em) => {
    // Asked first: once it is closed no message comes after those read next.
    const { closed } = (await readStanding(em, firmId, peeringId)) ?? { closed: true };
    const events = await readMessagesAfter(em, firmId, peeringId, cursor, BATCH);
    cursor = events.at(-1)?.seq ?? cursor;
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

/** The conversations of a firm that change from now on, by peering. Changes close to one another are told as one. */
export async function receiveInboxChanges(room: Room, firmId: string): Promise<AsyncIterable<string>> {
  const db = room.db.forFirm(firmId);
  const topics = new Map<string, () => void>();
  let wakeUp: () => void = () => undefined;
  let stopped = false;
  const follow = (ids: Iterable<string>): void => {
    for (const id of ids) {
      if (stopped || topics.has(id)) continue;
      topics.set(id, room.hints.subscribe(conversationTopic(id), () => wakeUp()));
      // What changed between the read that found it and now had no listener yet.
      wakeUp();
    }
  };
  let known = await db.transaction((em) => readRevisions(em, firmId));
  const look = async () => {
    const now = await db.transaction((em) => readRevisions(em, firmId));
    const events = [...now].filter(([id, revision]) => revision !== null && known.get(id) !== revision).map(([id]) => id);
    known = now;
    follow(now.keys());
    return { events, ended: false };
  };
  return new PulledEvents(look, (wake) => {
    wakeUp = wake;
    follow(known.keys());
    const unsubscribeInbox = room.hints.subscribe(inboxTopic(firmId), wake);
    const unwatch = watchChanges(room, 'firm', firmId, wake);
    return () => {
      stopped = true;
      unsubscribeInbox();
      for (const unsubscribe of topics.values()) unsubscribe();
      unwatch();
    };
  }, room.log);
}

import { PulledEvents } from '../../../src/events/pulled-events.js';
import type { Room } from '../../../src/server/room.js';
import { conversationTopic, inboxTopic } from './demand-conversation.js';
import { readRevisions } from './read-conversations.js';
import { watchChanges } from './watch-changes.js';

/**
 * The conversations of a firm that change from now on, by peering. Changes close to one another are told as one. A hint of
 * a conversation has that one looked at; a new match, and a change that no hint told of, all of them.
 */
export async function receiveInboxChanges(room: Room, firmId: string): Promise<AsyncIterable<string>> {
  const db = room.db.forFirm(firmId);
  const read = (ids?: readonly string[]) => readRevisions(db.reads(), firmId, ids);
  const topics = new Map<string, () => void>();
  const known = new Map(await read());
  /** Those to look at; `all` when it is not known which. */
  let changed: Set<string> | 'all' = 'all';
  let wakeUp: () => void = () => undefined;
  let stopped = false;
  const hear = (id: string): void => {
    if (changed !== 'all') changed.add(id);
    wakeUp();
  };
  const hearOfAny = (): void => {
    changed = 'all';
    wakeUp();
  };
  const follow = (ids: Iterable<string>): void => {
    for (const id of ids) {
      if (stopped || topics.has(id)) continue;
      topics.set(id, room.hints.subscribe(conversationTopic(id), () => hear(id)));
      // What changed between the read that found it and now had no listener yet.
      hear(id);
    }
  };
  const look = async () => {
    const asked = changed;
    changed = new Set();
    try {
      const now = asked === 'all' ? await read() : asked.size > 0 ? await read([...asked]) : new Map<string, number | null>();
      const events = [...now].filter(([id, revision]) => revision !== null && known.get(id) !== revision).map(([id]) => id);
      for (const [id, revision] of now) known.set(id, revision);
      follow(now.keys());
      return { events, ended: false };
    } catch (error) {
      changed = 'all';
      throw error;
    }
  };
  return new PulledEvents(look, (wake) => {
    wakeUp = wake;
    follow(known.keys());
    const unsubscribeInbox = room.hints.subscribe(inboxTopic(firmId), hearOfAny);
    const unwatch = watchChanges(room, 'firm', firmId, hearOfAny);
    return () => {
      stopped = true;
      unsubscribeInbox();
      for (const unsubscribe of topics.values()) unsubscribe();
      unwatch();
    };
  }, room.log);
}

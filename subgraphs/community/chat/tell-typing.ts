import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { ApiError, notFound, Refusal } from '../../../src/errors.js';
import { PulledEvents } from '../../../src/events/pulled-events.js';
import type { Room } from '../../../src/server/room.js';
import { conversationTopic } from './demand-conversation.js';
import { watchChanges } from './watch-changes.js';

/** Whoever typed is taken to have stopped when nothing more was heard for so long, in milliseconds. */
const TYPING_MILLISECONDS = 6000;
/** Of one side, hints of one kind are this far apart at least, and closings are looked for this often at most. */
const HINT_MILLISECONDS = 1000;

interface TypingSide {
  readonly side: 0 | 1;
  readonly closed: boolean;
  readonly revealed: boolean;
}

/** Hints carry no more than a topic: so that a side types is one, that it stopped another. */
function typingTopic(peeringId: string, side: 0 | 1, typing: boolean): string {
  return `${typing ? 'typing' : 'typing-stopped'}:${peeringId}:${side}`;
}

/**
 * Tells the peer that somebody of the firm is typing, or has stopped. It is carried by hints alone and kept nowhere.
 *
 * Claim: it is refused until both have revealed themselves, whatever the peer did: the firm's own row alone says so.
 * Why: when somebody types, and how fast, tells who it may be.
 */
export async function tellTyping(room: Room, firmId: string, peeringId: string, typing: boolean): Promise<void> {
  const path = ['input', 'conversationId'];
  const standing = await readTypingSide(room, firmId, peeringId);
  if (!standing) throw notFound(path);
  if (standing.closed) throw new Refusal('NOT_ALLOWED', 'The conversation is closed.', path);
  if (!standing.revealed) throw new Refusal('NOT_ALLOWED', 'Typing is shown once both of you have revealed yourselves.', path);
  const topic = typingTopic(peeringId, standing.side, typing);
  if (isDue(room, topic)) room.hints.publish(topic);
}

/** Whether the peer is typing, each time that it changes, from "no" on; ends when the conversation is closed. */
export async function receiveTyping(room: Room, firmId: string, peeringId: string): Promise<AsyncIterable<boolean>> {
  const standing = await readTypingSide(room, firmId, peeringId);
  if (!standing) throw new ApiError('NOT_FOUND', 'There is no such conversation.');
  if (!standing.revealed) throw new ApiError('FORBIDDEN', 'Typing is shown once both of you have revealed yourselves.');
  const peer = standing.side === 0 ? 1 : 0;
  let typing = false;
  let told = false;
  // It may have been closed since it was read.
  let isChanged = true;
  let closed = false;
  let lookAgain: NodeJS.Timeout | undefined;
  let stop: NodeJS.Timeout | undefined;
  const look = async () => {
    if (isChanged) {
      isChanged = false;
      closed = (await readTypingSide(room, firmId, peeringId))?.closed ?? true;
    }
    const events = typing === told ? [] : [typing];
    told = typing;
    return { events, ended: closed };
  };
  return new PulledEvents<boolean>(look, (wake) => {
    const set = (now: boolean) => (): void => {
      typing = now;
      clearTimeout(stop);
      stop = now ? setTimeout(set(false), TYPING_MILLISECONDS) : undefined;
      wake();
    };
    // Every message changes the conversation, and few close it.
    const change = (): void => {
      lookAgain ??= setTimeout(() => {
        lookAgain = undefined;
        isChanged = true;
        wake();
      }, HINT_MILLISECONDS);
    };
    const unsubscribe = [
      room.hints.subscribe(typingTopic(peeringId, peer, true), set(true)),
      // Behind it: after hints may have been lost all topics are told in the order of their listeners, and nobody types.
      room.hints.subscribe(typingTopic(peeringId, peer, false), set(false)),
      room.hints.subscribe(conversationTopic(peeringId), change),
      watchChanges(room, 'conversation', peeringId, change),
    ];
    return () => {
      clearTimeout(stop);
      clearTimeout(lookAgain);
      for (const leave of unsubscribe) leave();
    };
  }, room.log);
}

async function readTypingSide(room: Room, firmId: string, peeringId: string): Promise<TypingSide | undefined> {
  const read = (reader: Reader) => sql<TypingSide>`
    select s.side, c.closed_at is not null as closed, s.peer_firm_id is not null as revealed
    from community.peering_side s join community.conversation c on c.peering_id = s.peering_id
    where s.firm_id = ${firmId} and s.peering_id = ${peeringId}
  `.execute(reader.getKysely<unknown>());
  return (await read(room.db.forFirm(firmId).reads())).rows[0];
}

const lastHints = new WeakMap<Room, Map<string, number>>();

/** Whether a hint of the topic may be given now; then the next one may be a second later. */
function isDue(room: Room, topic: string): boolean {
  const now = performance.now();
  let last = lastHints.get(room);
  if (!last) lastHints.set(room, (last = new Map()));
  // In the order of their times: what is too old to matter is in front.
  for (const [old, at] of last) {
    if (now - at < HINT_MILLISECONDS) break;
    last.delete(old);
  }
  if (last.has(topic)) return false;
  last.set(topic, now);
  return true;
}

import { sql } from 'kysely';
import { writtenOnce } from '../../../src/database/written-once.js';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { faultOfBody, faultOfClientId } from './message-body.js';
import type { MessageRow } from './read-messages.js';
import { tellMessage } from './receive-messages.js';

/**
 * Sends a message. The same `clientId` again gives the message it gave before, whatever happened in between and whatever its
 * text is now. Its number is taken under the conversation's lock in the transaction that writes it: numbers are in the
 * order of commits, without a gap. Messages that come while others are being committed are committed together.
 */
export async function sendMessage(room: Room, firmId: string, peeringId: string, clientId: string, body: string): Promise<MessageRow> {
  const faultyId = faultOfClientId(clientId);
  if (faultyId !== undefined) throw new Refusal('INVALID', faultyId, ['input', 'clientId']);
  const faultyBody = faultOfBody(body);
  if (faultyBody !== undefined) throw new Refusal('INVALID', faultyBody, ['input', 'body']);
  const { message, refusal } = await outboxOf(room).send({ firmId, peeringId, clientId, body });
  if (refusal === 'NOT_FOUND') throw notFound(['input', 'conversationId']);
  if (refusal === 'NOT_ALLOWED') throw new Refusal('NOT_ALLOWED', 'The conversation is closed.', ['input', 'conversationId']);
  return message;
}

interface Outgoing {
  readonly firmId: string;
  readonly peeringId: string;
  readonly clientId: string;
  readonly body: string;
}

interface Sent {
  readonly message: MessageRow;
  readonly is_new: boolean;
  readonly refusal: 'NOT_FOUND' | 'NOT_ALLOWED' | null;
}

interface Waiting extends Outgoing {
  resolve(sent: Sent): void;
  reject(error: unknown): void;
}

const sendInTurn = writtenOnce<{ firms: string[]; peerings: string[]; clientIds: string[]; bodies: string[]; at: string }, Sent>((value) => sql`
  select message, is_new, refusal
  from community.send_messages(${value('firms')}::uuid[], ${value('peerings')}::uuid[], ${value('clientIds')}::text[], ${value('bodies')}::text[], ${value('at')}::timestamptz)
`);

/** Messages of one transaction at most: what one costs all the others wait for. */
const LARGEST_BATCH = 200;
/** While one transaction is made durable, the next one can be worked on. */
const MOST_UNDER_WAY = 2;

/** What a room's process has to send. A commit makes a whole batch durable, whoever its messages are from. */
class Outbox {
  readonly #room: Room;
  #waiting: Waiting[] = [];
  /** Conversations of the transactions under way: what comes for one of them meanwhile must not overtake. */
  readonly #held = new Set<string>();
  #underWay = 0;
  #isScheduled = false;

  constructor(room: Room) {
    this.#room = room;
  }

  send(outgoing: Outgoing): Promise<Sent> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...outgoing, resolve, reject });
      // What comes in the same turn goes together.
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        this.#commitNext();
      });
    });
  }

  #commitNext(): void {
    if (this.#underWay >= MOST_UNDER_WAY) return;
    const batch: Waiting[] = [];
    const later: Waiting[] = [];
    for (const one of this.#waiting) (batch.length < LARGEST_BATCH && !this.#held.has(one.peeringId) ? batch : later).push(one);
    if (batch.length === 0) return;
    this.#waiting = later;
    for (const { peeringId } of batch) this.#held.add(peeringId);
    this.#underWay += 1;
    void this.#commit(batch).finally(() => {
      for (const { peeringId } of batch) this.#held.delete(peeringId);
      this.#underWay -= 1;
      this.#commitNext();
    });
    this.#commitNext();
  }

  async #commit(batch: Waiting[]): Promise<void> {
    // In the order of their ids, so that two batches do not wait for each other in a circle; within one, as they came.
    batch.sort((one, other) => (one.peeringId < other.peeringId ? -1 : one.peeringId > other.peeringId ? 1 : 0));
    try {
      const sent = await this.#room.db.forFirmsInTurn().inOneTrip((em) => sendInTurn(em, {
        firms: batch.map(({ firmId }) => firmId),
        peerings: batch.map(({ peeringId }) => peeringId),
        clientIds: batch.map(({ clientId }) => clientId),
        bodies: batch.map(({ body }) => body),
        at: this.#room.clock.now().round('millisecond').toString(),
      }));
      for (const [place, one] of sent.entries()) {
        batch[place]!.resolve(one);
        if (one.is_new) tellMessage(this.#room, batch[place]!.firmId, one.message);
      }
    } catch (error) {
      // PostgreSQL refused one of them, or all because of it: each for itself. Nothing of the batch was kept.
      if (batch.length > 1 && isRefusedByDatabase(error)) for (const one of batch) await this.#commit([one]);
      else for (const one of batch) one.reject(error);
    }
  }
}

function isRefusedByDatabase(error: unknown): boolean {
  // The first two characters are the class: 08, 57 and 58 are of the connection and the server, not of a statement.
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(?!08|57|58)[0-9A-Z]{5}$/.test(code);
}

const outboxes = new WeakMap<Room, Outbox>();

function outboxOf(room: Room): Outbox {
  return outboxes.getOrInsertComputed(room, () => new Outbox(room));
}

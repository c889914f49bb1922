import { sql } from 'kysely';
import { writtenOnce } from '../../../src/database/written-once.js';
import { ApiError } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { conversationTopic } from './demand-conversation.js';
import type { MessageRow } from './read-messages.js';
import { watchChanges } from './watch-changes.js';

/** Messages read at a time for one reader. */
const BATCH = 50;
/** And none further once their texts have so many bytes: there are long ones, and readers that stop reading. */
const BATCH_BYTES = 8 * 1024;
/** Readers served by one trip to the database. */
const READERS_A_TRIP = 32;
const MOST_TRIPS = 2;
/** How long until a read that failed is tried again, in milliseconds. */
const RETRY_MILLISECONDS = 1000;

type Step = IteratorResult<MessageRow, undefined>;
const OVER: Step = { value: undefined, done: true };

interface Found {
  /** Which of the readers asked for. */
  readonly place: number;
  /** Whether it was closed, and the number of its last message, before `messages` were read. */
  readonly closed: boolean;
  readonly last_seq: number;
  readonly messages: MessageRow[];
}

const readInTurn = writtenOnce<{ firms: string[]; peerings: string[]; seqs: (number | null)[] }, Found>((value) => sql`
  select place, closed, last_seq, messages
  from community.read_messages(${value('firms')}::uuid[], ${value('peerings')}::uuid[], ${value('seqs')}::int[], ${BATCH}::int, ${BATCH_BYTES}::int)
`);

/**
 * One reader of one conversation: every message behind its cursor, each once and in order. It reads when it is asked for
 * the next one and has none: a slow reader costs one batch and no more. There may be ten thousand of them, so it holds
 * little and is no generator, whose `return` would besides wait for the next message.
 */
class MessageReader implements AsyncIterableIterator<MessageRow, undefined> {
  /** The number of the last message that was read for it; null before its first look, when it wants only what is new. */
  cursor: number | null;
  #ready: MessageRow[] = [];
  #given = 0;
  /** There may be something that it has not seen. */
  isBehind = true;
  /** A look of its is under way: another one beside it would find the same messages. */
  isLooking = false;
  #isEnding = false;
  isOver = false;
  #answer: ((step: Step) => void) | undefined;
  #opening: { resolve(isThere: boolean): void; reject(error: unknown): void } | undefined;

  constructor(
    readonly feed: MessageFeed,
    readonly firmId: string,
    readonly peeringId: string,
    after: number | undefined,
  ) {
    this.cursor = after ?? null;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The first look; false when the firm has no such conversation. */
  open(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.feed.read(this);
    });
  }

  /** To be asked for one after another. */
  next(): Promise<Step> {
    const message = this.#ready[this.#given];
    if (message !== undefined) {
      this.#given += 1;
      return Promise.resolve({ value: message, done: false });
    }
    if (this.isOver || this.#isEnding) return this.return();
    return new Promise((resolve) => {
      this.#answer = resolve;
      if (this.isBehind) this.feed.read(this);
    });
  }

  async return(): Promise<Step> {
    if (this.isOver) return OVER;
    this.isOver = true;
    this.feed.leave(this);
    this.#answer?.(OVER);
    this.#answer = undefined;
    return OVER;
  }

  wake(): void {
    this.isBehind = true;
    if (this.#answer) this.feed.read(this);
  }

  /** Takes a message that was just committed by `firmId`, when it is the next one for this reader; false when the reader has to look. */
  accept(firmId: string, message: MessageRow): boolean {
    if (this.#opening || this.isLooking || this.isBehind || this.#isEnding || this.cursor !== message.seq - 1) return false;
    if (this.#given === this.#ready.length) {
      this.#ready = [];
      this.#given = 0;
    } else if (this.#ready.length === BATCH) return false;
    const mine = firmId === this.firmId;
    this.#ready.push({ ...message, mine, client_id: mine ? message.client_id : null });
    this.cursor = message.seq;
    this.#answerWaiting();
    return true;
  }

  /** What a look found; `undefined` when there is no such conversation. */
  take(found: Found | undefined): void {
    this.isLooking = false;
    if (this.isOver) return;
    this.cursor ??= found?.last_seq ?? 0;
    const messages = found?.messages ?? [];
    this.cursor = messages.at(-1)?.seq ?? this.cursor;
    this.#ready = messages;
    this.#given = 0;
    // Once closed, no message comes after those that were there then.
    if (found && messages.length > 0 && this.cursor < found.last_seq) this.isBehind = true;
    else this.#isEnding = found?.closed ?? true;
    if (this.#opening) {
      this.#opening.resolve(found !== undefined);
      this.#opening = undefined;
    } else if (messages.length > 0 || this.#isEnding) {
      this.#answerWaiting();
    } else if (this.isBehind) {
      this.feed.read(this);
    }
  }

  #answerWaiting(): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer) void this.next().then(answer);
  }

  /** A look failed. Who is just subscribing is told; for everybody else it is tried again. */
  fail(error: unknown): void {
    if (this.#opening) this.#opening.reject(error);
    else if (!this.isOver) this.feed.read(this);
  }
}

/** A message that was just committed, as the firm sees it that sent it. */
interface News {
  readonly firmId: string;
  readonly message: MessageRow;
}

/** Reads for all readers of a room's process, many in one trip, each as its own firm. */
class MessageFeed {
  readonly #room: Room;
  readonly #conversations = new Map<string, { readonly readers: Set<MessageReader>; readonly unwatch: () => void }>();
  readonly #due = new Set<MessageReader>();
  #trips = 0;
  #isScheduled = false;
  /** What is being told just now. */
  #news: News | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Tells of a new message: readers of this process that have everything before it are given it, all others look. */
  tell(news: News): void {
    this.#news = news;
    // Listeners of this process hear of it before this returns.
    this.#room.hints.publish(conversationTopic(news.message.peering_id));
    this.#news = undefined;
  }

  async open(firmId: string, peeringId: string, after: number | undefined): Promise<MessageReader> {
    const reader = new MessageReader(this, firmId, peeringId, after);
    // Before it looks for the first time: what comes meanwhile wakes it.
    this.#join(reader);
    const isThere = await reader.open().catch(async (error: unknown) => {
      await reader.return();
      throw error;
    });
    if (isThere) return reader;
    await reader.return();
    throw new ApiError('NOT_FOUND', 'There is no such conversation.');
  }

  /** Has it looked for what lies behind the reader's cursor. */
  read(reader: MessageReader): void {
    if (reader.isLooking) return;
    this.#due.add(reader);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#begin());
  }

  leave(reader: MessageReader): void {
    this.#due.delete(reader);
    const conversation = this.#conversations.get(reader.peeringId);
    if (!conversation?.readers.delete(reader) || conversation.readers.size > 0) return;
    conversation.unwatch();
    this.#conversations.delete(reader.peeringId);
  }

  #join(reader: MessageReader): void {
    const { peeringId } = reader;
    let conversation = this.#conversations.get(peeringId);
    if (!conversation) {
      const readers = new Set<MessageReader>();
      const wake = (): void => {
        const news = this.#news?.message.peering_id === peeringId ? this.#news : undefined;
        for (const one of readers) if (!news || !one.accept(news.firmId, news.message)) one.wake();
      };
      const unsubscribe = this.#room.hints.subscribe(conversationTopic(peeringId), wake);
      const unwatch = watchChanges(this.#room, 'conversation', peeringId, wake);
      this.#conversations.set(peeringId, (conversation = {
        readers,
        unwatch: () => {
          unsubscribe();
          unwatch();
        },
      }));
    }
    conversation.readers.add(reader);
  }

  #begin(): void {
    this.#isScheduled = false;
    while (this.#due.size > 0 && this.#trips < MOST_TRIPS) {
      const readers = [...this.#due.values().take(READERS_A_TRIP)];
      for (const reader of readers) {
        this.#due.delete(reader);
        // Set before it is read: what comes during the trip is not lost.
        reader.isBehind = false;
        reader.isLooking = true;
      }
      this.#trips += 1;
      void this.#look(readers).finally(() => {
        this.#trips -= 1;
        this.#begin();
      });
    }
  }

  async #look(readers: readonly MessageReader[]): Promise<void> {
    try {
      const reads = this.#room.db.forFirmsInTurn().reads().plannedOnce();
      const found = await readInTurn(reads, { firms: readers.map(({ firmId }) => firmId), peerings: readers.map(({ peeringId }) => peeringId), seqs: readers.map(({ cursor }) => cursor) });
      const byPlace = new Map(found.map((one) => [one.place, one]));
      for (const [place, reader] of readers.entries()) reader.take(byPlace.get(place));
    } catch (error) {
      // A database that is away comes back; the readers need not know.
      this.#room.log.warn({ error }, 'conversations could not be read; trying again');
      setTimeout(() => {
        for (const reader of readers) {
          reader.isLooking = false;
          reader.fail(error);
        }
      }, RETRY_MILLISECONDS);
    }
  }
}

const feeds = new WeakMap<Room, MessageFeed>();

function feedOf(room: Room): MessageFeed {
  return feeds.getOrInsertComputed(room, () => new MessageFeed(room));
}

/**
 * The messages of a conversation after `after`, then those to come; without `after` only those to come. It ends when the
 * conversation is closed and all is told. A hint only wakes it, and it reads what lies behind the cursor from the database,
 * as the firm; what this process has committed itself it need not read again.
 */
export function receiveMessages(room: Room, firmId: string, peeringId: string, after: number | undefined): Promise<AsyncIterable<MessageRow>> {
  return feedOf(room).open(firmId, peeringId, after);
}

/** Tells the readers of a conversation, here and in other processes, of a message that was committed and that `firmId` sent. */
export function tellMessage(room: Room, firmId: string, message: MessageRow): void {
  feedOf(room).tell({ firmId, message });
}

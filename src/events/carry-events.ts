import type { NatsConnection } from '@nats-io/transport-node';
import { sql } from 'kysely';
import { ROOMS, type RoomName } from '../rooms.js';
import type { Room } from '../server/room.js';
import type { EventName } from './catalogue.js';

/** One event for one reader, as it is told. */
export interface Delivery {
  readonly id: string;
  readonly name: EventName;
  readonly firm_id: string | null;
  readonly data: unknown;
}

/**
 * What became of handing an event to its reader: `done`, its reaction `failed`, or it was `missed`: the reader or its
 * database is not there, it has as many as it can take, or another of its processes is at it just now.
 */
export type Handed = 'done' | 'failed' | 'missed';

/** How long a reader may take to answer, in milliseconds; one that takes longer is asked again and says that it is at it. */
const ANSWER_MILLISECONDS = 20_000;
const COUNT_MILLISECONDS = 2000;
/**
 * How many events one process takes at once. Each needs a connection of the room, and its reaction a second one: if they
 * took them all, each would wait for what the others hold.
 */
const MOST_TAKEN_AT_ONCE = 4;

const eventSubject = (room: RoomName): string => `ardoise.event.${room}`;
const pendingSubject = (room: RoomName): string => `ardoise.pending.${room}`;

/** Hands an event to one process of the room that reads it, and waits for its answer. NATS keeps nothing. */
export async function carry(nats: NatsConnection, consumer: RoomName, delivery: Delivery): Promise<Handed> {
  const { id, name, firm_id, data } = delivery;
  try {
    const answer = await nats.request(eventSubject(consumer), JSON.stringify({ id, name, firm_id, data }), { timeout: ANSWER_MILLISECONDS });
    const handed = answer.string();
    return handed === 'done' || handed === 'failed' ? handed : 'missed';
  } catch {
    return 'missed';
  }
}

/** Answers for a room: takes the events that other processes hand it, and says how many of its own are still on their way. */
export class EventReader {
  readonly #room: Room;
  readonly #react: (delivery: Delivery) => Promise<Handed>;
  readonly #running = new Set<Promise<void>>();
  readonly #leave: () => Promise<void>;
  #taken = 0;

  constructor(room: Room, nats: NatsConnection, react: (delivery: Delivery) => Promise<Handed>) {
    this.#room = room;
    this.#react = react;
    const subscribe = (subject: string, answer: (text: string) => Promise<string>): (() => Promise<void>) => {
      const subscription = nats.subscribe(subject, {
        queue: room.name,
        callback: (error, message) => {
          if (error) return;
          const work = answer(message.string()).then(
            (text) => void message.respond(text),
            (failure: unknown) => room.log.warn({ error: failure, subject }, 'a message could not be answered'),
          ).finally(() => this.#running.delete(work));
          this.#running.add(work);
        },
      });
      return () => (nats.isClosed() ? Promise.resolve() : subscription.drain());
    };
    const leaves = [subscribe(eventSubject(room.name), (text) => this.#take(text)), subscribe(pendingSubject(room.name), async (firmId) => String(await countPending(room, firmId)))];
    this.#leave = async () => {
      await Promise.all(leaves.map((leave) => leave()));
    };
  }

  async stop(): Promise<void> {
    await this.#leave();
    await Promise.all(this.#running);
  }

  /** Under a lock that all processes of the room share: an event that is told again meanwhile does not run beside itself. */
  async #take(text: string): Promise<Handed> {
    const delivery = JSON.parse(text) as Delivery;
    if (this.#taken >= MOST_TAKEN_AT_ONCE) return 'missed';
    this.#taken += 1;
    try {
      return await this.#room.db.asSystem().transaction(async (em) => {
        const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(${delivery.id}, 0)) as mine`.execute(em.getKysely<unknown>());
        return rows[0]?.mine ? this.#react(delivery) : 'missed';
      });
    } finally {
      this.#taken -= 1;
    }
  }
}

/**
 * How many events are on their way. Of one firm: those that the room tells or hears, and where NATS carries those of all rooms; a room
 * that does not answer may have some.
 */
export async function countOnTheirWay(room: Room, firmId = ''): Promise<number> {
  const { nats } = room;
  if (!nats) return countPending(room, firmId);
  const counts = await Promise.all(
    ROOMS.map(async (other) => nats.request(pendingSubject(other), firmId, { timeout: COUNT_MILLISECONDS }).then((answer) => Number(answer.string()), () => 1)),
  );
  return counts.reduce((total, count) => total + count, 0);
}

/** How many events are on their way in the room's database; of one firm, those that the room tells or hears. */
async function countPending(room: Room, firmId: string): Promise<number> {
  return room.db.asSystem().transaction(async (em) => {
    const counted = firmId === '' ? sql`events.pending()` : sql`(select count(*) from events.delivery where firm_id = ${firmId}::uuid and not set_aside)`;
    const { rows } = await sql<{ count: string }>`select ${counted} as count`.execute(em.getKysely<unknown>());
    return Number(rows[0]?.count ?? 0);
  });
}

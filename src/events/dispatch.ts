import { sql, type Kysely } from 'kysely';
import { DatabaseAway } from '../database/passing-faults.js';
import { ApiError } from '../errors.js';
import type { RoomName } from '../rooms.js';
import type { Room } from '../server/room.js';
import { carry, countOnTheirWay, EventReader, type Delivery, type Handed } from './carry-events.js';
import { CATALOGUE, type EventData, type EventName } from './catalogue.js';
import { takeSandboxClock } from './sandbox-clock.js';

/** What a room does when it hears an event. It may hear it twice, late and out of order: an idempotent use case. */
export type Reaction<Name extends EventName = EventName> = (
  room: Room,
  event: { readonly firmId: string | null; readonly data: EventData<Name> },
) => Promise<void>;

export type Reactions = { readonly [Name in EventName]?: Reaction<Name> };

/** `data` null: it is large, and read when its turn has come. */
interface DeliveryRow extends Delivery {
  readonly consumer: RoomName;
  readonly attempts: number;
}

const BATCH = 20;
/** Data up to so many bytes, as it is stored, comes with its batch. */
const SMALL_BYTES = 8192;
/** A batch that takes longer, in milliseconds, leaves the rest to the next one: somebody else's turn may have come. */
const BATCH_MILLISECONDS = 200;
/** So many of those that wait longest take turns by firm, and so many whose turn is next are looked at: other processes hold some. */
const WAITING = 10_000;
const NEXT = 8 * BATCH;
const MOST_ATTEMPTS = 12;
const IDLE_MILLISECONDS = 500;
/** How long a sandbox waits for what it made due, in milliseconds: less than its client waits for the sandbox. */
const SETTLE_MILLISECONDS = 50_000;

/**
 * Takes deliveries, one batch after another, until it is stopped; several processes may do so side by side. Rooms that
 * share a database take what they read. Where NATS carries, each room takes what it tells and hands it to the reader,
 * whose database may be another one. Either way a row is taken by one room only.
 */
export class Dispatcher {
  readonly #room: Room;
  readonly #reactions: Reactions;
  readonly #beforeBatch: () => Promise<void>;
  #reader: EventReader | undefined;
  #wake: () => void = () => undefined;
  #hinted = false;
  #stopped = false;
  #loop: Promise<void> | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(room: Room, reactions: Reactions, beforeBatch: () => Promise<void> = async () => undefined) {
    this.#room = room;
    this.#reactions = reactions;
    this.#beforeBatch = beforeBatch;
  }

  start(): void {
    this.#unsubscribe = this.#room.hints.subscribe('events', () => {
      this.#hinted = true;
      this.#wake();
    });
    if (this.#room.nats) {
      this.#reader = new EventReader(this.#room, this.#room.nats, async (delivery) => {
        await this.#beforeBatch();
        return this.#tryToReact(delivery);
      });
    }
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#wake();
    await Promise.all([this.#loop, this.#reader?.stop()]);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#hinted = false;
      const taken = await this.#takeBatch().catch((error: unknown) => {
        if (!this.#stopped) this.#room.log.error({ error, room: this.#room.name }, 'events could not be taken; trying again');
        return 0;
      });
      if ((taken > 0 || this.#hinted) && !this.#stopped) continue;
      if (this.#stopped) return;
      // A hint may be lost (it is told after the commit); the table is looked at again soon in any case.
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, IDLE_MILLISECONDS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /**
   * Takes what is due under `for update skip locked` and has each reacted to, firms in turn: the thousands of events of a large
   * import let everybody else's pass. The delivery ends only with this transaction: a crash in between repeats the reaction, it
   * never loses the event. Returns how many were taken.
   */
  async #takeBatch(): Promise<number> {
    await this.#beforeBatch();
    const { name, nats, db: database } = this.#room;
    return database.asSystem().transaction(async (em) => {
      const db = em.getKysely<unknown>();
      const { rows } = await sql<DeliveryRow>`
        select d.id, d.name, d.consumer, d.firm_id, case when pg_column_size(d.data) <= ${SMALL_BYTES} then d.data end as data, d.attempts
        from (
          select id, due_at, row_number() over (partition by firm_id order by due_at, id) as turn
          from (
            select id, firm_id, due_at from events.delivery
            where ${nats ? sql`producer` : sql`consumer`} = ${name} and not set_aside and due_at <= clock_timestamp()
            order by due_at, id limit ${WAITING}
          ) waiting
          order by turn, due_at, id limit ${NEXT}
        ) turns join events.delivery d using (id)
        where not d.set_aside and d.due_at <= clock_timestamp()
        order by turns.turn, turns.due_at, d.id limit ${BATCH} for update of d skip locked
      `.execute(db);
      const until = performance.now() + BATCH_MILLISECONDS;
      const ended: Record<Handed, string[]> = { done: [], failed: [], missed: [] };
      // One reader that is not there must not hold up the others.
      await Promise.all([...Map.groupBy(rows, (row) => row.consumer).values()].map((those) => this.#handAll(db, those, until, ended)));
      if (ended.done.length > 0) await sql`delete from events.delivery where id = any(${ended.done}::uuid[])`.execute(db);
      if (ended.missed.length > 0) {
        await sql`update events.delivery set due_at = clock_timestamp() + interval '500 milliseconds' where id = any(${ended.missed}::uuid[])`.execute(db);
      }
      if (ended.failed.length > 0) {
        await sql`
          update events.delivery set attempts = attempts + 1, set_aside = attempts + 1 >= ${MOST_ATTEMPTS},
            due_at = clock_timestamp() + least(power(2, attempts) * interval '100 milliseconds', interval '5 minutes')
          where id = any(${ended.failed}::uuid[])
        `.execute(db);
      }
      return rows.length - ended.missed.length;
    });
  }

  async #handAll(db: Kysely<unknown>, rows: readonly DeliveryRow[], until: number, ended: Record<Handed, string[]>): Promise<void> {
    for (const [index, row] of rows.entries()) {
      if (index > 0 && performance.now() > until) return;
      const delivery = row.data === null ? { ...row, data: await readData(db, row.id) } : row;
      const handed = this.#room.nats ? await carry(this.#room.nats, row.consumer, delivery) : await this.#tryToReact(delivery);
      ended[handed].push(row.id);
      if (handed === 'failed' && row.attempts + 1 >= MOST_ATTEMPTS) {
        this.#room.log.error({ event: row.name, delivery: row.id }, 'an event is set aside: its reaction keeps failing');
      }
      if (handed !== 'missed') continue;
      // Where a reader is not there, the others wait with this one; where only the database was too busy for it, they go first.
      if (this.#room.nats) ended.missed.push(...rows.slice(index + 1).map(({ id }) => id));
      return;
    }
  }

  async #tryToReact(delivery: Delivery): Promise<Handed> {
    try {
      await this.#react(delivery);
      return 'done';
    } catch (error) {
      this.#room.log.warn({ error, event: delivery.name, delivery: delivery.id }, 'a reaction failed; it is tried again');
      // An outage is no fault of the event's: however long it lasts, it is not set aside for it.
      return error instanceof DatabaseAway ? 'missed' : 'failed';
    }
  }

  async #react({ id, name, firm_id, data: told }: Delivery): Promise<void> {
    let data = CATALOGUE[name].data.parse(told) as EventData<EventName>;
    const isClock = name === 'sandbox.clock-moved';
    if (isClock) {
      await takeSandboxClock(this.#room, id, (data as EventData<'sandbox.clock-moved'>).offsetMilliseconds);
      // A late event tells an old time; the room reacts to what the time is now.
      data = { offsetMilliseconds: this.#room.clock.offsetMilliseconds };
    }
    const reaction = this.#reactions[name] as Reaction | undefined;
    // Every room follows the clock; not every room has something that it makes due.
    if (!reaction && !isClock) throw new Error(`no reaction to ${name} in ${this.#room.name}`);
    await reaction?.(this.#room, { firmId: firm_id, data });
  }
}

async function readData(db: Kysely<unknown>, id: string): Promise<unknown> {
  const { rows } = await sql<{ data: unknown }>`select data from events.delivery where id = ${id}::uuid`.execute(db);
  return rows[0]!.data;
}

/** Waits until no event is on its way in any room, so that a sandbox answers after everything that its clock made due. */
export async function settle(room: Room): Promise<void> {
  const until = Date.now() + SETTLE_MILLISECONDS;
  // Asked of several databases, one after another: an event may pass from one not yet asked to one that was, but not twice.
  const enough = room.nats ? 2 : 1;
  for (let quiet = 0; quiet < enough; ) {
    const pending = await countOnTheirWay(room);
    quiet = pending === 0 ? quiet + 1 : 0;
    if (pending === 0) continue;
    if (Date.now() > until) throw new ApiError('UNAVAILABLE', 'Not everything that this made due is done yet; it goes on.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

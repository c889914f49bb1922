import { sql } from 'kysely';
import type { Room } from '../server/room.js';
import { CATALOGUE, type EventData, type EventName } from './catalogue.js';

/** What a room does when it hears an event. It may hear it twice, late and out of order: an idempotent use case. */
export type Reaction<Name extends EventName = EventName> = (
  room: Room,
  event: { readonly firmId: string | null; readonly data: EventData<Name> },
) => Promise<void>;

export type Reactions = { readonly [Name in EventName]?: Reaction<Name> };

interface DeliveryRow {
  readonly id: string;
  readonly name: EventName;
  readonly firm_id: string | null;
  readonly data: unknown;
  readonly attempts: number;
}

const BATCH = 20;
const LARGEST_ATTEMPTS = 12;
const IDLE_MILLISECONDS = 500;

/** Takes the room's deliveries, one batch after another, until it is stopped. Several processes may do so side by side. */
export class Dispatcher {
  readonly #room: Room;
  readonly #reactions: Reactions;
  #wake: () => void = () => undefined;
  #hinted = false;
  #stopped = false;
  #loop: Promise<void> | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(room: Room, reactions: Reactions) {
    this.#room = room;
    this.#reactions = reactions;
  }

  start(): void {
    this.#unsubscribe = this.#room.hints.subscribe('events', () => {
      this.#hinted = true;
      this.#wake();
    });
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#hinted = false;
      const taken = await this.#takeBatch().catch((error: unknown) => {
        this.#room.log.error({ error, room: this.#room.name }, 'events could not be taken; trying again');
        return 0;
      });
      if (taken > 0 || this.#hinted || this.#stopped) continue;
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
   * Takes what is due under `for update skip locked` and reacts to each. The delivery ends only with this transaction:
   * a crash in between repeats the reaction, it never loses the event.
   */
  async #takeBatch(): Promise<number> {
    return this.#room.db.asSystem().transaction(async (em) => {
      const db = em.getKysely<unknown>();
      const { rows } = await sql<DeliveryRow>`
        select id, name, firm_id, data, attempts from events.delivery
        where consumer = ${this.#room.name} and not set_aside and due_at <= clock_timestamp()
        order by due_at, id limit ${BATCH} for update skip locked
      `.execute(db);
      const done: string[] = [];
      for (const row of rows) {
        try {
          await this.#react(row);
          done.push(row.id);
        } catch (error) {
          const last = row.attempts + 1 >= LARGEST_ATTEMPTS;
          this.#room.log[last ? 'error' : 'warn']({ error, event: row.name, delivery: row.id, attempts: row.attempts + 1 },
            last ? 'an event is set aside: its reaction keeps failing' : 'a reaction failed; it is tried again');
          await sql`
            update events.delivery set attempts = attempts + 1, set_aside = ${last},
              due_at = clock_timestamp() + least(power(2, attempts) * interval '100 milliseconds', interval '5 minutes')
            where id = ${row.id}
          `.execute(db);
        }
      }
      if (done.length > 0) await sql`delete from events.delivery where id = any(${done}::uuid[])`.execute(db);
      return rows.length;
    });
  }

  async #react(row: DeliveryRow): Promise<void> {
    const reaction = this.#reactions[row.name] as Reaction | undefined;
    if (!reaction) throw new Error(`no reaction to ${row.name} in ${this.#room.name}`);
    const data = CATALOGUE[row.name].data.parse(row.data) as EventData<EventName>;
    await reaction(this.#room, { firmId: row.firm_id, data });
  }
}

/** Waits until no event is on its way, so that a sandbox answers after everything that its clock made due. */
export async function settle(room: Room): Promise<void> {
  for (;;) {
    const count = await room.db.asSystem().transaction(async (em) => {
      const { rows } = await sql<{ count: string }>`select events.pending() as count`.execute(em.getKysely<unknown>());
      return Number(rows[0]?.count ?? 0);
    });
    if (count === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

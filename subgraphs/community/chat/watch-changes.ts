import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';

/** A hint may be lost; this often what is watched is looked at in any case, in milliseconds. */
const LOOK_MILLISECONDS = 2000;

type Subject = 'conversation' | 'firm';

interface Watched {
  readonly wakes: Set<() => void>;
  /** What was last seen of it; `undefined` before the first look. */
  seen: string | undefined;
}

/**
 * Looks after everything that open subscriptions of this process wait for, with two statements at a time whatever their
 * number, and wakes those whose subject changed. What changed they read themselves, as themselves.
 */
class ChangeWatch {
  readonly #room: Room;
  readonly #watched: Readonly<Record<Subject, Map<string, Watched>>> = { conversation: new Map(), firm: new Map() };
  #timer: NodeJS.Timeout | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  watch(subject: Subject, id: string, wake: () => void): () => void {
    const all = this.#watched[subject];
    let watched = all.get(id);
    if (!watched) all.set(id, (watched = { wakes: new Set(), seen: undefined }));
    watched.wakes.add(wake);
    this.#timer ??= setTimeout(() => void this.#look(), LOOK_MILLISECONDS);
    return () => {
      watched.wakes.delete(wake);
      if (watched.wakes.size === 0 && all.get(id) === watched) all.delete(id);
      if (!this.#isIdle) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  async #look(): Promise<void> {
    try {
      await this.#room.db.asSystem().transaction(async (em) => {
        const db = em.getKysely<unknown>();
        const conversations = [...this.#watched.conversation.keys()];
        if (conversations.length > 0) {
          const { rows } = await sql<{ id: string; state: string }>`
            select peering_id as id, revision::text as state from community.conversation where peering_id = any(${conversations}::uuid[])
          `.execute(db);
          this.#compare('conversation', rows);
        }
        const firms = [...this.#watched.firm.keys()];
        if (firms.length > 0) {
          const { rows } = await sql<{ id: string; state: string }>`
            select s.firm_id as id, concat(count(*), ' ', coalesce(sum(c.revision), 0)) as state
            from community.peering_side s left join community.conversation c on c.peering_id = s.peering_id
            where s.firm_id = any(${firms}::uuid[]) group by s.firm_id
          `.execute(db);
          this.#compare('firm', rows);
        }
      });
    } catch (error) {
      this.#room.log.warn({ error }, 'open conversations could not be looked at; trying again');
    }
    // One that began to watch after an idle moment during this look has set a timer of its own.
    clearTimeout(this.#timer);
    this.#timer = this.#isIdle ? undefined : setTimeout(() => void this.#look(), LOOK_MILLISECONDS);
  }

  get #isIdle(): boolean {
    return this.#watched.conversation.size === 0 && this.#watched.firm.size === 0;
  }

  #compare(subject: Subject, rows: readonly { readonly id: string; readonly state: string }[]): void {
    for (const { id, state } of rows) {
      const watched = this.#watched[subject].get(id);
      if (!watched || watched.seen === state) continue;
      watched.seen = state;
      // At the first look too: what changed between a subscriber's own first read and this one is not known here.
      for (const wake of watched.wakes) wake();
    }
  }
}

const watches = new WeakMap<Room, ChangeWatch>();

/** Calls `wake` within two seconds of a change of a conversation, or of any match or conversation of a firm. */
export function watchChanges(room: Room, subject: Subject, id: string, wake: () => void): () => void {
  let watch = watches.get(room);
  if (!watch) watches.set(room, (watch = new ChangeWatch(room)));
  return watch.watch(subject, id, wake);
}

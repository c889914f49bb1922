import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';

/** A hint may be lost; this often what is watched is looked at in any case, in milliseconds. */
const LOOK_MILLISECONDS = 2000;
/** Watched at a time: a large answer would hold up everything else of the process. */
const BATCH = 1000;

type Subject = 'conversation' | 'firm';

interface Watched {
  readonly wakes: Set<() => void>;
  /** What was last seen of it; below all that can be seen before the first look. */
  seen: number;
}

/**
 * What changes with everything that a subscription of the subject may have to tell, and only grows: compared in the
 * database, so that what did not change costs no answer.
 */
const readChanged = {
  conversation: (ids: readonly string[], seen: readonly number[]) => sql<Changed>`
    select w.id, c.revision as state from unnest(${ids}::uuid[], ${seen}::bigint[]) w (id, seen)
    join community.conversation c on c.peering_id = w.id where c.revision > w.seen
  `,
  firm: (ids: readonly string[], seen: readonly number[]) => sql<Changed>`
    select w.id, changes.state::float8 as state from unnest(${ids}::uuid[], ${seen}::bigint[]) w (id, seen)
    cross join lateral (
      select count(*) + coalesce(sum(c.revision), 0) as state
      from community.peering_side s left join community.conversation c on c.peering_id = s.peering_id where s.firm_id = w.id
    ) changes where changes.state > w.seen
  `,
} as const;

interface Changed {
  readonly id: string;
  readonly state: number;
}

/**
 * Looks after everything that open subscriptions of this process wait for, many with one statement, and wakes those whose
 * subject changed. What changed they read themselves, as themselves.
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
    if (!watched) all.set(id, (watched = { wakes: new Set(), seen: -1 }));
    watched.wakes.add(wake);
    this.#timer ??= setTimeout(() => void this.#lookAround(), LOOK_MILLISECONDS);
    return () => {
      watched.wakes.delete(wake);
      if (watched.wakes.size === 0 && all.get(id) === watched) all.delete(id);
      if (!this.#isIdle) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  async #lookAround(): Promise<void> {
    try {
      for (const subject of ['conversation', 'firm'] as const) {
        const ids = [...this.#watched[subject].keys()];
        for (let start = 0; start < ids.length; start += BATCH) await this.#look(subject, ids.slice(start, start + BATCH));
      }
    } catch (error) {
      this.#room.log.warn({ error }, 'open conversations could not be looked at; trying again');
    }
    // One that began to watch after an idle moment during this look has set a timer of its own.
    clearTimeout(this.#timer);
    this.#timer = this.#isIdle ? undefined : setTimeout(() => void this.#lookAround(), LOOK_MILLISECONDS);
  }

  async #look(subject: Subject, ids: readonly string[]): Promise<void> {
    const all = this.#watched[subject];
    const seen = ids.map((id) => all.get(id)?.seen ?? -1);
    const { rows } = await readChanged[subject](ids, seen).execute(this.#room.db.asSystem().reads().getKysely());
    for (const { id, state } of rows) {
      const watched = all.get(id);
      if (!watched || watched.seen >= state) continue;
      watched.seen = state;
      // At the first look too: what changed between a subscriber's own first read and this one is not known here.
      for (const wake of watched.wakes) wake();
    }
  }

  get #isIdle(): boolean {
    return this.#watched.conversation.size === 0 && this.#watched.firm.size === 0;
  }
}

const watches = new WeakMap<Room, ChangeWatch>();

/** Calls `wake` within two seconds of a change of a conversation, or of any match or conversation of a firm. */
export function watchChanges(room: Room, subject: Subject, id: string, wake: () => void): () => void {
  let watch = watches.get(room);
  if (!watch) watches.set(room, (watch = new ChangeWatch(room)));
  return watch.watch(subject, id, wake);
}

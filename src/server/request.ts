import type { EntityManager } from '@mikro-orm/postgresql';
import DataLoader from 'dataloader';
import type { FirmDatabase } from '../database/room-database.js';
import { demandScope, type Asker, type Scope } from './asker.js';
import type { Room } from './room.js';

/** Reads many things at once, in the order of their keys; `null` for what is not there. */
export type BatchRead<Key, Value> = (request: Request, keys: readonly Key[]) => Promise<readonly (Value | null)[]>;

/** What the gateway says about one operation. */
export interface Asking {
  readonly asker: Asker | undefined;
  readonly requestId: string;
  /** Where the client reaches the gateway, e.g. `http://localhost:4000`; URLs handed out start with it. */
  readonly origin: string;
}

/** One operation in one subgraph: who asks, the room, one read transaction, one set of batches. It is the GraphQL context. */
export class Request {
  readonly room: Room;
  readonly asking: Asking;
  readonly #loaders = new Map<BatchRead<never, unknown>, DataLoader<unknown, unknown, string>>();
  #reader: Reader | undefined;

  constructor(room: Room, asking: Asking) {
    this.room = room;
    this.asking = asking;
  }

  /** The asker, who must be signed in and hold `scope`. */
  demand(scope?: Scope): Asker {
    return demandScope(this.asking.asker, scope);
  }

  /** The database as the asker's firm sees it, for a use case; its transaction is its own. */
  get db(): FirmDatabase {
    return this.room.db.forFirm(this.demand().firmId);
  }

  /**
   * Reads in a transaction that all reads of this operation share while some of them run: opening one for each costs more
   * than the read. Reads see what is committed when they run, so a mutation's answer shows its own effect.
   */
  async read<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    const reader = (this.#reader ??= new Reader(this.db));
    return reader.read(work, () => {
      if (this.#reader === reader) this.#reader = undefined;
    });
  }

  /** One of many: calls of the same tick become one call of `read`. */
  async batch<Key, Value>(read: BatchRead<Key, Value>, key: Key): Promise<Value | null> {
    const name = read as unknown as BatchRead<never, unknown>;
    let loader = this.#loaders.get(name) as DataLoader<Key, Value | null, string> | undefined;
    if (!loader) {
      loader = new DataLoader<Key, Value | null, string>((keys) => read(this, keys), { cacheKeyFn: (value) => (typeof value === 'string' ? value : JSON.stringify(value)), maxBatchSize: 1000 });
      this.#loaders.set(name, loader as unknown as DataLoader<unknown, unknown, string>);
    }
    return loader.load(key);
  }

  /** Forgets what was batched: a mutation changed it. */
  forget(): void {
    this.#loaders.clear();
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }
}

/**
 * A transaction that several reads share. It ends once none of them runs and none follows at once: whoever held it while
 * waiting for another connection, as the next mutation of an operation does, would wait for others that do the same.
 */
class Reader {
  readonly #em: Promise<EntityManager>;
  readonly #end: () => void;
  readonly #ended: Promise<unknown>;
  #running = 0;

  constructor(db: FirmDatabase) {
    const opened = Promise.withResolvers<EntityManager>();
    const closed = Promise.withResolvers<void>();
    this.#ended = db
      .transaction(async (em) => {
        opened.resolve(em);
        await closed.promise;
      })
      .catch((error: unknown) => opened.reject(error));
    this.#em = opened.promise;
    this.#end = closed.resolve;
  }

  /** `leave` is called before it ends: nothing may be read in it from then on. */
  async read<T>(work: (em: EntityManager) => Promise<T>, leave: () => void): Promise<T> {
    this.#running += 1;
    try {
      return await work(await this.#em);
    } finally {
      this.#running -= 1;
      // The fields below what was just read ask for theirs in this turn of the loop.
      setImmediate(() => {
        if (this.#running > 0) return;
        leave();
        this.#end();
      });
    }
  }

  async close(): Promise<void> {
    this.#end();
    await this.#ended;
  }
}

import DataLoader from 'dataloader';
import type { FirmReads, Reader } from '../database/firm-reads.js';
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

/** By what keys are told apart: texts by themselves, objects by their `keyName` where they have one, else by all they hold. */
function nameOf(key: unknown): string {
  if (typeof key === 'string') return key;
  return typeof key === 'object' && key !== null && 'keyName' in key && typeof key.keyName === 'string' ? key.keyName : JSON.stringify(key);
}

/** One operation in one subgraph: who asks, the room, its reads, one set of batches. It is the GraphQL context. */
export class Request {
  readonly room: Room;
  readonly asking: Asking;
  readonly #loaders = new Map<BatchRead<never, unknown>, DataLoader<unknown, unknown, string>>();
  #reads: FirmReads | undefined;

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
   * Reads as the asker's firm; `work` may run SQL and nothing else. Reads of the same turn share one trip to the database.
   * They see what is committed when they run, so a mutation's answer shows its own effect.
   * `plan`: `once` for statements of which one plan is good for all values, where planning would cost more than running.
   */
  read<T>(work: (reader: Reader) => Promise<T>, plan: 'by values' | 'once' = 'by values'): Promise<T> {
    const reads = (this.#reads ??= this.db.reads());
    return work(plan === 'once' ? reads.plannedOnce() : reads);
  }

  /** One of many: calls of the same tick become one call of `read`. */
  batch<Key, Value>(read: BatchRead<Key, Value>, key: Key): Promise<Value | null> {
    const name = read as unknown as BatchRead<never, unknown>;
    let loader = this.#loaders.get(name) as DataLoader<Key, Value | null, string> | undefined;
    if (!loader) {
      loader = new DataLoader<Key, Value | null, string>((keys) => read(this, keys), { cacheKeyFn: nameOf, maxBatchSize: 1000 });
      this.#loaders.set(name, loader as unknown as DataLoader<unknown, unknown, string>);
    }
    return loader.load(key);
  }

  /** Forgets what was batched: a mutation changed it. */
  forget(): void {
    this.#loaders.clear();
  }
}

/**
 * "Something may have changed": told after a commit, never inside one, and never the truth itself. Whoever listens reads
 * the database; whoever misses a hint looks again soon anyway.
 */
export interface Hints {
  publish(topic: string): void;
  /** Calls `listener` at each hint; returns how to stop. */
  subscribe(topic: string, listener: () => void): () => void;
  close(): Promise<void>;
}

/** Hints within one process. */
export class MemoryHints implements Hints {
  readonly #listeners = new Map<string, Set<() => void>>();

  publish(topic: string): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener();
  }

  /** Tells everybody: after a time in which hints may have been lost. */
  publishAll(): void {
    for (const topic of [...this.#listeners.keys()]) this.publish(topic);
  }

  subscribe(topic: string, listener: () => void): () => void {
    let listeners = this.#listeners.get(topic);
    if (!listeners) this.#listeners.set(topic, (listeners = new Set()));
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic);
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}

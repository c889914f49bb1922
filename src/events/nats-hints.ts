import { randomUUID } from 'node:crypto';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { MemoryHints, type Hints } from './hints.js';

const SUBJECT = 'ardoise.hint.';

/** Hints between processes over NATS, core only: what is lost while a connection is down is made up by looking again. */
export class NatsHints implements Hints {
  readonly #nats: NatsConnection;
  readonly #origin = randomUUID();
  readonly #local = new MemoryHints();
  readonly #subscriptions = new Map<string, { readonly subscription: Subscription; listeners: number }>();
  readonly #waiting = new Set<string>();

  constructor(nats: NatsConnection) {
    this.#nats = nats;
    void this.#watch();
  }

  publish(topic: string): void {
    this.#local.publish(topic);
    // Many of one tick are one hint.
    if (this.#waiting.size === 0) setImmediate(() => this.#flush());
    this.#waiting.add(topic);
  }

  subscribe(topic: string, listener: () => void): () => void {
    const unsubscribe = this.#local.subscribe(topic, listener);
    let shared = this.#subscriptions.get(topic);
    if (!shared) {
      const subscription = this.#nats.subscribe(subjectOf(topic), {
        callback: (error, message) => {
          // This process has told its own listeners already.
          if (!error && message.string() !== this.#origin) this.#local.publish(topic);
        },
      });
      this.#subscriptions.set(topic, (shared = { subscription, listeners: 0 }));
    }
    shared.listeners += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      unsubscribe();
      shared.listeners -= 1;
      if (shared.listeners > 0) return;
      shared.subscription.unsubscribe();
      this.#subscriptions.delete(topic);
    };
  }

  async close(): Promise<void> {
    this.#flush();
    if (!this.#nats.isClosed()) for (const { subscription } of this.#subscriptions.values()) subscription.unsubscribe();
    this.#subscriptions.clear();
    await this.#local.close();
  }

  #flush(): void {
    const topics = [...this.#waiting];
    this.#waiting.clear();
    if (this.#nats.isClosed()) return;
    for (const topic of topics) this.#nats.publish(subjectOf(topic), this.#origin);
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#nats.status()) if (type === 'reconnect') this.#local.publishAll();
  }
}

/** Topics hold colons and uuids; a subject's token may hold anything but dots, wildcards and spaces. */
function subjectOf(topic: string): string {
  return SUBJECT + Buffer.from(topic).toString('base64url');
}

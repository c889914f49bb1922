import type { Log } from '../log.js';
import type { Hints } from './hints.js';

/** What one look gave: what is new, in order, and whether nothing can come any more. */
export interface Look<Event> {
  readonly events: readonly Event[];
  readonly ended: boolean;
}

/** How long until a look that failed is tried again, in milliseconds. */
const RETRY_MILLISECONDS = 1000;

/**
 * The events of a subscription, pulled: it looks when somebody asks for the next one, so a slow reader costs one batch and
 * no more. Not a generator, whose `return` would wait for the next event: this one ends at once, and stops watching.
 */
export class PulledEvents<Event> implements AsyncIterableIterator<Event> {
  readonly #look: () => Promise<Look<Event>>;
  readonly #unwatch: () => void;
  readonly #log: Log;
  #batch: Event[] = [];
  #ended = false;
  #lastBatch = false;
  #woken = false;
  #wake: () => void = () => undefined;
  #previous: Promise<unknown> = Promise.resolve();

  /** `watch` is given what to call when a new look may find something; it returns how to stop that. */
  constructor(look: () => Promise<Look<Event>>, watch: (wake: () => void) => () => void, log: Log) {
    this.#look = look;
    this.#log = log;
    this.#unwatch = watch(() => {
      this.#woken = true;
      this.#wake();
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** One after another, also when asked for several at once. */
  next(): Promise<IteratorResult<Event, undefined>> {
    const next = this.#previous.then(() => this.#pull());
    this.#previous = next.catch(() => undefined);
    return next;
  }

  async return(): Promise<IteratorResult<Event, undefined>> {
    this.#end();
    return { value: undefined, done: true };
  }

  async #pull(): Promise<IteratorResult<Event, undefined>> {
    while (!this.#ended) {
      const event = this.#batch.shift();
      if (event !== undefined) return { value: event, done: false };
      if (this.#lastBatch) break;
      this.#woken = false;
      try {
        const { events, ended } = await this.#look();
        this.#batch = [...events];
        this.#lastBatch = ended;
        if (events.length === 0 && !ended) await this.#sleep();
      } catch (error) {
        // A database that is away comes back; its reader need not know.
        this.#log.warn({ error }, 'a subscription could not be read; trying again');
        await this.#sleep(RETRY_MILLISECONDS);
      }
    }
    this.#end();
    return { value: undefined, done: true };
  }

  /** Until it is woken, which it may have been since the look began. */
  async #sleep(most?: number): Promise<void> {
    if (this.#woken || this.#ended) return;
    await new Promise<void>((resolve) => {
      const timer = most === undefined ? undefined : setTimeout(resolve, most);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unwatch();
    this.#wake();
  }
}

/** What wakes a subscription: a hint of `topic`, and, because a hint may be lost, the time, every so many milliseconds. */
export function watchTopic(hints: Hints, topic: string, milliseconds: number): (wake: () => void) => () => void {
  return (wake) => {
    const unsubscribe = hints.subscribe(topic, wake);
    const timer = setInterval(wake, milliseconds);
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  };
}

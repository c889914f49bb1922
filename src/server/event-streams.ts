import type { ServerResponse } from 'node:http';

/** Signs of life after which who has not taken what was sent before takes nothing any more. */
const MOST_UNTAKEN = 3;

/**
 * The event streams of a process. One timer gives each a sign of life every so often, so that its reader notices a frozen
 * process, and ends those that are not read: what waits for them would wait for ever.
 */
export class EventStreams {
  /** With the signs of life that found no room. */
  readonly #open = new Map<ServerResponse, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(milliseconds: number) {
    this.#timer = setInterval(() => this.#beat(), milliseconds);
  }

  /** A response that can only become an event stream. */
  add(response: ServerResponse): void {
    this.#open.set(response, 0);
    response.once('close', () => this.#open.delete(response));
  }

  #beat(): void {
    for (const [response, untaken] of this.#open) {
      if (!isOpen(response)) continue;
      if (response.writableNeedDrain && untaken + 1 >= MOST_UNTAKEN) response.destroy();
      else if (response.writableNeedDrain) this.#open.set(response, untaken + 1);
      else {
        this.#open.set(response, 0);
        // A line of its own: it may come between two lines of an event.
        response.write(':\n');
      }
    }
  }

  /** Ends them all: a subscription has no end of its own, and its client comes back to a process that lives. */
  stop(): void {
    clearInterval(this.#timer);
    for (const response of this.#open.keys()) if (isOpen(response)) response.destroy();
  }
}

/** Whether it has begun and not ended. */
function isOpen(response: ServerResponse): boolean {
  return response.headersSent && !response.writableEnded;
}

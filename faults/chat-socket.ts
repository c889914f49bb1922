import { WebSocket } from 'ws';
import { pause, jittered } from './patience.js';
import type { Doors } from './ask-door.js';

/** The server says something every 10 seconds; who has heard nothing for two of them takes the connection as dead. */
export const SILENCE_MILLISECONDS = 20_000;
/** How long a connection may take to be made. */
const OPENING_MILLISECONDS = 4000;
const LEAST_PAUSE = 100;
const MOST_PAUSE = 1000;

interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

interface Frame {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** What a client wants to be told of for as long as it lives. */
export interface Wish {
  readonly query: string;
  /** Asked anew each time it subscribes: where it has come to. */
  readonly variables: () => Record<string, unknown>;
  readonly hear: (data: Record<string, unknown>) => void;
  /** It has just subscribed, for the first time or again. */
  readonly asked?: () => void;
}

/** One time that a wish was not fulfilled. */
export interface Break {
  /** The close code of the socket, or the code of the error that ended the subscription. */
  readonly cause: string;
  readonly from: number;
  /** When it was first told something again. */
  until?: number;
}

class Standing {
  id = '';
  broken: Break | undefined;
  tries = 0;

  constructor(readonly wish: Wish) {}
}

/**
 * A client's WebSocket as docs/CHAT.md has it, on the bare protocol: it subscribes, answers pings, takes silence for death, and
 * comes back after whatever happened, with jitter. It never gives up until it is closed.
 */
export class ChatSocket {
  readonly breaks: Break[] = [];
  /** When it was connected. */
  readonly opens: number[] = [];
  /** Subscriptions that ended without an error, as if their conversation had been closed. */
  completed = 0;
  #socket: WebSocket | undefined;
  #heard = 0;
  #stopped = false;
  #ids = 0;
  readonly #standings: Standing[];
  readonly #done: Promise<void>;

  constructor(
    readonly doors: Doors,
    /** One that still holds. */
    readonly token: () => string,
    wishes: readonly Wish[],
  ) {
    this.#standings = wishes.map((wish) => new Standing(wish));
    this.#done = this.#live();
  }

  /** Whether it is told everything just now, as far as it knows. */
  get isWhole(): boolean {
    return this.#standings.every(({ id, broken }) => id !== '' && broken === undefined);
  }

  /** Leaves for good. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#socket?.terminate();
    await this.#done;
  }

  async #live(): Promise<void> {
    for (let tries = 0; !this.#stopped; tries += 1) {
      if (tries > 0) await pause(jittered(Math.min(MOST_PAUSE, LEAST_PAUSE * 2 ** tries)));
      const { opened, cause } = await this.#connect();
      const now = performance.now();
      for (const standing of this.#standings) this.#note(standing, cause, now);
      if (opened) tries = 0;
      this.doors.turn();
    }
  }

  #note(standing: Standing, cause: string, now: number): void {
    standing.id = '';
    if (standing.broken || this.#stopped) return;
    standing.broken = { cause, from: now };
    this.breaks.push(standing.broken);
  }

  /** One connection, from its beginning to its end. */
  #connect(): Promise<{ opened: boolean; cause: string }> {
    return new Promise((resolve) => {
      let opened = false;
      const socket = new WebSocket(`${this.doors.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { handshakeTimeout: OPENING_MILLISECONDS, perMessageDeflate: false });
      this.#socket = socket;
      this.#heard = performance.now();
      if (this.#stopped) socket.terminate();
      const watch = setInterval(() => {
        if (performance.now() - this.#heard > (opened ? SILENCE_MILLISECONDS : OPENING_MILLISECONDS)) socket.terminate();
      }, 250);
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${this.token()}` } })));
      socket.on('message', (bytes: Buffer) => {
        this.#heard = performance.now();
        const frame = JSON.parse(bytes.toString()) as Frame;
        if (frame.type === 'ping') socket.send('{"type":"pong"}');
        else if (frame.type === 'connection_ack') {
          opened = true;
          this.opens.push(performance.now());
          for (const standing of this.#standings) this.#subscribe(socket, standing);
        } else this.#take(socket, frame);
      });
      socket.on('error', () => undefined);
      socket.on('close', (code) => {
        clearInterval(watch);
        resolve({ opened, cause: String(code) });
      });
    });
  }

  #subscribe(socket: WebSocket, standing: Standing): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    standing.id = String((this.#ids += 1));
    const { query, variables, asked } = standing.wish;
    socket.send(JSON.stringify({ id: standing.id, type: 'subscribe', payload: { query, variables: variables() } }));
    asked?.();
  }

  #take(socket: WebSocket, { id, type, payload }: Frame): void {
    const standing = this.#standings.find((each) => each.id !== '' && each.id === id);
    // What was already given up may still have something to say.
    if (!standing) return;
    if (type === 'next') {
      const { data, errors } = payload as Result;
      if (errors) return this.#comeBack(socket, standing, errors[0]?.extensions?.code ?? 'NONE');
      standing.tries = 0;
      if (standing.broken) {
        standing.broken.until = performance.now();
        standing.broken = undefined;
      }
      if (data) standing.wish.hear(data);
    } else if (type === 'error') this.#comeBack(socket, standing, (payload as Result['errors'])?.[0]?.extensions?.code ?? 'NONE');
    else if (type === 'complete') {
      this.completed += 1;
      this.#comeBack(socket, standing, 'complete');
    }
  }

  #comeBack(socket: WebSocket, standing: Standing, cause: string): void {
    this.#note(standing, cause, performance.now());
    standing.tries += 1;
    setTimeout(() => {
      // In the meantime it may have been asked for on another connection.
      if (standing.id === '' && !this.#stopped) this.#subscribe(socket, standing);
    }, jittered(Math.min(MOST_PAUSE, LEAST_PAUSE * 2 ** (standing.tries - 1))));
  }
}

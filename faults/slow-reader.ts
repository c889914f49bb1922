import { once } from 'node:events';
import { WebSocket } from 'ws';
import { comesTrue } from './patience.js';

/** The text of a message so many times in one result. */
const COPIES = Array.from({ length: 50 }, (_, index) => `_${index}: body`).join(' ');
const LARGE = `subscription ($id: ID!, $after: Int) { messageReceived(conversationId: $id, after: $after) { seq ${COPIES} } }`;
const SMALL = 'subscription ($id: ID!, $after: Int) { messageReceived(conversationId: $id, after: $after) { seq body } }';
const RESUME_MILLISECONDS = 30_000;

interface Frame {
  readonly id?: string;
  readonly type: string;
  readonly payload?: { readonly data?: { readonly messageReceived?: { readonly seq: number } } | null };
}

/** A client that stops reading as soon as it has subscribed, and later comes back behind what it was told. */
export class SlowReader {
  /** The numbers that each of its subscriptions was told, in order. */
  readonly #told: number[][];
  #socket: WebSocket | undefined;
  #closed: Promise<number> | undefined;

  private constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly conversationId: string,
    subscriptions: number,
  ) {
    this.#told = Array.from({ length: subscriptions }, () => []);
  }

  static async stop(url: string, token: string, conversationId: string, subscriptions: number): Promise<SlowReader> {
    const reader = new SlowReader(url, token, conversationId, subscriptions);
    await reader.#open(LARGE, () => reader.#socket!.pause());
    return reader;
  }

  /** Reads what came until it was closed; says with which code. */
  async readOn(): Promise<number> {
    this.#socket!.resume();
    return this.#closed!;
  }

  /** Comes back, and reads until each subscription was told so many messages in all, or is not. */
  async resume(messages: number): Promise<readonly (readonly number[])[]> {
    await this.#open(SMALL);
    await comesTrue(() => this.#told.every((numbers) => numbers.length >= messages), RESUME_MILLISECONDS);
    this.#socket!.close();
    return this.#told;
  }

  /** Connects and subscribes; `beforeTold` runs before anything of it can have been heard. */
  async #open(query: string, beforeTold: () => void = () => undefined): Promise<void> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false });
    this.#socket = socket;
    this.#closed = once(socket, 'close').then(([code]) => code as number);
    await once(socket, 'open');
    const acknowledged = once(socket, 'message');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${this.token}` } }));
    await acknowledged;
    beforeTold();
    socket.on('message', (bytes: Buffer) => this.#hear(JSON.parse(bytes.toString()) as Frame));
    for (const [index, numbers] of this.#told.entries()) socket.send(JSON.stringify({ id: `${index}`, type: 'subscribe', payload: { query, variables: { id: this.conversationId, after: numbers.at(-1) ?? 0 } } }));
  }

  #hear({ type, id, payload }: Frame): void {
    if (type === 'ping') this.#socket!.send('{"type":"pong"}');
    const seq = payload?.data?.messageReceived?.seq;
    if (seq !== undefined) this.#told[Number(id)]!.push(seq);
  }
}

import { WebSocket, type ClientOptions } from 'ws';
import { fail, type ChatPair, type PairListener } from './chat-pair.js';

/** Who a client is and what it talks in. */
export interface Seat {
  readonly token: string;
  /** The conversation, by the id that its firm knows. */
  readonly conversationId: string;
}

const SEND = 'mutation Send($input: MessageSendInput!) { messageSend(input: $input) { message { id seq } userErrors { code message } } }';
export const RECEIVE = 'subscription Receive($conversationId: ID!, $after: Int) { messageReceived(conversationId: $conversationId, after: $after) { id seq mine body sentAt } }';

/** One frame of the server, as far as it is looked at here. */
export interface ServerFrame {
  readonly type: string;
  readonly id?: string;
  readonly payload?: {
    readonly data?: {
      readonly messageReceived?: { readonly seq: number; readonly body: string };
      readonly messageSend?: { readonly message: { readonly seq: number } | null };
    } | null;
    readonly errors?: readonly unknown[];
  };
}

/** A WebSocket that has said who it is: written by hand, so that it costs the machine as little as a client can. */
export async function openSocket(url: string, token: string, onFrame: (frame: ServerFrame, raw: string) => void, options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false, ...options });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })));
    socket.once('error', reject);
    socket.once('close', (code, reason) => reject(new Error(`the server closed a socket with ${code} ${reason.toString()}`)));
    socket.on('message', (data: Buffer) => {
      const raw = data.toString();
      const frame = JSON.parse(raw) as ServerFrame;
      if (frame.type === 'connection_ack') return resolve();
      if (frame.type === 'ping') return socket.send('{"type":"pong"}');
      onFrame(frame, raw);
    });
  });
  return socket;
}

export function subscribeFrame(id: string, query: string, variables: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ id, type: 'subscribe', payload: { query, variables } });
}

/** A pair of clients of Ardoise, of two firms, with the receiver's subscription in place. */
export class ArdoisePair implements ChatPair {
  listener: PairListener | undefined;
  #sender: WebSocket | undefined;
  #receiver: WebSocket | undefined;
  readonly #conversationId: string;
  /** No `clientId` comes twice, also when a server is met again. */
  readonly #run = crypto.randomUUID();

  private constructor(conversationId: string) {
    this.#conversationId = conversationId;
  }

  static async open(url: string, from: Seat, to: Seat): Promise<ArdoisePair> {
    const pair = new ArdoisePair(from.conversationId);
    const [sender, receiver] = await Promise.all([
      openSocket(url, from.token, (frame, raw) => pair.#hearSender(frame, raw)),
      openSocket(url, to.token, (frame, raw) => pair.#hearReceiver(frame, raw)),
    ]);
    pair.#sender = sender;
    pair.#receiver = receiver;
    for (const socket of [sender, receiver]) socket.on('close', (code) => pair.listener && fail(pair, `a socket was closed with ${code}`));
    receiver.send(subscribeFrame('r', RECEIVE, { conversationId: to.conversationId, after: 0 }));
    return pair;
  }

  send(number: number, text: string): void {
    this.#sender!.send(subscribeFrame(String(number), SEND, { input: { conversationId: this.#conversationId, clientId: `${this.#run}.${number}`, body: text } }));
  }

  close(): void {
    this.listener = undefined;
    this.#sender?.close();
    this.#receiver?.close();
  }

  #hearSender({ type, id, payload }: ServerFrame, raw: string): void {
    if (type === 'complete') return;
    if (!payload?.data?.messageSend?.message) return fail(this, `a message was refused: ${raw}`);
    this.listener?.answered(Number(id));
  }

  #hearReceiver({ payload }: ServerFrame, raw: string): void {
    const message = payload?.data?.messageReceived;
    if (!message) return fail(this, `a subscription said ${raw}`);
    this.listener?.received(message.body, message.seq);
  }
}

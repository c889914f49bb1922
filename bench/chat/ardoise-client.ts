import { fail, type ChatPair, type PairListener } from './chat-pair.js';
import { RawSocket } from './raw-socket.js';

/** Who a client is and what it talks in. */
export interface Seat {
  readonly token: string;
  /** The conversation, by the id that its firm knows. */
  readonly conversationId: string;
}

export const SEND = 'mutation Send($input: MessageSendInput!) { messageSend(input: $input) { message { id seq } userErrors { code message } } }';
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

/** What a client hears on its WebSocket. */
export interface FrameListener {
  onFrame(frame: ServerFrame, text: string): void;
  /** Once it was open. */
  onClose(code: number): void;
}

/** A WebSocket that has said who it is, with `connection_init`, if it has a token. */
export async function openSocket(url: string, token: string | undefined, listener: FrameListener, localAddress?: string): Promise<RawSocket> {
  const acknowledged = Promise.withResolvers<void>();
  const socket = await RawSocket.open({
    url,
    localAddress,
    onText(text, self) {
      const frame = JSON.parse(text) as ServerFrame;
      if (frame.type === 'connection_ack') acknowledged.resolve();
      else if (frame.type === 'ping') self.send('{"type":"pong"}');
      else listener.onFrame(frame, text);
    },
    onClose(code) {
      acknowledged.reject(new Error(`a socket was closed with ${code}`));
      listener.onClose(code);
    },
  });
  socket.send(JSON.stringify({ type: 'connection_init', ...(token !== undefined && { payload: { authorization: `Bearer ${token}` } }) }));
  await acknowledged.promise;
  return socket;
}

export function subscribeFrame(id: string, query: string, variables: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ id, type: 'subscribe', payload: { query, variables } });
}

/** A pair of clients of Ardoise, of two firms, with the receiver's subscription in place. */
export class ArdoisePair implements ChatPair {
  listener: PairListener | undefined;
  #sender: RawSocket | undefined;
  #receiver: RawSocket | undefined;
  #closing = false;
  readonly #conversationId: string;
  /** No `clientId` comes twice, also when a server is met again. */
  readonly #run = crypto.randomUUID();

  private constructor(conversationId: string) {
    this.#conversationId = conversationId;
  }

  static async open(url: string, from: Seat, to: Seat): Promise<ArdoisePair> {
    const pair = new ArdoisePair(from.conversationId);
    const onClose = (code: number): void => {
      if (!pair.#closing) fail(pair, `a socket was closed with ${code}`);
    };
    const [sender, receiver] = await Promise.all([
      openSocket(url, from.token, { onFrame: (frame, text) => pair.#hearSender(frame, text), onClose }),
      openSocket(url, to.token, { onFrame: (frame, text) => pair.#hearReceiver(frame, text), onClose }),
    ]);
    pair.#sender = sender;
    pair.#receiver = receiver;
    receiver.send(subscribeFrame('r', RECEIVE, { conversationId: to.conversationId, after: 0 }));
    return pair;
  }

  send(number: number, text: string): void {
    this.#sender!.send(subscribeFrame(String(number), SEND, { input: { conversationId: this.#conversationId, clientId: `${this.#run}.${number}`, body: text } }));
  }

  close(): void {
    this.#closing = true;
    void this.#sender?.close();
    void this.#receiver?.close();
  }

  #hearSender({ type, id, payload }: ServerFrame, text: string): void {
    if (type === 'complete') return;
    if (!payload?.data?.messageSend?.message) return fail(this, `a message was refused: ${text}`);
    this.listener?.answered(Number(id));
  }

  #hearReceiver({ payload }: ServerFrame, text: string): void {
    const message = payload?.data?.messageReceived;
    if (!message) return fail(this, `a subscription said ${text}`);
    this.listener?.received(message.body, message.seq);
  }
}

import type { Socket } from 'node:net';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { WebSocket, type RawData } from 'ws';
import { ApiError } from '../../src/errors.js';
import type { Log } from '../../src/log.js';
import { maskError } from '../../src/server/mask-errors.js';
import type { Asking } from '../../src/server/request.js';
import { Operation } from './operation.js';
import { ACK, authorizationOf, CLOSE, parseMessage, PING, pong, refusal, type ClientMessage, type CloseCode, type Params } from './protocol.js';
import type { Token, Tokens } from './tokens.js';

/** Operations of one socket at once: a page of subscriptions has a dozen. */
const MOST_OPERATIONS = 100;
/** From here on a text is given to its socket as bytes: while it waits to be sent, it is kept once and not twice. */
const LONG_TEXT = 16 * 1024;
const AS_TEXT = { binary: false };
/** What may wait to be sent, in bytes: beyond it nothing more is read from the client, and no operation goes on. */
const MOST_WAITING = 256 * 1024;
/** And what may wait at the most, for what was under way when it became too much is still told: who would have more is closed at once. */
const MOST_BUFFERED = 2 ** 20;
/** How often it is looked whether anything of what waits was taken, in seconds. The first look often finds that it was. */
const STUCK_SECONDS = 4.5;
/** Heartbeats within which a reader must have taken all that waits, however slowly it reads. */
const SLOW_BEATS = 6;
const TOO_SLOW = 'Read faster, and resume';
/** A client that has not said anything since so many pings is dead. */
const MOST_UNANSWERED = 2;

/** What all sockets of a gateway share. */
export interface Surroundings {
  readonly tokens: Tokens;
  readonly log: Log;
  /** In milliseconds. */
  readonly second: number;
  execute(params: Params, asking: Asking): Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;
  /** It has said who it is, or is gone: it need not be waited for any more. */
  initialised(socket: ClientSocket): void;
  closed(socket: ClientSocket): void;
}

/**
 * A client's connection. It is kept small, for most of them wait for hours: it holds what it was told of the client and
 * nothing of the request it came with, and has no timer of its own.
 */
export class ClientSocket {
  readonly #webSocket: WebSocket;
  readonly #tcp: Socket;
  readonly #surroundings: Surroundings;
  readonly #origin: string;
  /** What the handshake said; the token once the client has said its own. */
  #token: Token | string | undefined;
  #initialised = false;
  #operations: Map<string, Operation> | undefined;
  #corked = false;
  /** Set while more waits than may. */
  #drained: PromiseWithResolvers<void> | undefined;
  #beatsFull = 0;
  #unanswered = 0;

  constructor(webSocket: WebSocket, tcp: Socket, origin: string, authorization: string | undefined, surroundings: Surroundings) {
    this.#webSocket = webSocket;
    this.#tcp = tcp;
    this.#surroundings = surroundings;
    this.#origin = origin;
    this.#token = authorization;
    webSocket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    webSocket.on('close', () => this.#closed());
    // A frame that is too large or malformed ends its connection.
    webSocket.on('error', (error) => surroundings.log.debug({ error }, 'a WebSocket failed'));
  }

  #hear(data: RawData, isBinary: boolean): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    this.#unanswered = 0;
    const message = isBinary ? undefined : parseMessage((data as Buffer).toString());
    if (!message) return this.close(CLOSE.badRequest, 'Invalid message received');
    switch (message.type) {
      case 'connection_init':
        return this.#initialise(message.payload);
      case 'ping':
        return this.send(pong(message.payload));
      case 'subscribe':
        return this.#subscribe(message);
      case 'complete':
        return this.#operations?.get(message.id)?.end();
    }
  }

  #initialise(payload: Record<string, unknown> | null | undefined): void {
    if (this.#initialised) return this.close(CLOSE.tooManyInitialisations, 'Too many initialisation requests');
    this.#initialised = true;
    const authorization = authorizationOf(payload) ?? this.#token;
    this.#token = typeof authorization === 'string' && authorization !== '' ? this.#surroundings.tokens.take(authorization) : undefined;
    this.#surroundings.initialised(this);
    this.send(ACK);
  }

  #subscribe({ id, payload }: Extract<ClientMessage, { type: 'subscribe' }>): void {
    if (!this.#initialised) return this.close(CLOSE.unauthorized, 'Unauthorized');
    const operations = (this.#operations ??= new Map());
    if (operations.has(id)) return this.close(CLOSE.subscriberExists, `Subscriber for ${id} already exists`);
    if (operations.size >= MOST_OPERATIONS) return this.#refuse(id);
    const operation = new Operation(this, id);
    operations.set(id, operation);
    void operation.run(payload);
  }

  #refuse(id: string): void {
    const error = new ApiError('RATE_LIMITED', `A connection has at most ${MOST_OPERATIONS} operations at once; end some, and read what was sent.`);
    this.send(refusal(id, [this.mask(error, crypto.randomUUID())]));
  }

  /** Runs an operation of this client; throws what its client is to be refused with. */
  async execute(params: Params, requestId: string): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
    const asker = await (this.#token as Token | undefined)?.asker();
    return this.#surroundings.execute(params, { asker, requestId, origin: this.#origin });
  }

  mask(error: unknown, requestId: string): GraphQLError {
    return maskError(error, requestId, this.#surroundings.log);
  }

  /** What is sent in one turn goes out in one piece. */
  send(text: string): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    if (this.#drained && this.#wouldOverflow(text)) return this.close(CLOSE.slowReader, TOO_SLOW);
    if (!this.#corked) {
      this.#corked = true;
      this.#tcp.cork();
      process.nextTick(uncork, this);
    }
    this.#webSocket.send(text.length < LONG_TEXT ? text : toBytes(text), AS_TEXT);
    if (!this.#drained && this.#webSocket.bufferedAmount > MOST_WAITING) this.#fill();
  }

  #wouldOverflow(text: string): boolean {
    const more = Buffer.byteLength(text);
    if (this.#webSocket.bufferedAmount + more <= MOST_BUFFERED) return false;
    // What was sent in this turn has not been offered to anybody yet.
    this.uncork();
    return this.#webSocket.bufferedAmount + more > MOST_BUFFERED;
  }

  uncork(): void {
    this.#corked = false;
    this.#tcp.uncork();
  }

  /** Whoever does not read is not read either: a flood of questions waits where it comes from. */
  #fill(): void {
    const stuck = (): void => this.close(CLOSE.slowReader, TOO_SLOW);
    this.#drained = Promise.withResolvers();
    this.#webSocket.pause();
    this.#tcp.setTimeout(STUCK_SECONDS * this.#surroundings.second, stuck);
    this.#tcp.once('drain', () => {
      this.#tcp.setTimeout(0, stuck);
      this.#webSocket.resume();
      this.#goOn();
    });
  }

  #goOn(): void {
    this.#beatsFull = 0;
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** Whether nothing more may be sent just now; `room` says when again. */
  get isFull(): boolean {
    return this.#drained !== undefined;
  }

  async room(): Promise<void> {
    while (this.#drained) await this.#drained.promise;
  }

  forget(id: string): void {
    this.#operations?.delete(id);
    if (this.#operations?.size === 0) this.#operations = undefined;
  }

  /** Asks for a sign of life, and ends what gave none. */
  beat(): void {
    if (this.#drained) {
      this.#beatsFull += 1;
      if (this.#beatsFull > SLOW_BEATS) this.close(CLOSE.slowReader, TOO_SLOW);
      return;
    }
    if (this.#unanswered >= MOST_UNANSWERED) return this.terminate();
    this.#unanswered += 1;
    this.send(PING);
  }

  /** Ends the connection if it came with this token, which has ended; each operation is told why. */
  endWith(token: Token, error: ApiError): void {
    if (this.#token !== token) return;
    for (const operation of this.#operations?.values() ?? []) operation.break(this.mask(error, crypto.randomUUID()));
    if (error.extensions['code'] === 'FORBIDDEN') this.close(CLOSE.forbidden, 'Forbidden');
    else this.close(CLOSE.unauthorized, 'Unauthorized');
  }

  /** Whether an operation other than a subscription runs: it is to be let end. */
  get isBusy(): boolean {
    return this.#operations?.values().some((operation) => !operation.isStream) ?? false;
  }

  close(code: CloseCode, reason: string): void {
    this.#endOperations();
    // Its own close frame could not be read otherwise.
    this.#webSocket.resume();
    this.#webSocket.close(code, Buffer.byteLength(reason) <= 123 ? reason : reason.slice(0, 30));
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  #closed(): void {
    this.#endOperations();
    this.#goOn();
    if (this.#token instanceof Object) this.#surroundings.tokens.giveBack(this.#token);
    this.#token = undefined;
    this.#surroundings.closed(this);
  }

  #endOperations(): void {
    for (const operation of this.#operations?.values() ?? []) operation.end();
  }
}

/** In pages of their own, which go back to the system: among everything else on the heap they would leave holes that stay. */
function toBytes(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.from(new ArrayBuffer(length, { maxByteLength: length }));
  bytes.write(text);
  return bytes;
}

function uncork(socket: ClientSocket): void {
  socket.uncork();
}

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Log } from '../../src/log.js';
import type { Authenticator } from '../authenticate.js';
import { ClientSocket, type Surroundings } from './client-socket.js';
import { CLOSE, SUBPROTOCOL } from './protocol.js';
import { Tokens } from './tokens.js';

/** The largest frame from a client, in bytes. */
const LARGEST_FRAME = 64 * 1024;
/** How often each client is asked for a sign of life, in seconds. */
const HEARTBEAT_SECONDS = 10;
/** How long a client may take to say who it is, in seconds. */
const INITIALISATION_SECONDS = 3;
/** How long a client may take to answer our close, in seconds; what it has not read by then it does not read. */
const CLOSE_SECONDS = 5;
/** Of the time in which everything ends, what is left for the closes to be answered, in milliseconds. */
const GOODBYE_MILLISECONDS = 500;
/** How often it is looked which operations have ended meanwhile, in milliseconds. */
const LOOK_MILLISECONDS = 20;

/** All WebSockets of a gateway. One sweep a second looks after them; none of them has a timer of its own. */
export class Sockets {
  readonly #server: WebSocketServer;
  readonly #surroundings: Surroundings;
  readonly #tokens: Tokens;
  /** The sockets by the second of the heartbeat in which they are asked: not all at once. */
  readonly #slots = Array.from({ length: HEARTBEAT_SECONDS }, () => new Set<ClientSocket>());
  /** Those that have not said who they are, with the sweep in which they came. */
  readonly #strangers = new Map<ClientSocket, number>();
  readonly #sweeping: NodeJS.Timeout;
  #sweeps = 0;
  #opened = 0;
  #isStopping = false;

  /** `second`: how long a second is, in milliseconds; a trial need not wait. */
  constructor(execute: Surroundings['execute'], authenticator: Pick<Authenticator, 'authenticate'>, log: Log, second = 1000) {
    this.#server = new WebSocketServer({
      noServer: true, clientTracking: false, maxPayload: LARGEST_FRAME, closeTimeout: CLOSE_SECONDS * second,
      handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
    } as ConstructorParameters<typeof WebSocketServer>[0]);
    this.#tokens = new Tokens(authenticator);
    this.#surroundings = {
      tokens: this.#tokens,
      log,
      second,
      execute,
      initialised: (socket) => void this.#strangers.delete(socket),
      closed: (socket) => {
        this.#strangers.delete(socket);
        for (const slot of this.#slots) if (slot.delete(socket)) break;
      },
    };
    this.#sweeping = setInterval(() => this.#sweep(), second);
  }

  /** `origin`: where the client reaches the gateway. Nothing else of the request is kept. */
  open(incoming: IncomingMessage, tcp: Socket, head: Buffer, origin: string): void {
    const { authorization } = incoming.headers;
    this.#server.handleUpgrade(incoming, tcp, head, (webSocket) => {
      const socket = new ClientSocket(webSocket, tcp, origin, authorization, this.#surroundings);
      if (webSocket.protocol !== SUBPROTOCOL) return socket.close(CLOSE.wrongSubprotocol, 'Subprotocol not acceptable');
      if (this.#isStopping) return socket.close(CLOSE.goingAway, 'Going away');
      this.#slots[this.#opened % HEARTBEAT_SECONDS]!.add(socket);
      this.#opened += 1;
      this.#strangers.set(socket, this.#sweeps);
    });
  }

  #sweep(): void {
    this.#sweeps += 1;
    for (const socket of this.#slots[this.#sweeps % HEARTBEAT_SECONDS]!) socket.beat();
    for (const [socket, came] of this.#strangers) if (this.#sweeps - came > INITIALISATION_SECONDS) socket.close(CLOSE.initialisationTimeout, 'Connection initialisation timeout');
    this.#tokens.check((token) => {
      for (const slot of this.#slots) for (const socket of slot) socket.endWith(token, token.end!);
    });
  }

  /** Closes every connection, each once its operations other than subscriptions have ended, and all of them within `limit` milliseconds. */
  async stop(limit: number): Promise<void> {
    this.#isStopping = true;
    const deadline = Date.now() + limit;
    for (let left = limit; left > 0; left = deadline - Date.now()) {
      const open = this.#slots.flatMap((slot) => [...slot]);
      if (open.length === 0) break;
      for (const socket of open) if (left < GOODBYE_MILLISECONDS || !socket.isBusy) socket.close(CLOSE.goingAway, 'Going away');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
    for (const slot of this.#slots) for (const socket of slot) socket.terminate();
    clearInterval(this.#sweeping);
  }
}

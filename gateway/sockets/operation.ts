import type { ExecutionResult, GraphQLError } from 'graphql';
import { complete, next, refusal, type Params } from './protocol.js';
import type { ClientSocket } from './client-socket.js';

type Stream = AsyncIterator<ExecutionResult, unknown>;

/** One operation of a socket, from its subscribe to its complete. */
export class Operation {
  readonly #socket: ClientSocket;
  readonly #id: string;
  #stream: Stream | undefined;
  #isOver = false;

  constructor(socket: ClientSocket, id: string) {
    this.#socket = socket;
    this.#id = id;
  }

  /** Whether it is a subscription that runs: it has no end of its own. */
  get isStream(): boolean {
    return this.#stream !== undefined;
  }

  /** Runs it; its results go out as fast as the client reads them, and no faster. Never rejects. */
  async run(params: Params): Promise<void> {
    const requestId = crypto.randomUUID();
    try {
      if (this.#socket.isFull) await this.#socket.room();
      if (this.#isOver) return;
      const result = await this.#socket.execute(params, requestId);
      if (Symbol.asyncIterator in result) return await this.#tell(result[Symbol.asyncIterator]() as Stream);
      if (this.#socket.isFull) await this.#socket.room();
      if (this.#isOver) return;
      if (result.data == null && result.errors) return this.#refuse(result.errors);
      this.#socket.send(next(this.#id, result));
      this.#complete();
    } catch (error) {
      if (!this.#isOver) this.#refuse([this.#socket.mask(error, requestId)]);
    }
  }

  async #tell(stream: Stream): Promise<void> {
    this.#stream = stream;
    if (this.#isOver) return this.#letGo();
    for (let step = await stream.next(); !step.done && !this.#isOver; step = await stream.next()) {
      this.#socket.send(next(this.#id, step.value));
      if (this.#socket.isFull) await this.#socket.room();
    }
    if (!this.#isOver) this.#complete();
  }

  #refuse(errors: readonly GraphQLError[]): void {
    this.#socket.send(refusal(this.#id, errors));
    this.end();
  }

  #complete(): void {
    this.#socket.send(complete(this.#id));
    this.end();
  }

  /** Ends it with a last result that says why. */
  break(error: GraphQLError): void {
    if (this.#isOver) return;
    this.#socket.send(next(this.#id, { errors: [error] }));
    this.#complete();
  }

  /** Nothing more is told, whatever still comes. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#letGo();
    this.#socket.forget(this.#id);
  }

  #letGo(): void {
    // Not awaited: a source that waits for its next event would hold the client's goodbye.
    void this.#stream?.return?.()?.then(undefined, () => undefined);
  }
}

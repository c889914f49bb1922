import type { Client } from 'graphql-ws';
import type { Side } from './conversation.js';

export interface Told {
  readonly seq: number;
  readonly body: string;
}

/** Reads a conversation the way docs/CHAT.md says: by a cursor, coming back whenever its subscription ends before it is told to stop. */
export class Follower implements AsyncDisposable {
  /** All that it was told, in the order in which it was told. */
  readonly told: Told[] = [];
  /** How often it came back. */
  resumptions = 0;
  #client: Client | undefined;
  #stopped = false;
  readonly #running: Promise<void>;
  #look: () => void = () => undefined;

  constructor(readonly side: Side) {
    this.#running = this.#follow();
  }

  /** Resolves once it has been told the message with this number. */
  async upTo(seq: number, seconds = 30): Promise<void> {
    const late = Date.now() + 1000 * seconds;
    while (!this.told.some((message) => message.seq >= seq)) {
      if (Date.now() > late) throw new Error(`told ${JSON.stringify(this.told.map((message) => message.seq))}, not up to ${seq}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#look = () => (clearTimeout(timer), resolve());
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#client?.dispose();
    await this.#running;
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      this.#client = this.side.firm.socket();
      try {
        const results = this.#client.iterate<{ messageReceived: Told }>({
          query: 'subscription ($id: ID!, $after: Int!) { messageReceived(conversationId: $id, after: $after) { seq body } }',
          variables: { id: this.side.conversationId, after: this.told.at(-1)?.seq ?? 0 },
        });
        for await (const { data, errors } of results) {
          if (errors) throw errors;
          this.told.push(data!.messageReceived);
          this.#look();
        }
        // `complete`: closed for good.
        this.#stopped = true;
      } catch {
        this.resumptions += 1;
        await new Promise((resolve) => setTimeout(resolve, 50 + 100 * Math.random()));
      } finally {
        await this.#client.dispose();
      }
    }
  }
}

import { parse } from 'graphql';
import { ApiError } from '../src/errors.js';
import { MOST_ASKERS, type Asker } from '../src/server/asker.js';
import { askRoom, type Reach } from './ask-room.js';

/**
 * Questions are at least so far apart, in milliseconds. Who asks alone does not wait; when everybody comes back at once, or
 * ten thousand sockets are looked at again, some hundred tokens share a question, and other work has its turn in between.
 */
const APART = 10;

/** What identity knows a token by: a session's id, or the hash of an API key. */
export interface TokenName {
  readonly kind: 'session' | 'key';
  readonly name: string;
}

interface Waiting {
  readonly token: TokenName;
  readonly requestId: string;
  readonly resolve: (asker: Asker | undefined) => void;
  readonly reject: (error: ApiError) => void;
}

const ASKERS_OF = parse('query AskersOf($sessionIds: [ID!]!, $apiKeyHashes: [String!]!) { askersOf(sessionIds: $sessionIds, apiKeyHashes: $apiKeyHashes) { firmId userId byKey role scopes } }');

/** Asks identity who tokens stand for: what is asked in one turn of the loop is one question. */
export class Askers {
  readonly #identity: Reach;
  #waiting: Waiting[] = [];
  #askedAt = -Infinity;

  constructor(identity: Reach) {
    this.#identity = identity;
  }

  /** `undefined` for a token that stands for nobody; throws `UNAVAILABLE` when identity is out of reach. */
  of(token: TokenName, requestId: string): Promise<Asker | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ token, requestId, resolve, reject });
      if (this.#waiting.length === 1) this.#askSoon();
    });
  }

  #askSoon(): void {
    const pause = this.#askedAt + APART - performance.now();
    if (pause > 0) setTimeout(() => this.#ask(), pause);
    else setImmediate(() => this.#ask());
  }

  #ask(): void {
    const waiting = this.#waiting.slice(0, MOST_ASKERS);
    this.#waiting = this.#waiting.slice(MOST_ASKERS);
    this.#askedAt = performance.now();
    if (this.#waiting.length > 0) this.#askSoon();
    void this.#answer(waiting);
  }

  async #answer(waiting: readonly Waiting[]): Promise<void> {
    const sessions = waiting.filter(({ token }) => token.kind === 'session');
    const keys = waiting.filter(({ token }) => token.kind === 'key');
    const variables = { sessionIds: sessions.map(({ token }) => token.name), apiKeyHashes: keys.map(({ token }) => token.name) };
    // In the log of identity the question stands under the request that began it.
    const result = await askRoom('identity', this.#identity, ASKERS_OF, variables, { asker: undefined, requestId: waiting[0]!.requestId, origin: '' }).catch(() => undefined);
    const askers = result?.errors ? undefined : (result?.data?.['askersOf'] as readonly (Asker | null)[] | undefined);
    const inOrder = [...sessions, ...keys];
    // An answer of another length would give one the place of another.
    if (askers?.length !== inOrder.length) return inOrder.forEach(({ reject }) => reject(new ApiError('UNAVAILABLE', 'Who you are cannot be checked just now; try again.')));
    for (const [index, { resolve }] of inOrder.entries()) resolve(askers[index] ?? undefined);
  }
}

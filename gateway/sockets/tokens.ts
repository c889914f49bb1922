import { ApiError } from '../../src/errors.js';
import type { Asker } from '../../src/server/asker.js';
import type { Authenticator, Bearer } from '../authenticate.js';

/** A token that sockets came with: one for all of them, so that identity is asked about it once for all. */
export class Token {
  readonly #authenticator: Pick<Authenticator, 'authenticate'>;
  readonly authorization: string;
  #bearer: Promise<Bearer> | undefined;
  #end: ApiError | undefined;
  /** How many sockets came with it and are still there. */
  sockets = 0;

  constructor(authenticator: Pick<Authenticator, 'authenticate'>, authorization: string) {
    this.#authenticator = authenticator;
    this.authorization = authorization;
  }

  /** Why its sockets may not go on: UNAUTHENTICATED, or FORBIDDEN when it stands for another role or other scopes now. */
  get end(): ApiError | undefined {
    return this.#end;
  }

  /** Who asks. Throws once the token has ended, and UNAVAILABLE while identity is out of reach. */
  async asker(): Promise<Asker> {
    if (this.#end) throw this.#end;
    const bearer = await (this.#bearer ??= this.#authenticate());
    const isOver = bearer.expiresAt !== undefined && bearer.expiresAt <= Date.now();
    if (!isOver && (await bearer.isAlive())) return bearer.asker;
    if (!isOver) await this.#authenticate();
    throw (this.#end ??= isOver
      ? new ApiError('UNAUTHENTICATED', 'The token has expired or was revoked.')
      : new ApiError('FORBIDDEN', 'What this token may do has changed; connect again.'));
  }

  async #authenticate(): Promise<Bearer> {
    try {
      const bearer = await this.#authenticator.authenticate(this.authorization, crypto.randomUUID());
      if (!bearer) throw new ApiError('UNAUTHENTICATED', 'The token is wrong, expired or revoked.');
      return bearer;
    } catch (error) {
      this.#bearer = undefined;
      if (error instanceof ApiError && error.extensions['code'] === 'UNAUTHENTICATED') this.#end = error;
      throw error;
    }
  }
}

/** The tokens of all open sockets. */
export class Tokens {
  readonly #authenticator: Pick<Authenticator, 'authenticate'>;
  readonly #byAuthorization = new Map<string, Token>();

  constructor(authenticator: Pick<Authenticator, 'authenticate'>) {
    this.#authenticator = authenticator;
  }

  /** For one more socket; it gives it back when it closes. */
  take(authorization: string): Token {
    let token = this.#byAuthorization.get(authorization);
    // One that has ended stays so; who comes with it anew is looked at anew.
    if (!token || token.end) this.#byAuthorization.set(authorization, (token = new Token(this.#authenticator, authorization)));
    token.sockets += 1;
    return token;
  }

  giveBack(token: Token): void {
    token.sockets -= 1;
    if (token.sockets === 0 && this.#byAuthorization.get(token.authorization) === token) this.#byAuthorization.delete(token.authorization);
  }

  /** Looks at every token again; `ended` is told of those whose sockets may not go on. */
  check(ended: (token: Token) => void): void {
    for (const token of this.#byAuthorization.values()) {
      // Identity out of reach is no reason to end: the next check asks again.
      token.asker().catch(() => token.end && ended(token));
    }
  }
}

import { hash } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { ApiError } from '../src/errors.js';
import type { KeySet } from '../src/keys.js';
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER, API_KEY_PREFIX, type Asker } from '../src/server/asker.js';
import { isUuid } from '../src/values/opaque-id.js';
import type { Reach } from './ask-room.js';
import { Askers, type TokenName } from './askers.js';

/**
 * How long an answer of identity is believed, so how long a session or key that was revoked through another gateway may
 * still act; what is revoked through this one ends at once. With the interval at which a subscription looks again it stays below five seconds, which is what is promised.
 */
const BELIEVED_MILLISECONDS = 2500;
const MOST_REMEMBERED = 20_000;

/** `ended`: the token is expired or revoked. `changed`: it lives, and its role or its scopes are others now. */
export type Standing = 'alive' | 'ended' | 'changed';

/** What a bearer token is worth: who it stands for, and how to see whether it still does. One object serves all who bring the same token. */
export interface Bearer {
  readonly asker: Asker;
  /** When the token ends by itself, in milliseconds of the epoch; an API key has no end that the gateway knows. */
  readonly expiresAt: number | undefined;
  /** What became of the token. Throws `UNAVAILABLE` when identity is out of reach. */
  standing(): Promise<Standing>;
  /** Whether the token still stands for the same asker, with the same role. */
  isAlive(): Promise<boolean>;
}

interface Memory {
  readonly until: number;
  readonly asker: Promise<Asker | undefined>;
}

/** A token whose signature is good, or a key that was found. */
interface Token extends TokenName {
  readonly expiresAt: number | undefined;
  /** For all who bring it, as long as its role and scopes stay the same. */
  bearer?: Bearer;
}

/** Tells who a bearer token stands for. Signatures are checked here; whether a session still lives, identity says. */
export class Authenticator {
  readonly #keys: ReturnType<typeof createLocalJWKSet>;
  readonly #askers: Askers;
  readonly #memory = new Map<string, Memory>();
  /** By the token's hash: a signature that was good stays good, only its end is looked at again. */
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(sessionKeys: KeySet, identity: Reach) {
    this.#keys = createLocalJWKSet({ keys: [...sessionKeys.keys] });
    this.#askers = new Askers(identity);
  }

  /** `undefined` without a token; throws `UNAUTHENTICATED` for one that is wrong, expired or revoked. */
  async authenticate(authorization: string | null | undefined, requestId: string): Promise<Bearer | undefined> {
    if (!authorization) return undefined;
    const text = /^Bearer ([\w.-]{20,2000})$/i.exec(authorization)?.[1];
    if (!text) throw unauthenticated();
    const digest = hash('sha256', text);
    const token = await (this.#tokens.get(digest) ?? (text.startsWith(API_KEY_PREFIX) ? { kind: 'key', name: digest, expiresAt: undefined } as const : this.#verify(text, digest)));
    if (token.expiresAt !== undefined && token.expiresAt <= Date.now()) throw unauthenticated();
    const asker = await this.#askerOf(token, requestId);
    if (!asker) throw unauthenticated();
    return this.#bearerOf(token.kind === 'key' ? await this.#rememberKey(token) : token, asker);
  }

  /** Believes nothing any more: a session or a key may just have ended. */
  forget(): void {
    this.#memory.clear();
  }

  #verify(text: string, digest: string): Promise<Token> {
    // Ed25519 is most of the work, and jose has it done on another thread; `verify` of node:crypto would hold this one.
    const token = jwtVerify(text, this.#keys, {
      algorithms: ['EdDSA'], issuer: ACCESS_TOKEN_ISSUER, audience: ACCESS_TOKEN_AUDIENCE, typ: 'at+jwt', requiredClaims: ['exp', 'sid'],
    }).then(({ payload: { sid, exp } }): Token => {
      if (typeof sid !== 'string' || !isUuid(sid)) throw unauthenticated();
      return { kind: 'session', name: sid, expiresAt: exp! * 1000 };
    }).catch(() => {
      this.#tokens.delete(digest);
      throw unauthenticated();
    });
    remember(this.#tokens, digest, token);
    return token;
  }

  /** Only once identity knows it: whoever makes keys up must not push out those that are good. */
  #rememberKey(token: Token): Promise<Token> {
    const known = this.#tokens.get(token.name);
    if (known) return known;
    const found = Promise.resolve(token);
    remember(this.#tokens, token.name, found);
    return found;
  }

  #bearerOf(token: Token, asker: Asker): Bearer {
    const known = token.bearer;
    if (known && isSame(known.asker, asker)) return known;
    return (token.bearer = new TokenBearer(token, asker, (name) => this.#askerOf(name, crypto.randomUUID())));
  }

  #askerOf(token: TokenName, requestId: string): Promise<Asker | undefined> {
    const known = this.#memory.get(token.name);
    if (known && known.until > performance.now()) return known.asker;
    const memory = { until: performance.now() + BELIEVED_MILLISECONDS, asker: this.#askers.of(token, requestId) };
    this.#memory.delete(token.name);
    remember(this.#memory, token.name, memory);
    memory.asker.catch(() => this.#memory.get(token.name) === memory && this.#memory.delete(token.name));
    return memory.asker;
  }
}

class TokenBearer implements Bearer {
  readonly asker: Asker;
  readonly #token: Token;
  readonly #ask: (token: TokenName) => Promise<Asker | undefined>;

  constructor(token: Token, asker: Asker, ask: (token: TokenName) => Promise<Asker | undefined>) {
    this.#token = token;
    this.asker = asker;
    this.#ask = ask;
  }

  get expiresAt(): number | undefined {
    return this.#token.expiresAt;
  }

  async standing(): Promise<Standing> {
    if (this.expiresAt !== undefined && this.expiresAt <= Date.now()) return 'ended';
    const now = await this.#ask(this.#token);
    if (!now) return 'ended';
    return isSame(now, this.asker) ? 'alive' : 'changed';
  }

  async isAlive(): Promise<boolean> {
    return (await this.standing()) === 'alive';
  }
}

function isSame(one: Asker, other: Asker): boolean {
  return one === other || (one.role === other.role && one.scopes.join() === other.scopes.join());
}

/** Keeps the latest; what was kept first goes first. */
function remember<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.set(name, value);
  if (map.size > MOST_REMEMBERED) map.delete(map.keys().next().value!);
}

function unauthenticated(): ApiError {
  return new ApiError('UNAUTHENTICATED', 'The token is wrong, expired or revoked.');
}

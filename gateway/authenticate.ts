import { hash } from 'node:crypto';
import { parse } from 'graphql';
import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { ApiError } from '../src/errors.js';
import type { KeySet } from '../src/keys.js';
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER, API_KEY_PREFIX, type Asker } from '../src/server/asker.js';
import { askRoom, type Reach } from './ask-room.js';

/**
 * How long an answer of identity is believed, so how long a session or key that was revoked through another gateway may
 * still act; what is revoked through this one ends at once. With the interval at which a subscription looks again it stays below five seconds, which is what is promised.
 */
const BELIEVED_MILLISECONDS = 2500;
const MOST_REMEMBERED = 20_000;

/** What a bearer token is worth: who it stands for, and how to see whether it still does. */
export interface Bearer {
  readonly asker: Asker;
  /** When the token ends by itself, in milliseconds of the epoch; an API key has no end that the gateway knows. */
  readonly expiresAt: number | undefined;
  /** Whether the token still stands for the same asker, with the same role. */
  isAlive(): Promise<boolean>;
}

interface Memory {
  readonly until: number;
  readonly asker: Promise<Asker | undefined>;
}

const ASKER_OF = parse('query AskerOf($sessionId: ID, $apiKeyHash: String) { askerOf(sessionId: $sessionId, apiKeyHash: $apiKeyHash) { firmId userId byKey role scopes } }');

/** Tells who a bearer token stands for. Signatures are checked here; whether a session still lives, identity says. */
export class Authenticator {
  readonly #keys: ReturnType<typeof createLocalJWKSet>;
  readonly #identity: Reach;
  readonly #memory = new Map<string, Memory>();
  /** Claims of tokens whose signature was found good, by the token's hash. */
  readonly #verified = new Map<string, JWTPayload>();

  constructor(sessionKeys: KeySet, identity: Reach) {
    this.#keys = createLocalJWKSet({ keys: [...sessionKeys.keys] });
    this.#identity = identity;
  }

  /** `undefined` without a token; throws `UNAUTHENTICATED` for one that is wrong, expired or revoked. */
  async authenticate(authorization: string | null | undefined, requestId: string): Promise<Bearer | undefined> {
    if (!authorization) return undefined;
    const token = /^Bearer ([\w.-]{20,2000})$/i.exec(authorization)?.[1];
    if (!token) throw unauthenticated();
    const isApiKey = token.startsWith(API_KEY_PREFIX);
    const claims = isApiKey ? undefined : await this.#verify(token);
    const key = claims ? { sessionId: String(claims['sid']) } : { apiKeyHash: hash('sha256', token) };
    const asker = await this.#askerOf(key, requestId);
    if (!asker) throw unauthenticated();
    return {
      asker,
      expiresAt: claims?.exp === undefined ? undefined : claims.exp * 1000,
      isAlive: async () => {
        const now = await this.#askerOf(key, requestId);
        return now !== undefined && now.role === asker.role && now.scopes.join() === asker.scopes.join();
      },
    };
  }

  /** Believes nothing any more: a session or a key may just have ended. */
  forget(): void {
    this.#memory.clear();
  }

  /** A signature that was good stays good: only its end is looked at again. */
  async #verify(token: string): Promise<JWTPayload> {
    const name = hash('sha256', token, 'base64');
    const known = this.#verified.get(name);
    if (known && known.exp! * 1000 > Date.now()) return known;
    this.#verified.delete(name);
    const { payload } = await jwtVerify(token, this.#keys, {
      algorithms: ['EdDSA'], issuer: ACCESS_TOKEN_ISSUER, audience: ACCESS_TOKEN_AUDIENCE, typ: 'at+jwt', requiredClaims: ['exp', 'sid'],
    }).catch(() => {
      throw unauthenticated();
    });
    this.#verified.set(name, payload);
    if (this.#verified.size > MOST_REMEMBERED) this.#verified.delete(this.#verified.keys().next().value!);
    return payload;
  }

  async #askerOf(key: { sessionId: string } | { apiKeyHash: string }, requestId: string): Promise<Asker | undefined> {
    const name = Object.values(key)[0]!;
    const known = this.#memory.get(name);
    if (known && known.until > Date.now()) return known.asker;
    const asker = askRoom('identity', this.#identity, ASKER_OF, key, { asker: undefined, requestId, origin: '' })
      .catch(() => ({ errors: ['out of reach'], data: undefined }))
      .then(({ errors, data }) => {
        if (errors) throw new ApiError('UNAVAILABLE', 'Who you are cannot be checked just now; try again.');
        return (data?.['askerOf'] as Asker | null) ?? undefined;
      });
    this.#memory.delete(name);
    this.#memory.set(name, { until: Date.now() + BELIEVED_MILLISECONDS, asker });
    if (this.#memory.size > MOST_REMEMBERED) this.#memory.delete(this.#memory.keys().next().value!);
    asker.catch(() => this.#memory.delete(name));
    return asker;
  }
}

function unauthenticated(): ApiError {
  return new ApiError('UNAUTHENTICATED', 'The token is wrong, expired or revoked.');
}

import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { ApiError, invariant } from '../errors.js';
import type { KeySet } from '../keys.js';
import type { RoomName } from '../rooms.js';
import type { Role, Scope } from './asker.js';
import type { Asking } from './request.js';

/** The header by which the gateway tells a subgraph of another process who asks. No other header is believed. */
export const ASSERTION_HEADER = 'x-ardoise-assertion';

const ISSUER = 'ardoise-gateway';
const LIFE_SECONDS = 30;
/** How far two machines' clocks may differ. */
const LEEWAY_SECONDS = 15;

interface AssertionClaims extends JWTPayload {
  readonly requestId: string;
  readonly origin: string;
  readonly firmId?: string;
  readonly userId?: string;
  readonly byKey?: boolean;
  readonly role?: Role;
  readonly scopes?: readonly Scope[];
}

/** Signs short-lived assertions, each for one subgraph and one request. */
export class AssertionSigner {
  readonly #key: CryptoKey | Uint8Array;
  readonly #kid: string;

  private constructor(key: CryptoKey | Uint8Array, kid: string) {
    this.#key = key;
    this.#kid = kid;
  }

  static async from(keys: KeySet): Promise<AssertionSigner> {
    const first = keys.keys[0];
    invariant(first, 'a key set has a key');
    return new AssertionSigner(await importJWK(first, 'EdDSA'), first.kid);
  }

  async sign(room: RoomName, { asker, requestId, origin }: Asking): Promise<string> {
    return new SignJWT({ requestId, origin, ...(asker && { firmId: asker.firmId, userId: asker.userId, byKey: asker.byKey, role: asker.role, scopes: asker.scopes }) })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.#kid })
      .setIssuer(ISSUER)
      .setAudience(room)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(`${LIFE_SECONDS}s`)
      .sign(this.#key);
  }
}

/** Believes an assertion once: signed by the gateway, for this room, not expired, not seen before. */
export class AssertionVerifier {
  readonly #room: RoomName;
  readonly #keys: ReturnType<typeof createLocalJWKSet>;
  /** Ids seen, by the second in which they may be forgotten. */
  readonly #seen = new Map<string, number>();

  constructor(room: RoomName, keys: KeySet) {
    this.#room = room;
    this.#keys = createLocalJWKSet({ keys: [...keys.keys] });
  }

  async verify(token: string | undefined): Promise<Asking> {
    const refused = new ApiError('UNAUTHENTICATED', 'Only the gateway may ask a subgraph.');
    if (!token) throw refused;
    const verified = await jwtVerify<AssertionClaims>(token, this.#keys, {
      algorithms: ['EdDSA'], issuer: ISSUER, audience: this.#room, clockTolerance: LEEWAY_SECONDS,
      maxTokenAge: LIFE_SECONDS + LEEWAY_SECONDS, requiredClaims: ['jti', 'exp', 'iat', 'requestId'],
    }).catch(() => {
      throw refused;
    });
    const claims = verified.payload;
    if (!this.#isNew(String(claims.jti), claims.exp ?? 0)) throw refused;
    const asker = claims.firmId && claims.role
      ? { firmId: claims.firmId, userId: claims.userId, byKey: claims.byKey, role: claims.role, scopes: claims.scopes ?? [] }
      : undefined;
    return { asker, requestId: claims.requestId, origin: claims.origin };
  }

  #isNew(id: string, expiresAtSecond: number): boolean {
    const now = Date.now() / 1000;
    // Insertion order is nearly expiry order: forgetting from the front keeps the map as long as one life of tokens.
    for (const [old, forgetAt] of this.#seen) {
      if (forgetAt > now) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(id)) return false;
    this.#seen.set(id, expiresAtSecond + LEEWAY_SECONDS);
    return true;
  }
}

import { importJWK, SignJWT } from 'jose';
import { invariant } from '../../../src/errors.js';
import type { KeySet } from '../../../src/keys.js';
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER } from '../../../src/server/asker.js';

/** How long an access token is good for, in seconds. What it lets do ends sooner when its session is revoked. */
export const ACCESS_TOKEN_SECONDS = 15 * 60;

/** Signs an access token for a session. It names the session only: role and firm are looked up, so they are never stale. */
export async function signAccessToken(keys: KeySet, sessionId: string, issuedAt: Temporal.Instant): Promise<string> {
  const key = keys.keys[0];
  invariant(key, 'a key set has a key');
  const second = Math.floor(issuedAt.epochMilliseconds / 1000);
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'at+jwt' })
    .setIssuer(ACCESS_TOKEN_ISSUER)
    .setAudience(ACCESS_TOKEN_AUDIENCE)
    .setIssuedAt(second)
    .setExpirationTime(second + ACCESS_TOKEN_SECONDS)
    .sign(await importJWK(key, 'EdDSA'));
}

import { createHash, createHmac, randomBytes } from 'node:crypto';

/** A secret of 256 bits for a client to keep. */
export function makeToken(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** The secret that follows another: only who holds `key` can tell it, and always the same for the same one. */
export function followingToken(prefix: string, token: string, key: string): string {
  return prefix + createHmac('sha256', key).update(`the token after ${token}`).digest('base64url');
}

/** What is stored of a secret of full entropy: a fast hash is enough, there is nothing to guess. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

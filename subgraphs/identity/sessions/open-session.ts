import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Room } from '../../../src/server/room.js';
import { ACCESS_TOKEN_SECONDS, signAccessToken } from './sign-access-token.js';
import { hashToken, makeToken } from './make-token.js';
import { SessionTable, type SessionRow } from './session.table.js';

/** How long a session lives without being used, in days. */
const REFRESH_TOKEN_DAYS = 30;

/** The tokens of a session as its client keeps them. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Temporal.Instant;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: Temporal.Instant;
}

/** Starts a session for a person, in the caller's transaction. */
export async function openSession(room: Room, em: EntityManager, person: { id: string; firmId: string }): Promise<SessionTokens> {
  const family = makeToken('r_');
  const refreshToken = makeToken(`${family}.`);
  const session = em.create(SessionTable, {
    id: randomUUID(), firmId: person.firmId, personId: person.id, familyHash: hashToken(family), refreshHash: hashToken(refreshToken), expiresAt: inDays(REFRESH_TOKEN_DAYS),
  });
  await em.flush();
  return sessionTokens(room, session, refreshToken);
}

/** What all refresh tokens of one session begin with. */
export function familyOf(refreshToken: string): string {
  return refreshToken.split('.', 1)[0]!;
}

/** Gives a session its next refresh token, in the caller's transaction; the one before is spent. */
export async function turnSession(room: Room, em: EntityManager, session: SessionRow, next: string): Promise<SessionTokens> {
  em.assign(session, {
    spentRefreshHash: session.refreshHash, spentAt: new Date(), refreshHash: hashToken(next), expiresAt: inDays(REFRESH_TOKEN_DAYS),
  });
  await em.flush();
  return sessionTokens(room, session, next);
}

/** The tokens that a session has now, for its present refresh token. */
export async function sessionTokens(room: Room, session: SessionRow, refreshToken: string): Promise<SessionTokens> {
  // Sessions keep real time, whatever a sandbox does to the business clock.
  const now = Temporal.Now.instant();
  return {
    accessToken: await signAccessToken(room.keys.sessionKeys, session.id, now),
    accessTokenExpiresAt: now.add({ seconds: ACCESS_TOKEN_SECONDS }),
    refreshToken,
    refreshTokenExpiresAt: Temporal.Instant.fromEpochMilliseconds(session.expiresAt.getTime()),
  };
}

function inDays(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}

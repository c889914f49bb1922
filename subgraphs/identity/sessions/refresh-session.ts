import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { invariant, Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { followingToken, hashToken } from './make-token.js';
import { familyOf, sessionTokens, turnSession, type SessionTokens } from './open-session.js';
import { SessionTable, type SessionRow } from './session.table.js';

/** A token spent this lately is met again because its answer was lost, not because it was stolen. */
const GRACE_MILLISECONDS = 10_000;

/**
 * Trades a refresh token for new tokens. It works once. Met again within ten seconds, also many times at once, it gives the
 * refresh token that it gave before: one effect, one answer. Any earlier token of the session met otherwise has been
 * copied, and the whole session ends, whoever holds its present token.
 */
export async function refreshSession(room: Room, refreshToken: string): Promise<SessionTokens> {
  const hash = hashToken(refreshToken);
  const followers = followersOf(room, refreshToken);
  const tokens = await withSession(room, refreshToken, async (session, em) => {
    if (session.revokedAt || session.expiresAt.getTime() <= Date.now()) return undefined;
    if (hash === session.refreshHash) return turnSession(room, em, session, followers[0]!);
    const isJustSpent = hash === session.spentRefreshHash && Date.now() - (session.spentAt?.getTime() ?? 0) <= GRACE_MILLISECONDS;
    const given = followers.find((token) => hashToken(token) === session.refreshHash);
    if (isJustSpent && given !== undefined) return sessionTokens(room, session, given);
    session.revokedAt = new Date();
    return undefined;
  });
  if (!tokens) throw new Refusal('EXPIRED', 'This refresh token is not valid any more; sign in again.', ['input', 'refreshToken']);
  return tokens;
}

/** What a refresh token is traded for: under the key that signs today first, then under those that signed before it. */
function followersOf(room: Room, refreshToken: string): string[] {
  return room.keys.sessionKeys.keys.map(({ d }) => {
    invariant(d, 'identity holds the private keys');
    return followingToken(`${familyOf(refreshToken)}.`, refreshToken, d);
  });
}

/** Ends a session. Again, or with a token of nobody, it changes nothing. */
export async function revokeSession(room: Room, refreshToken: string): Promise<void> {
  await withSession(room, refreshToken, async (session) => {
    session.revokedAt ??= new Date();
  });
}

async function withSession<T>(room: Room, refreshToken: string, work: (session: SessionRow, em: EntityManager) => Promise<T>): Promise<T | undefined> {
  return room.db.asSystem().transaction(async (em) => {
    const session = await em.findOne(SessionTable, { familyHash: hashToken(familyOf(refreshToken)) }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!session) return undefined;
    const result = await work(session, em);
    await em.flush();
    return result;
  });
}

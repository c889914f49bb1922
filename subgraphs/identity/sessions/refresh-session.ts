import { LockMode } from '@mikro-orm/postgresql';
import { Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { familyOf, turnSession, type SessionTokens } from './open-session.js';
import { hashToken } from './make-token.js';
import { SessionTable, type SessionRow } from './session.table.js';

/** A token spent this lately is met again because its answer was lost, not because it was stolen. */
const GRACE_MILLISECONDS = 10_000;

/**
 * Trades a refresh token for new tokens. It works once: any earlier token of the session, met later than ten seconds after
 * it was spent, has been copied, and the whole session ends, whoever holds its present token.
 */
export async function refreshSession(room: Room, refreshToken: string): Promise<SessionTokens> {
  const hash = hashToken(refreshToken);
  const tokens = await withSession(room, refreshToken, async (session, turn) => {
    if (session.revokedAt || session.expiresAt.getTime() <= Date.now()) return undefined;
    const isJustSpent = hash === session.spentRefreshHash && Date.now() - (session.spentAt?.getTime() ?? 0) <= GRACE_MILLISECONDS;
    if (hash === session.refreshHash || isJustSpent) return turn();
    session.revokedAt = new Date();
    return undefined;
  });
  if (!tokens) throw new Refusal('EXPIRED', 'This refresh token is not valid any more; sign in again.', ['input', 'refreshToken']);
  return tokens;
}

/** Ends a session. Again, or with a token of nobody, it changes nothing. */
export async function revokeSession(room: Room, refreshToken: string): Promise<void> {
  await withSession(room, refreshToken, async (session) => {
    session.revokedAt ??= new Date();
  });
}

async function withSession<T>(room: Room, refreshToken: string, work: (session: SessionRow, turn: () => Promise<SessionTokens>) => Promise<T>): Promise<T | undefined> {
  const family = familyOf(refreshToken);
  return room.db.asSystem().transaction(async (em) => {
    const session = await em.findOne(SessionTable, { familyHash: hashToken(family) }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!session) return undefined;
    const result = await work(session, () => turnSession(room, em, session, family));
    await em.flush();
    return result;
  });
}

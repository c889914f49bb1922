import { randomUUID } from 'node:crypto';
import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { Refusal } from '../../../src/errors.js';
import { SCOPES_BY_ROLE, type Asker, type Role } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { openSession, type SessionTokens } from '../sessions/open-session.js';
import { demandPassword, hashPassword } from '../sessions/hash-password.js';
import { hashToken, makeToken } from '../sessions/make-token.js';
import { InvitationTable } from './invitation.table.js';
import { demandEmail, demandName } from './person.js';
import { PersonTable } from './person.table.js';

/** How long an invitation may be accepted, in days. */
const INVITATION_DAYS = 7;

/**
 * Offers somebody a role in the asker's firm. Returns the token to hand over; it is shown once. Nobody gives what they do
 * not have: a key of few scopes that could invite an owner would have them all.
 */
export async function inviteMember(room: Room, asker: Asker, email: string, role: Role): Promise<string> {
  const address = demandEmail(email, ['input', 'email']);
  const beyond = SCOPES_BY_ROLE[role].find((scope) => !asker.scopes.includes(scope));
  if (beyond) throw new Refusal('NOT_ALLOWED', `This role has the scope ${beyond}, which you do not have yourself.`, ['input', 'role']);
  const token = makeToken('i_');
  await room.db.forFirm(asker.firmId).transaction(async (em) => {
    em.create(InvitationTable, {
      id: randomUUID(), firmId: asker.firmId, email: address, role, tokenHash: hashToken(token), expiresAt: new Date(Date.now() + INVITATION_DAYS * 86_400_000),
    });
    await em.flush();
  });
  return token;
}

/** Makes the invited person a member and signs them in. An invitation works once. */
export async function acceptInvitation(room: Room, input: { invitationToken: string; userName: string; password: string }): Promise<SessionTokens> {
  const path = ['input', 'invitationToken'];
  const name = demandName(input.userName, ['input', 'userName']);
  demandPassword(input.password, ['input', 'password']);
  const found = await room.db.asSystem().transaction((em) => em.findOne(InvitationTable, { tokenHash: hashToken(input.invitationToken) }));
  if (!found) throw new Refusal('NOT_FOUND', 'There is no such invitation.', path);
  const passwordHash = await hashPassword(input.password);
  return room.db
    .forFirm(found.firmId)
    .transaction(async (em) => {
      const invitation = await em.findOneOrFail(InvitationTable, { id: found.id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (invitation.acceptedAt || invitation.expiresAt.getTime() <= Date.now()) throw new Refusal('EXPIRED', 'This invitation was used or has expired.', path);
      invitation.acceptedAt = new Date();
      const person = em.create(PersonTable, { id: randomUUID(), firmId: found.firmId, name, email: found.email, passwordHash, role: found.role });
      await em.flush();
      return openSession(room, em, person);
    })
    .catch((error: unknown) => {
      if (error instanceof UniqueConstraintViolationException) throw new Refusal('TAKEN', 'This address already has an account.', path);
      throw error;
    });
}

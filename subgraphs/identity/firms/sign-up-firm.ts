import { randomUUID } from 'node:crypto';
import { UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { Refusal } from '../../../src/errors.js';
import { record } from '../../../src/events/record.js';
import type { Room } from '../../../src/server/room.js';
import type { Registration } from '../../../src/values/registration.js';
import { demandEmail, demandName } from '../members/person.js';
import { PersonTable } from '../members/person.table.js';
import { openSession, type SessionTokens } from '../sessions/open-session.js';
import { demandPassword, hashPassword } from '../sessions/hash-password.js';
import { FirmTable } from './firm.table.js';

export interface SignUp {
  readonly firmName: string;
  readonly country: string;
  readonly registration: Registration;
  readonly userName: string;
  readonly email: string;
  readonly password: string;
}

/** Makes a firm and its first owner, and signs the owner in. An address that is already known is refused. */
export async function signUpFirm(room: Room, input: SignUp): Promise<SessionTokens> {
  const name = demandName(input.firmName, ['input', 'firmName']);
  const userName = demandName(input.userName, ['input', 'userName']);
  const email = demandEmail(input.email, ['input', 'email']);
  demandPassword(input.password, ['input', 'password']);
  const passwordHash = await hashPassword(input.password);
  const firmId = randomUUID();
  return room.db
    .forFirm(firmId)
    .transaction(async (em) => {
      em.create(FirmTable, {
        id: firmId, name, country: input.country, registrationScheme: input.registration.scheme, registrationValue: input.registration.value,
      });
      await em.flush();
      await record(em, firmId, 'firm.registered', { scheme: input.registration.scheme, value: input.registration.value });
      const person = em.create(PersonTable, { id: randomUUID(), firmId, name: userName, email, passwordHash, role: 'OWNER' });
      await em.flush();
      return openSession(room, em, person);
    })
    .catch((error: unknown) => {
      if (error instanceof UniqueConstraintViolationException) throw new Refusal('TAKEN', 'This address already has an account.', ['input', 'email']);
      throw error;
    });
}

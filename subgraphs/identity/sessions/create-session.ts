import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { ApiError, Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { isEmail } from '../members/person.js';
import { PersonTable } from '../members/person.table.js';
import { openSession, type SessionTokens } from './open-session.js';
import { verifyPassword } from './hash-password.js';

/** Failures that cost nothing; each one after doubles the wait, up to a quarter of an hour. */
const FREE_FAILURES = 5;

/**
 * Signs a person in by e-mail address and password. An unknown address, a wrong password and the time they take look the
 * same; after five failures an address waits, whether it exists or not.
 */
export async function createSession(room: Room, email: string, password: string): Promise<SessionTokens> {
  const address = email.trim().toLowerCase();
  const emailHash = createHash('sha256').update(address).digest('hex');
  return inTurn(emailHash, () => signIn(room, address, emailHash, password));
}

const turns = new Map<string, Promise<unknown>>();

/** One sign-in at a time for an address: each sees the failures of those before it, so a burst of guesses is no way around the wait. */
async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(key) ?? Promise.resolve()).then(work, work);
  turns.set(key, mine);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === mine) turns.delete(key);
  }
}

async function signIn(room: Room, address: string, emailHash: string, password: string): Promise<SessionTokens> {
  const system = room.db.asSystem();
  const { person, blocked } = await system.transaction(async (em) => {
    const { rows } = await sql`select from identity.sign_in_failure where email_hash = ${emailHash} and blocked_until > clock_timestamp()`.execute(em.getKysely<unknown>());
    return { person: isEmail(address) ? await em.findOne(PersonTable, { email: address }) : null, blocked: rows.length > 0 };
  });
  if (blocked) throw new ApiError('RATE_LIMITED', 'Too many failed sign-ins for this address; try again later.');
  if (!(await verifyPassword(person?.passwordHash, password)) || !person) {
    await system.transaction(async (em) => {
      await sql`
        insert into identity.sign_in_failure as f (email_hash, failures, blocked_until) values (${emailHash}, 1, clock_timestamp())
        on conflict (email_hash) do update set failures = f.failures + 1,
          blocked_until = clock_timestamp() + case when f.failures + 1 < ${FREE_FAILURES} then interval '0'
            else least(power(2, f.failures + 1 - ${FREE_FAILURES}) * interval '1 second', interval '15 minutes') end
      `.execute(em.getKysely<unknown>());
    });
    throw new Refusal('INVALID', 'The address or the password is wrong.', ['input', 'password']);
  }
  await system.transaction(async (em) => {
    await sql`delete from identity.sign_in_failure where email_hash = ${emailHash}`.execute(em.getKysely<unknown>());
  });
  return room.db.forFirm(person.firmId).transaction((em) => openSession(room, em, person));
}

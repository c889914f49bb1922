import { createHmac } from 'node:crypto';
import { legalUnit, type Registration } from '../../../src/values/registration.js';

/**
 * The pseudonym of a customer (DISCLOSURE.md, "Matching key"): two firms that have the same customer get the same one,
 * whichever of its registrations they hold, and nobody without the key can tell whose it is. Until the matching key is
 * exchanged it is also what community is told; afterwards it stays within portfolios.
 */
export function blindKey(matchingKey: Buffer, registration: Registration): string {
  return createHmac('sha256', matchingKey).update(legalUnit(registration)).digest('hex');
}

/** A matching key in use: version 0 is the secret itself, each later one is derived from it with a salt of its own. */
export interface MatchingKey {
  readonly version: number;
  readonly salt: Buffer | null;
}

/** The key under which community is told of a pseudonym; with version 0 the pseudonym itself. */
export function toldKey(matchingKey: Buffer, { version, salt }: MatchingKey): (pseudonym: string) => string {
  if (version === 0 || salt === null) return (pseudonym) => pseudonym;
  const key = createHmac('sha256', matchingKey).update('matching key ').update(salt).digest();
  return (pseudonym) => createHmac('sha256', key).update(Buffer.from(pseudonym, 'hex')).digest('hex');
}

/** The mark of a bank account: the same for whoever has it, and it says nothing of its number. */
export function accountMark(matchingKey: Buffer, account: string): string {
  const key = createHmac('sha256', matchingKey).update('bank account').digest();
  return createHmac('sha256', key).update(account).digest('hex');
}

import { createHmac } from 'node:crypto';
import { legalUnit, type Registration } from '../../../src/values/registration.js';

/**
 * The pseudonym under which community knows a customer (DISCLOSURE.md, "Matching key"): two firms that have the same
 * customer get the same one, whichever of its registrations they hold, and nobody without the key can tell whose it is.
 */
export function blindKey(matchingKey: Buffer, registration: Registration): string {
  return createHmac('sha256', matchingKey).update(legalUnit(registration)).digest('hex');
}

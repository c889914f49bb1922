import { Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';

/** The person behind a session or an API key: of a key, who made it. Two people can only be told apart where each is known. */
export function demandPerson({ userId }: Asker): string {
  if (!userId) throw new Refusal('NOT_ALLOWED', 'Nobody is known who answers for this.', []);
  return userId;
}

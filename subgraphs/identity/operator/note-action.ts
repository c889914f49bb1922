import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';

/** Who acts for the network, and why. */
export interface OperatorWord {
  readonly by: string;
  readonly why: string;
}

export type OperatorAction = 'VERIFIED' | 'UNVERIFIED' | 'LINKED' | 'UNLINKED';

/** Refuses an action that says not who and why: nobody could look it up later. */
export function demandWord({ by, why }: OperatorWord): OperatorWord {
  const word = { by: by.trim(), why: why.trim() };
  if (word.by === '' || word.by.length > 200) throw new Refusal('REQUIRED', 'Say who you are, in at most 200 characters.', ['by']);
  if (word.why === '' || word.why.length > 2000) throw new Refusal('REQUIRED', 'Say why, in at most 2,000 characters.', ['why']);
  return word;
}

/** Writes down what an operator does, in the transaction that does it. */
export async function noteAction(em: EntityManager, { by, why }: OperatorWord, action: OperatorAction, firmId: string, otherFirmId: string | null = null): Promise<void> {
  await sql`
    insert into identity.operator_action (operator, action, firm_id, other_firm_id, why) values (${by}, ${action}, ${firmId}, ${otherFirmId}, ${why})
  `.execute(em.getKysely<unknown>());
}

import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { markRescoreDue } from '../score/mark-rescore-due.js';
import { concerns } from './read-context-shifts.js';

/** Marks the customers whom an event concerns to be scored again, in the caller's transaction. Who was never scored is not kept anywhere yet. */
export async function markConcerned(em: EntityManager, eventId: string): Promise<void> {
  await markRescoreDue(em, sql`
    select s.customer_id from scoring.standing s left join scoring.customer_fact f on f.firm_id = s.firm_id and f.customer_id = s.customer_id
    join scoring.context_event e on e.id = ${eventId} where ${concerns}
  `);
}

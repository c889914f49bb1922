import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterCommit } from '../database/room-database.js';
import { CATALOGUE, type EventData, type EventName } from './catalogue.js';

/**
 * Records an event in the caller's transaction: it is told if and only if that transaction commits. One row is written
 * for each reader that the catalogue names.
 */
export async function record<Name extends EventName>(em: EntityManager, firmId: string | null, name: Name, data: EventData<Name>): Promise<void> {
  const { version, from, to, data: schema } = CATALOGUE[name];
  const checked = JSON.stringify(schema.parse(data));
  const eventId = randomUUID();
  await sql`
    insert into events.delivery (event_id, name, version, producer, consumer, firm_id, data)
    select ${eventId}, ${name}, ${version}, ${from}, consumer, ${firmId}, ${checked}::jsonb
    from unnest(${[...to]}::text[]) as consumer
  `.execute(em.getKysely<unknown>());
  afterCommit(em, (hints) => hints.publish('events'));
}

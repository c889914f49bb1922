import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
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

/**
 * The same for many events at once: `told` selects their `data`, one jsonb a row. What SQL makes is not held to the
 * catalogue here, but by whoever hears it.
 */
export async function recordEach(em: EntityManager, firmId: string, name: EventName, told: RawBuilder<unknown>): Promise<void> {
  const { version, from, to } = CATALOGUE[name];
  await sql`
    insert into events.delivery (event_id, name, version, producer, consumer, firm_id, data)
    select told.event_id, ${name}, ${version}, ${from}, consumer, ${firmId}, told.data
    from (select gen_random_uuid() as event_id, made.data from (${told}) made offset 0) told cross join unnest(${[...to]}::text[]) as consumer
  `.execute(em.getKysely<unknown>());
  afterCommit(em, (hints) => hints.publish('events'));
}

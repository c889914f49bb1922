import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import { invariant } from '../../../src/errors.js';
import { bodyOf, LARGEST_BODY, type WebhookType } from './webhook-event.js';

/** The hint that something is to be sent. */
export const WEBHOOKS_DUE = 'webhooks';

/** Something to tell a firm's own programs. */
export interface WebhookEvent {
  readonly type: WebhookType;
  /** Plain JSON; amounts as decimals in texts, days as yyyy-MM-dd. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Queues events for each enabled endpoint of the caller's firm that asked for their type, in its transaction: each is sent if and
 * only if that commits, at least once to each endpoint.
 */
export async function queueWebhooks(em: EntityManager, events: readonly WebhookEvent[]): Promise<void> {
  if (events.length === 0) return;
  const at = Temporal.Now.instant();
  const told = events.map(({ type, data }) => ({ type, body: bodyOf(type, at, data) }));
  invariant(told.every(({ body }) => Buffer.byteLength(body) <= LARGEST_BODY), `a webhook has at most ${LARGEST_BODY} bytes`);
  // Endpoints are held, so that none is deleted between being found and being referred to.
  const { numAffectedRows } = await sql`
    with subscribed as (
      select id, events from scoring.webhook_endpoint where disabled_at is null for key share
    ), event as materialized (
      select uuidv7() as id, e.type, e.body from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as e (type text, body text)
      where exists (select from subscribed s where e.type = any(s.events))
    ), message as (
      insert into scoring.webhook_message (id, type, body) select id, type, body from event
    )
    insert into scoring.webhook_delivery (endpoint_id, message_id)
    select s.id, e.id from event e join subscribed s on e.type = any(s.events)
  `.execute(em.getKysely<unknown>());
  if ((numAffectedRows ?? 0n) > 0n) afterCommit(em, (hints) => hints.publish(WEBHOOKS_DUE));
}

import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { afterCommit, type FirmDatabase } from '../../../src/database/room-database.js';
import { notFound, Refusal } from '../../../src/errors.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { WEBHOOKS_DUE } from './queue-webhooks.js';
import { readDelivery, type DeliveryRecord } from './read-webhooks.js';
import { bodyOf, TEST_TYPE } from './webhook-event.js';

/** Tests that may be sent to one endpoint in a minute: nobody is to be flooded in our name. */
const TESTS_A_MINUTE = 5;

/** What is to be sent again: one delivery, whether it arrived or not; or all that did not arrive at an endpoint since an instant. */
export interface Replay {
  readonly deliveryId?: string | undefined;
  readonly endpointId?: string | undefined;
  readonly since?: Temporal.Instant | undefined;
}

/**
 * Has deliveries sent again at once, with the `webhook-id` that they had and all attempts before them. What is being sent
 * this very moment is left alone. Returns how many are due by this.
 */
export async function replayDeliveries(firm: FirmDatabase, { deliveryId, endpointId, since }: Replay): Promise<number> {
  if (deliveryId !== undefined && endpointId === undefined && since === undefined) return replayOne(firm, deliveryId);
  if (deliveryId === undefined && endpointId !== undefined && since !== undefined) return replaySince(firm, endpointId, since);
  throw new Refusal('INVALID', 'Name a delivery, or an endpoint and an instant, and not both.', ['input']);
}

async function replayOne(firm: FirmDatabase, id: string): Promise<number> {
  const path = ['input', 'deliveryId'];
  if (!isUuid(id)) throw notFound(path);
  return firm.transaction(async (em) => {
    const { rows: [delivery] } = await sql<{ isOn: boolean }>`
      select e.disabled_at is null as "isOn" from scoring.webhook_delivery d join scoring.webhook_endpoint e on e.firm_id = d.firm_id and e.id = d.endpoint_id where d.id = ${id}
    `.execute(em.getKysely<unknown>());
    if (!delivery) throw notFound(path);
    demandOn(delivery.isOn, path);
    return makeDue(em, sql`id = ${id}`);
  });
}

async function replaySince(firm: FirmDatabase, endpointId: string, since: Temporal.Instant): Promise<number> {
  const path = ['input', 'endpointId'];
  if (!isUuid(endpointId)) throw notFound(path);
  return firm.transaction(async (em) => {
    demandOn(await isEndpointOn(em, endpointId, path), path);
    return makeDue(em, sql`
      endpoint_id = ${endpointId} and delivered_at is null
      and message_id in (select id from scoring.webhook_message where created_at >= ${since.toString()}::timestamptz)
    `);
  });
}

async function makeDue(em: EntityManager, which: RawBuilder<unknown>): Promise<number> {
  const { numAffectedRows } = await sql`
    update scoring.webhook_delivery set due_at = clock_timestamp(), attempts = 0, delivered_at = null, given_up_at = null where ${which} and claim is null
  `.execute(em.getKysely<unknown>());
  if ((numAffectedRows ?? 0n) > 0n) afterCommit(em, (hints) => hints.publish(WEBHOOKS_DUE));
  return Number(numAffectedRows ?? 0n);
}

/** Queues an event that says nothing for one endpoint of the firm, whatever it is subscribed to. */
export async function queueTest(firm: FirmDatabase, endpointId: string): Promise<DeliveryRecord> {
  const path = ['input', 'id'];
  if (!isUuid(endpointId)) throw notFound(path);
  return firm.transaction(async (em) => {
    const db = em.getKysely<unknown>();
    demandOn(await isEndpointOn(em, endpointId, path), path);
    const { rows: [sent] } = await sql<{ count: number }>`
      select count(*)::int as count from scoring.webhook_delivery d join scoring.webhook_message m on m.firm_id = d.firm_id and m.id = d.message_id
      where d.endpoint_id = ${endpointId} and m.type = ${TEST_TYPE} and m.created_at > clock_timestamp() - interval '1 minute'
    `.execute(db);
    if (sent!.count >= TESTS_A_MINUTE) throw new Refusal('LIMIT_REACHED', `An endpoint can be tested ${TESTS_A_MINUTE} times a minute.`, path);
    const { rows: [queued] } = await sql<{ id: string }>`
      with message as (insert into scoring.webhook_message (type, body) values (${TEST_TYPE}, ${bodyOf(TEST_TYPE, Temporal.Now.instant(), { endpointId })}) returning id)
      insert into scoring.webhook_delivery (endpoint_id, message_id) select ${endpointId}::uuid, id from message returning id
    `.execute(db);
    afterCommit(em, (hints) => hints.publish(WEBHOOKS_DUE));
    return (await readDelivery(em, queued!.id))!;
  });
}

/** Whether an endpoint of the firm is enabled. It is held until the transaction ends, so that tests count one another. */
async function isEndpointOn(em: EntityManager, id: string, path: readonly string[]): Promise<boolean> {
  const { rows: [endpoint] } = await sql<{ isOn: boolean }>`select disabled_at is null as "isOn" from scoring.webhook_endpoint where id = ${id} for no key update`.execute(em.getKysely<unknown>());
  if (!endpoint) throw notFound(path);
  return endpoint.isOn;
}

function demandOn(isOn: boolean, path: readonly string[]): void {
  if (!isOn) throw new Refusal('NOT_ALLOWED', 'The endpoint is disabled; enable it first.', path);
}

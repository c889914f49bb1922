import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import type { DeliveryState, DisabledReason, WebhookFailure } from './webhook-attempt.js';
import type { WebhookType } from './webhook-event.js';

/** An endpoint as its firm sees it. */
export interface EndpointState {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly WebhookType[];
  readonly disabledBecause: DisabledReason | null;
  readonly disabledAt: string | null;
  readonly failingSince: string | null;
  readonly formerSecretUntil: string | null;
  readonly createdAt: string;
}

/** The columns of an `EndpointState`, of `scoring.webhook_endpoint`. */
export const endpointColumns = sql`
  id, url, description, to_jsonb(events) as events, disabled_because as "disabledBecause", disabled_at::text as "disabledAt", failing_since::text as "failingSince",
  case when former_secret_until > clock_timestamp() then former_secret_until::text end as "formerSecretUntil", created_at::text as "createdAt"
`;

/** Every endpoint of the firm, the oldest first. */
export async function readEndpoints(em: Reader): Promise<readonly EndpointState[]> {
  const { rows } = await sql<EndpointState>`select ${endpointColumns} from scoring.webhook_endpoint order by id`.execute(em.getKysely<unknown>());
  return rows;
}

/** A delivery as its firm sees it. */
export interface DeliveryRecord {
  readonly id: string;
  readonly webhookId: string;
  readonly type: string;
  readonly body: string;
  readonly state: DeliveryState;
  readonly queuedAt: string;
  readonly nextAttemptAt: string | null;
  readonly attempts: readonly AttemptRecord[];
}

export interface AttemptRecord {
  readonly at: string;
  readonly milliseconds: number;
  readonly status: number | null;
  readonly failure: WebhookFailure | null;
  readonly excerpt: string | null;
}

/** As many attempts of one delivery as are shown, the latest. */
const MOST_ATTEMPTS = 20;

/** The columns of a `DeliveryRecord`, of a delivery `d`, its message `m` and its endpoint `e`. */
const deliveryColumns = sql`
  d.id, 'msg_' || m.id as "webhookId", m.type, m.body, m.created_at::text as "queuedAt",
  case when d.delivered_at is not null then 'DELIVERED' when d.given_up_at is not null then 'GIVEN_UP' else 'PENDING' end as state,
  case when e.disabled_at is null then d.due_at::text end as "nextAttemptAt",
  coalesce((
    select jsonb_agg(jsonb_build_object('at', a.began_at, 'milliseconds', a.milliseconds, 'status', a.status, 'failure', a.failure, 'excerpt', a.excerpt) order by a.id desc)
    from (select * from scoring.webhook_attempt where firm_id = d.firm_id and delivery_id = d.id order by id desc limit ${MOST_ATTEMPTS}) a
  ), '[]') as attempts
`;

const deliveries = sql`
  scoring.webhook_delivery d
  join scoring.webhook_message m on m.firm_id = d.firm_id and m.id = d.message_id
  join scoring.webhook_endpoint e on e.firm_id = d.firm_id and e.id = d.endpoint_id
`;

/**
 * Deliveries to an endpoint of the firm, the latest queued first, after one of them; none when the firm has no such endpoint.
 * `failed`: those that have not arrived, and were tried.
 */
export async function listDeliveries(em: Reader, endpointId: string, limit: number, { after, failed }: { readonly after?: string | undefined; readonly failed: boolean }): Promise<readonly DeliveryRecord[] | undefined> {
  const db = em.getKysely<unknown>();
  const page = sql<DeliveryRecord>`
    select ${deliveryColumns} from ${deliveries}
    where d.endpoint_id = ${endpointId} and (${after ?? null}::uuid is null or d.id < ${after ?? null}::uuid)
      and (not ${failed}::boolean or (d.delivered_at is null and d.attempts > 0))
    order by d.id desc limit ${limit}
  `.execute(db);
  const found = sql<{ is: boolean }>`select true as is from scoring.webhook_endpoint where id = ${endpointId}`.execute(db);
  const { rows } = await page;
  return (await found).rows.length > 0 ? rows : undefined;
}

/** One delivery of the firm. */
export async function readDelivery(em: Reader, id: string): Promise<DeliveryRecord | undefined> {
  const { rows } = await sql<DeliveryRecord>`select ${deliveryColumns} from ${deliveries} where d.id = ${id}`.execute(em.getKysely<unknown>());
  return rows[0];
}

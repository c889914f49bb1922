import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';

/** Sent to one endpoint, and for one firm, at once by one process at most: whoever is slow holds up itself. */
const AT_ONCE_PER_ENDPOINT = 4;
/** The same while everything that is sent to it fails: one shows whether it is back. */
const AT_ONCE_WHILE_FAILING = 1;
const AT_ONCE_PER_FIRM = 12;

/**
 * After so many seconds a delivery that was taken is held to have been lost with its process, and is due again. Longer than
 * an attempt and its noting can take.
 */
const CLAIM_SECONDS = 60;

/** A delivery that this process alone is to send now. */
export interface ClaimedDelivery {
  readonly firmId: string;
  readonly id: string;
  readonly claim: string;
  readonly endpointId: string;
  readonly messageId: string;
  /** Failed ones since it was queued. */
  readonly attempts: number;
  readonly url: string;
  readonly secretId: string;
  /** Null: only the one above signs. */
  readonly formerSecretId: string | null;
  readonly body: string;
}

/**
 * Takes up to `most` deliveries that are due, and that nobody else takes. `underWay` are those that this process is at: they
 * count against what an endpoint and a firm may have at once. Firms and endpoints come in turns, whatever waits for each.
 */
export async function claimDeliveries(room: Room, most: number, underWay: readonly Pick<ClaimedDelivery, 'firmId' | 'endpointId'>[]): Promise<readonly ClaimedDelivery[]> {
  const busy = JSON.stringify(underWay.map(({ firmId, endpointId }) => ({ firmId, endpointId })));
  const { rows } = await room.db.asSystem().inOneTrip((em) =>
    sql<ClaimedDelivery>`
      with busy as materialized (
        select "firmId" as firm_id, "endpointId" as endpoint_id from jsonb_to_recordset(${busy}::jsonb) as b ("firmId" uuid, "endpointId" uuid)
      ), waiting as (
        select d.firm_id, d.id, d.due_at, row_number() over (partition by d.firm_id, d.endpoint_id order by d.due_at)
          + (select count(*) from busy b where b.endpoint_id = d.endpoint_id) as place_in_endpoint, d.endpoint_id,
          case when e.failing_since is null then ${AT_ONCE_PER_ENDPOINT}::int else ${AT_ONCE_WHILE_FAILING}::int end as places
        from scoring.webhook_endpoint e cross join lateral (
          select firm_id, id, endpoint_id, due_at from scoring.webhook_delivery
          where firm_id = e.firm_id and endpoint_id = e.id and due_at <= clock_timestamp() order by due_at limit ${AT_ONCE_PER_ENDPOINT}::int
        ) d
        where e.disabled_at is null
      ), turn as (
        select firm_id, id, due_at, row_number() over (partition by firm_id order by place_in_endpoint, due_at)
          + (select count(*) from busy b where b.firm_id = w.firm_id) as place_in_firm
        from waiting w where place_in_endpoint <= places
      ), chosen as (
        select firm_id, id from turn where place_in_firm <= ${AT_ONCE_PER_FIRM}::int order by place_in_firm, due_at limit ${most}::int
      ), taken as (
        -- What another process took meanwhile is locked, or no longer due.
        select d.firm_id, d.id from scoring.webhook_delivery d join chosen c on c.firm_id = d.firm_id and c.id = d.id
        where d.due_at <= clock_timestamp() for update of d skip locked
      )
      update scoring.webhook_delivery d set due_at = clock_timestamp() + make_interval(secs => ${CLAIM_SECONDS}::int), claim = gen_random_uuid()
      from taken t
      join scoring.webhook_delivery w on w.firm_id = t.firm_id and w.id = t.id
      join scoring.webhook_endpoint e on e.firm_id = w.firm_id and e.id = w.endpoint_id
      join scoring.webhook_message m on m.firm_id = w.firm_id and m.id = w.message_id
      where d.firm_id = t.firm_id and d.id = t.id
      returning d.firm_id as "firmId", d.id, d.claim, d.endpoint_id as "endpointId", d.message_id as "messageId", d.attempts, e.url, e.secret_id as "secretId",
        case when e.former_secret_until > clock_timestamp() then e.former_secret_id end as "formerSecretId", m.body
    `.execute(em.getKysely<unknown>()),
  );
  return rows;
}

/** Gives back what was taken and not sent, or not known to be: it is due at once, and no attempt is counted. */
export async function releaseDelivery(room: Room, { firmId, id, claim }: ClaimedDelivery): Promise<void> {
  await room.db.asSystem().inOneTrip((em) =>
    sql`
      update scoring.webhook_delivery set due_at = clock_timestamp(), claim = null where firm_id = ${firmId}::uuid and id = ${id}::uuid and claim = ${claim}::uuid
    `.execute(em.getKysely<unknown>()),
  );
}

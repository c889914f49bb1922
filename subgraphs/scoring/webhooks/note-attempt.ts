import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import type { ClaimedDelivery } from './claim-deliveries.js';
import { secondsToNextAttempt } from './retry-schedule.js';
import type { Outcome } from './send-webhook.js';
import { GONE, MOST_FAILING_DAYS, type DisabledReason } from './webhook-attempt.js';

/**
 * Notes how an attempt went: in the log in any case, and, unless somebody else has taken the delivery since, what comes of
 * it. Returns why its endpoint was disabled by this, if it was.
 */
export async function noteAttempt(room: Room, { firmId, id, claim, endpointId, attempts }: ClaimedDelivery, outcome: Outcome): Promise<DisabledReason | undefined> {
  const { beganAt, milliseconds, status, failure, excerpt } = outcome;
  const seconds = failure === null ? undefined : secondsToNextAttempt(attempts + 1, Math.random(), outcome.retryAfter);
  const hasFailed = failure !== null;
  const { rows: [told] } = await room.db.asSystem().inOneTrip((em) =>
    sql<{ reason: DisabledReason | null }>`
      with attempt as (
        insert into scoring.webhook_attempt (firm_id, delivery_id, began_at, milliseconds, status, failure, excerpt)
        select firm_id, id, to_timestamp(${beganAt}::float8 / 1000), ${milliseconds}::int, ${status}::int, ${failure}::text, ${excerpt}::text from scoring.webhook_delivery where firm_id = ${firmId}::uuid and id = ${id}::uuid
      ), moved as (
        update scoring.webhook_delivery set claim = null, attempts = attempts + 1, due_at = clock_timestamp() + make_interval(secs => ${seconds ?? null}::float8),
          delivered_at = case when not ${hasFailed}::boolean then clock_timestamp() end, given_up_at = case when ${hasFailed && seconds === undefined}::boolean then clock_timestamp() end
        where firm_id = ${firmId}::uuid and id = ${id}::uuid and claim = ${claim}::uuid
      ), endpoint as (
        select firm_id, id, case when disabled_at is not null or not ${hasFailed}::boolean then null when ${status === GONE}::boolean then 'GONE'
          when failing_since < clock_timestamp() - make_interval(days => ${MOST_FAILING_DAYS}::int) then 'FAILING' end as reason
        from scoring.webhook_endpoint where firm_id = ${firmId}::uuid and id = ${endpointId}::uuid
      )
      update scoring.webhook_endpoint e set failing_since = case when ${hasFailed}::boolean then coalesce(e.failing_since, to_timestamp(${beganAt}::float8 / 1000)) end,
        disabled_at = case when reason is null then e.disabled_at else clock_timestamp() end, disabled_because = coalesce(reason, e.disabled_because)
      from endpoint where e.firm_id = endpoint.firm_id and e.id = endpoint.id
        -- Most attempts change nothing of it.
        and (reason is not null or (e.failing_since is null) = ${hasFailed}::boolean)
      returning reason
    `.execute(em.getKysely<unknown>()),
  );
  return told?.reason ?? undefined;
}

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
  return room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // The endpoint first, as whoever deletes it does; it may be gone, and its deliveries with it.
    const { rows: [endpoint] } = await sql<{ isOn: boolean; hasFailedLong: boolean }>`
      select disabled_at is null as "isOn", coalesce(failing_since < clock_timestamp() - make_interval(days => ${MOST_FAILING_DAYS}), false) as "hasFailedLong"
      from scoring.webhook_endpoint where firm_id = ${firmId} and id = ${endpointId} for no key update
    `.execute(db);
    if (!endpoint) return undefined;
    const { rows: [noted] } = await sql<{ id: string }>`
      insert into scoring.webhook_attempt (firm_id, delivery_id, began_at, milliseconds, status, failure, excerpt)
      select firm_id, id, to_timestamp(${beganAt}::float8 / 1000), ${milliseconds}::int, ${status}::int, ${failure}::text, ${excerpt}::text from scoring.webhook_delivery where firm_id = ${firmId} and id = ${id}
      returning delivery_id as id
    `.execute(db);
    if (!noted) return undefined;
    await sql`
      update scoring.webhook_delivery set claim = null, attempts = attempts + 1, due_at = clock_timestamp() + make_interval(secs => ${seconds ?? null}::float8),
        delivered_at = case when ${failure === null}::boolean then clock_timestamp() end, given_up_at = case when ${failure !== null && seconds === undefined}::boolean then clock_timestamp() end
      where firm_id = ${firmId} and id = ${id} and claim = ${claim}
    `.execute(db);
    if (failure === null) {
      await sql`update scoring.webhook_endpoint set failing_since = null where firm_id = ${firmId} and id = ${endpointId} and failing_since is not null`.execute(db);
      return undefined;
    }
    const reason = !endpoint.isOn ? undefined : status === GONE ? 'GONE' : endpoint.hasFailedLong ? 'FAILING' : undefined;
    await sql`
      update scoring.webhook_endpoint set failing_since = coalesce(failing_since, to_timestamp(${beganAt}::float8 / 1000)),
        disabled_at = case when ${reason ?? null}::text is null then disabled_at else clock_timestamp() end, disabled_because = coalesce(${reason ?? null}::text, disabled_because)
      where firm_id = ${firmId} and id = ${endpointId}
    `.execute(db);
    return reason;
  });
}

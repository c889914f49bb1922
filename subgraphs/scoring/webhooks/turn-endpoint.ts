import { sql } from 'kysely';
import { afterCommit, type FirmDatabase } from '../../../src/database/room-database.js';
import { notFound } from '../../../src/errors.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { WEBHOOKS_DUE } from './queue-webhooks.js';
import { endpointColumns, type EndpointState } from './read-webhooks.js';

/**
 * Turns an endpoint of the firm on or off. While it is off nothing is queued for it, and what was queued waits. Turned on it
 * starts anew, as if it had never failed. Again it changes nothing.
 */
export async function turnEndpoint(firm: FirmDatabase, id: string, isOn: boolean): Promise<EndpointState> {
  if (!isUuid(id)) throw notFound(['input', 'id']);
  return firm.transaction(async (em) => {
    const db = em.getKysely<unknown>();
    await (isOn
      ? sql`update scoring.webhook_endpoint set disabled_at = null, disabled_because = null, failing_since = null where id = ${id} and disabled_at is not null`
      : sql`update scoring.webhook_endpoint set disabled_at = clock_timestamp(), disabled_because = 'ASKED' where id = ${id} and disabled_at is null`
    ).execute(db);
    const { rows: [endpoint] } = await sql<EndpointState>`select ${endpointColumns} from scoring.webhook_endpoint where id = ${id}`.execute(db);
    if (!endpoint) throw notFound(['input', 'id']);
    if (isOn) afterCommit(em, (hints) => hints.publish(WEBHOOKS_DUE));
    return endpoint;
  });
}

/** Takes an endpoint of the firm away, with all that was queued for it and noted of it. */
export async function deleteEndpoint(firm: FirmDatabase, id: string): Promise<void> {
  const deleted = isUuid(id) ? await firm.transaction((em) => sql`delete from scoring.webhook_endpoint where id = ${id}`.execute(em.getKysely<unknown>())) : undefined;
  if (!deleted?.numAffectedRows) throw notFound(['input', 'id']);
}

import { sql } from 'kysely';
import { notFound } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { demandPerson } from './create-endpoint.js';
import { endpointColumns, type EndpointState } from './read-webhooks.js';
import { printSecret, secretOf } from './webhook-secret.js';

/** For so many hours after a rotation the secret before it signs too. */
const BOTH_HOURS = 24;

/**
 * Gives an endpoint another secret, returned here and never again. The one before signs beside it for a day. Again within
 * that day it gives a third; then the first has ended.
 */
export async function rotateSecret(room: Room, asker: Asker, id: string): Promise<{ endpoint: EndpointState; secret: string }> {
  demandPerson(asker);
  const { firmId } = asker;
  const { rows: [rotated] } = isUuid(id)
    ? await room.db.forFirm(firmId).transaction((em) =>
        sql<EndpointState & { secretId: string }>`
          update scoring.webhook_endpoint set former_secret_id = secret_id, former_secret_until = clock_timestamp() + make_interval(hours => ${BOTH_HOURS}), secret_id = gen_random_uuid()
          where id = ${id} returning ${endpointColumns}, secret_id as "secretId"
        `.execute(em.getKysely<unknown>()),
      )
    : { rows: [] };
  if (!rotated) throw notFound(['input', 'id']);
  const { secretId, ...endpoint } = rotated;
  return { endpoint, secret: printSecret(secretOf(room.keys.webhookKey, { firmId, endpointId: endpoint.id, secretId })) };
}

import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { parseLine } from '../../../src/values/written-text.js';
import { demandTarget, leaveOf } from './check-target.js';
import { endpointColumns, type EndpointState } from './read-webhooks.js';
import type { WebhookType } from './webhook-event.js';
import { printSecret, secretOf } from './webhook-secret.js';

/** Endpoints of one firm. Each event may be sent to all of them. */
const MOST_ENDPOINTS = 10;
const LONGEST_DESCRIPTION = 200;

/** Gives the firm an endpoint. Its secret is returned here and never again. */
export async function createEndpoint(room: Room, asker: Asker, input: { readonly url: string; readonly description: string; readonly events: readonly WebhookType[] }): Promise<{ endpoint: EndpointState; secret: string }> {
  demandPerson(asker);
  const { firmId } = asker;
  const url = demandTarget(input.url, leaveOf(room));
  const description = parseLine(input.description, LONGEST_DESCRIPTION);
  if (description === undefined) throw new Refusal('INVALID', `A description is a line of at most ${LONGEST_DESCRIPTION} characters.`, ['input', 'description']);
  const events = [...new Set(input.events)];
  if (events.length === 0) throw new Refusal('REQUIRED', 'An endpoint is told of at least one kind of event.', ['input', 'events']);
  return room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // Two that are created at once count one another.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`webhook endpoints ${firmId}`}, 0))`.execute(db);
    const { rows: [there] } = await sql<{ count: number }>`select count(*)::int as count from scoring.webhook_endpoint`.execute(db);
    if (there!.count >= MOST_ENDPOINTS) throw new Refusal('LIMIT_REACHED', `A firm has at most ${MOST_ENDPOINTS} endpoints; delete one first.`, ['input']);
    const { rows: [made] } = await sql<EndpointState & { secretId: string }>`
      insert into scoring.webhook_endpoint (url, description, events) values (${url}, ${description}, array(select jsonb_array_elements_text(${JSON.stringify(events)}::jsonb)))
      returning ${endpointColumns}, secret_id as "secretId"
    `.execute(db);
    const { secretId, ...endpoint } = made!;
    return { endpoint, secret: printSecret(secretOf(room.keys.webhookKey, { firmId, endpointId: endpoint.id, secretId })) };
  });
}

/** Refuses an API key: what it sets up would go on telling somebody after the key has ended. */
export function demandPerson(asker: Asker): void {
  if (asker.byKey) throw new Refusal('NOT_ALLOWED', 'An API key can neither make an endpoint nor get a secret: both would outlive it.', []);
}

/** Whether a text can be kept and shown as one line. */
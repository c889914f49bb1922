import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';

/** How long what was told, and how that went, is kept. */
const KEPT_DAYS = 30;
const BATCH = 1000;

/** Forgets what was queued more than thirty days ago, with its deliveries and attempts, whether it was ever delivered or not. */
export async function forgetWebhooks(room: Room): Promise<void> {
  for (let forgotten = BATCH; forgotten === BATCH; ) {
    const { numAffectedRows } = await room.db.asSystem().transaction((em) =>
      sql`
        delete from scoring.webhook_message m using (
          select firm_id, id from scoring.webhook_message where created_at < clock_timestamp() - make_interval(days => ${KEPT_DAYS}) order by created_at limit ${BATCH}
        ) old
        where m.firm_id = old.firm_id and m.id = old.id
      `.execute(em.getKysely<unknown>()),
    );
    forgotten = Number(numAffectedRows ?? 0n);
  }
}

export const forgetWebhooksJob: Job = { name: 'forget-webhooks', everySeconds: 3600, run: forgetWebhooks };
